"""A build, stage by stage: plan, ingest, deduplicate, vocabulary, annotate, finish.

Every stage reads files and writes files under content addresses, so that a build that was killed goes on where
it stood, and a changed setting re-runs only the stages it touches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from pipelines import content_address as address
from pipelines.dedup.duplicates import DUPLICATES, find_duplicates, read_candidates
from pipelines.finish.corpus import finish
from pipelines.jobs.annotate import AnnotateJob
from pipelines.jobs.count import CountJob
from pipelines.jobs.ingest import IngestJob
from pipelines.jobs.job import Job, Task
from pipelines.sources.plan import Plan, plan_inputs
from pipelines.stages.engine import Engine
from pipelines.storage.shards import write_table, write_text
from pipelines.vocabulary.characters import variant_graph
from pipelines.vocabulary.tables import Tables, build_tables
from schemas.manifest import Manifest
from schemas.recipe import Recipe
from schemas.recipe_file import dump_recipe
from schemas.typed_mapping import to_mapping

RECIPE_NAME = "recipe.yaml"

#: Shows a stage's progress while its tasks run: given the stage's name and its tasks.
Progress = Callable[[str, Sequence[Task]], AbstractContextManager[None]]


class OutputError(ValueError):
    """An output folder that belongs to something else."""


@dataclass(frozen=True, slots=True)
class Build:
    """One build: what goes in, where it goes, what runs it."""

    recipe: Recipe
    inputs: tuple[tuple[str, str], ...]
    output: Path
    engine: Engine
    progress: Progress

    def run(self) -> Manifest:
        """Builds the corpus. Raises before anything is written where the inputs or the output are wrong."""
        check_output(self.output, self.recipe)
        variant_graph(self.recipe.unihan)
        plan = plan_inputs(self.inputs, self.recipe.sources.split_bytes)
        self.output.mkdir(parents=True, exist_ok=True)
        write_text(self.output / RECIPE_NAME, dump_recipe(self.recipe))
        write_text(self.output / "plan.json", plan.to_json())

        ingest = self._run(IngestJob(self.recipe), ingest_tasks(plan, self.recipe, self.output))
        duplicates = self._deduplicate(ingest)
        counts = self._run(CountJob(self.recipe), count_tasks(ingest, duplicates, self.recipe, self.output))
        tables = self._build_tables(counts)
        annotate = annotate_tasks(ingest, duplicates, tables, self.recipe, self.output)
        self._run(AnnotateJob(self.recipe, str(self.output / "tables")), annotate)
        return finish(self.output, self.recipe, plan, annotate, tables)

    def _run(self, job: Job, tasks: Sequence[Task]) -> Sequence[Task]:
        with self.progress(job.name, tasks):
            left = [task for task in tasks if not task.is_done]
            if left:
                self.engine.run(job, left)
        return tasks

    def _deduplicate(self, ingest: Sequence[Task]) -> Path:
        settings = self.recipe.deduplicate
        code = address.code_version(("dedup",))
        key = address.key("deduplicate", [task.key for task in ingest], to_mapping(settings), code)
        path = self.output / "duplicates" / f"duplicates-{key}.parquet"
        if not path.exists():
            names = [Path(task.done).name for task in ingest]
            candidates = read_candidates([self.output / "signatures" / name for name in names])
            table = find_duplicates(candidates, names, settings)
            write_table(path, table.cast(DUPLICATES), {"stage": "deduplicate", "key": key})
        return path

    def _build_tables(self, counts: Sequence[Task]) -> Tables:
        recipe = self.recipe
        key = address.key(
            "tables",
            sorted(task.key for task in counts),
            to_mapping((recipe.vocabulary, recipe.unihan, recipe.glyphs)),
            address.file_hashes((recipe.vocabulary.characters, recipe.unihan.file)),
            address.code_version(address.TABLES_CODE),
            address.library_versions((*address.ANNOTATE_LIBRARIES, *address.GLYPH_LIBRARIES)),
        )
        shards = [Path(task.done) for task in counts]
        words = [self.output / "word_counts" / shard.name for shard in shards] if recipe.vocabulary.words else []
        return build_tables(self.output, key, shards, words, recipe)


def check_output(output: Path, recipe: Recipe) -> None:
    """Raises OutputError where ``output`` is no folder, another recipe's corpus, or holds files of someone else."""
    if output.exists() and not output.is_dir():
        raise OutputError(f"--output {output}: is a file, expected a folder")
    marker = output / RECIPE_NAME
    if marker.is_file():
        first = marker.read_text(encoding="utf-8").partition("\n")[0]
        if first != f"name: {recipe.name}":
            raise OutputError(f"--output {output}: holds a corpus of recipe {first!r}, not of 'name: {recipe.name}'")
    elif output.is_dir() and any(output.iterdir()):
        raise OutputError(f"--output {output}: is not empty and holds no {RECIPE_NAME}: not a corpus of hanmill")


def ingest_tasks(plan: Plan, recipe: Recipe, output: Path) -> list[Task]:
    """One task a split, in the order of the plan."""
    settings = (recipe.sources, recipe.clean, recipe.normalize, recipe.output.row_group_rows, recipe.deduplicate.near)
    common = (
        to_mapping(settings),
        address.file_hashes([rule.file for rule in recipe.clean.rules]),
        address.code_version(address.INGEST_CODE),
        address.library_versions(address.INGEST_LIBRARIES),
    )
    tasks = []
    for planned in plan.splits:
        key = address.key("ingest", planned.identity, *common)
        split = planned.split
        label = f"{split.path} bytes {split.start:,}-{split.end:,}"
        tasks.append(Task(key, _shard(output, "documents", key), label, split))
    return tasks


def count_tasks(ingest: Sequence[Task], duplicates: Path, recipe: Recipe, output: Path) -> list[Task]:
    """One task a shard of documents."""
    words = to_mapping(recipe.segment) if recipe.vocabulary.words else None
    common = (duplicates.name, words, *_annotators())
    return [_after(task, "counts", address.key("count", task.key, *common), duplicates, output) for task in ingest]


def annotate_tasks(
    ingest: Sequence[Task], duplicates: Path, tables: Tables, recipe: Recipe, output: Path
) -> list[Task]:
    """One task a shard of documents; the glyph table is none of its business."""
    used = {name: file.sha256 for name, file in tables.files.items() if name not in ("glyphs", "clusters")}
    models = [recipe.segment.chinese_model] if Path(recipe.segment.chinese_model).is_file() else []
    common = (
        duplicates.name,
        used,
        to_mapping((recipe.segment, recipe.readings, recipe.output)),
        address.file_hashes(models),
        *_annotators(),
    )
    return [_after(task, "train", address.key("annotate", task.key, *common), duplicates, output) for task in ingest]


def _annotators() -> tuple[str, dict[str, str]]:
    return address.code_version(address.ANNOTATE_CODE), address.library_versions(address.ANNOTATE_LIBRARIES)


def _after(ingest: Task, stage: str, key: str, duplicates: Path, output: Path) -> Task:
    reads = (("documents", ingest.done), ("duplicates", str(duplicates)))
    return Task(key, _shard(output, stage, key), ingest.label, ingest.split, reads)


def _shard(output: Path, stage: str, key: str) -> str:
    return str(output / stage / f"part-{key}.parquet")
