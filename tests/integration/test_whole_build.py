"""The graph that is handed to a service builds what a build that is led from here does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import apache_beam as beam
import pyarrow.parquet as pq
import pytest
from apache_beam.coders.coders import Coder
from apache_beam.runners.pipeline_context import PipelineContext
from apache_beam.testing.util import assert_that, equal_to
from click.testing import CliRunner

from hanmill.pipelines.commands.main import main
from hanmill.pipelines.dedup import exchange, steps
from hanmill.pipelines.engines.beam_runner import run_graph
from hanmill.pipelines.engines.build_graph import BuildCorpus
from hanmill.pipelines.engines.engine_options import EngineOptionError
from hanmill.pipelines.engines.shard_work import ShardWork
from hanmill.pipelines.engines.single_job import run_single_job
from hanmill.pipelines.engines.worker_check import WorkerMismatchError, worker_versions
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.location import location
from hanmill.schemas.manifest import Manifest
from hanmill.schemas.recipe import Recipe
from hanmill.schemas.recipe_file import load_recipe

PARTS = ("train", "validation", "tables", "documents", "dropped", "counts", "duplicates", "vocabulary")
#: Duplicates, lines and words: everything that a build groups.
RECIPE = (
    "extends: demo\nname: groups\nglyphs: {styles: []}\nsources: {split_bytes: 4096}\n"
    "deduplicate: {near: true, jaccard: 0.5, lines: 1, address: true, keep: newest, text_characters: 30, "
    "text_documents: 1}\nvocabulary: {words: 300}\n"
)


def contents(corpus: Path) -> dict[str, str]:
    found = (path for path in corpus.rglob("*") if path.is_file() and path.name not in (".lock", "times.jsonl"))
    return {str(path.relative_to(corpus)): file_sha256(path) for path in found}


class Counted(BuildCorpus):
    """Checks the number of documents that the graph gives."""

    def __init__(self, recipe: Recipe, inputs: tuple[tuple[str, str], ...], output: str, expected: int) -> None:
        super().__init__(recipe, inputs, output)
        self.expected = expected

    def expand(self, begin: beam.pvalue.PBegin) -> beam.PCollection:
        kept = super().expand(begin)
        assert_that(kept, equal_to([self.expected]))
        return kept


def test_one_graph_gives_the_bytes_of_a_build_led_from_here(
    demo_corpus: Path, sample_inputs: Sequence[str], tmp_path: Path
) -> None:
    inputs = tuple(tuple(item.split("=", 1)) for item in sample_inputs if item != "--input")
    corpus = tmp_path / "corpus"
    build = BuildCorpus(load_recipe("demo"), inputs, str(corpus))
    run_graph(("--runner=FnApiRunner",), "Build", build)
    assert contents(corpus) == contents(demo_corpus)

    before = {path: path.stat().st_mtime_ns for part in PARTS for path in (corpus / part).rglob("*.parquet")}
    kept = Manifest.load(corpus).accounting.kept

    run_graph(("--runner=FnApiRunner",), "Build", Counted(build.recipe, build.inputs, build.output, kept))
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.fixture
def grouped(repository: Path, tmp_path: Path) -> tuple[Path, Sequence[tuple[str, str]]]:
    """A recipe and inputs with copies, whose words, lines and duplicates are looked for."""
    recipe = tmp_path / "groups.yaml"
    recipe.write_text(RECIPE, encoding="utf-8")
    (tmp_path / "again").mkdir()
    for path in (repository / "samples" / "wikipedia").glob("zhwiki-*-multistream.xml.bz2"):
        (tmp_path / "again" / f"again-{path.name}").write_bytes(path.read_bytes())
    return recipe, (
        ("wikipedia", f"{repository}/samples/wikipedia/[jz]*-multistream.xml.bz2"),
        ("wikipedia", f"{tmp_path}/again/*.bz2"),
        ("commoncrawl", f"{repository}/samples/commoncrawl/*.warc.gz"),
    )


def counters(result: beam.runners.runner.PipelineResult) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in result.metrics().query()["counters"]:
        if one.key.metric.namespace == "hanmill":
            found[one.key.metric.name] = found.get(one.key.metric.name, 0) + one.committed
    return found


def test_many_groups_give_the_bytes_of_one_and_counters_mirror_the_accounting(
    grouped: tuple[Path, Sequence[tuple[str, str]]],
    build_here: Callable[..., Manifest],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    written_in_order: Callable[[Path], None],
) -> None:
    recipe, inputs = grouped
    account = build_here(recipe, inputs, tmp_path / "local").accounting
    monkeypatch.setattr(steps, "DOCUMENTS_PER_NODE_GROUP", 8)
    monkeypatch.setattr(exchange, "DOCUMENTS_PER_PARTITION", range(8, 8))
    pipeline = beam.Pipeline(runner="FnApiRunner")
    pipeline | BuildCorpus(load_recipe(str(recipe)), tuple(inputs), str(tmp_path / "beam"), in_process=True)
    result = pipeline.run()
    result.wait_until_finish()
    assert contents(tmp_path / "beam") == contents(tmp_path / "local")
    written_in_order(tmp_path / "beam")
    found = counters(result)
    assert found["read"] == account.read
    assert found["kept"] == account.kept
    for outcome in ("dropped", "failed"):
        counts = {f"{outcome}/{rule}": count for rule, count in getattr(account, outcome).items()}
        assert {name: count for name, count in found.items() if name.startswith(f"{outcome}/")} == counts
    (repeated,) = (tmp_path / "beam" / "duplicates").glob("repeated-*.parquet")
    assert pq.read_metadata(repeated).num_rows > 0
    assert account.dropped["same_document@1"] > 5


def test_what_a_killed_run_has_left_is_taken_up_whatever_is_lost(
    grouped: tuple[Path, Sequence[tuple[str, str]]], build_here: Callable[..., Manifest], tmp_path: Path
) -> None:
    recipe, inputs = grouped
    build_here(recipe, inputs, tmp_path / "local")
    expected = contents(tmp_path / "local")
    for lost in (("documents", "counts"), ("duplicates", "train"), ("signatures", "words"), ("vocabulary",)):
        for folder in lost:
            sorted((tmp_path / "local" / folder).iterdir())[-1].unlink()
        run_graph(
            ("--runner=FnApiRunner",),
            "Build",
            BuildCorpus(load_recipe(str(recipe)), tuple(inputs), str(tmp_path / "local"), in_process=True),
        )
        assert contents(tmp_path / "local") == expected, lost


def test_what_crosses_a_shuffle_are_arrays_under_numbers(tmp_path: Path) -> None:
    """Keys have deterministic coders; hashes, links, verdicts and counts are Arrow, and nothing of text is there."""
    pipeline = beam.Pipeline(runner="FnApiRunner")
    recipe = tmp_path / "groups.yaml"
    recipe.write_text(RECIPE, encoding="utf-8")
    pipeline | "Build" >> BuildCorpus(load_recipe(str(recipe)), (("wikipedia", "x"),), str(tmp_path), in_process=True)
    components = pipeline.to_runner_api().components
    context = PipelineContext(components)
    kinds: dict[str, set[str]] = {}
    for transform in components.transforms.values():
        if transform.spec.urn in ("beam:transform:group_by_key:v1", "beam:transform:combine_per_key:v1"):
            (source,) = transform.inputs.values()
            pair = components.coders[components.pcollections[source].coder_id]
            key, value = (components.coders[coder] for coder in pair.component_coder_ids)
            assert Coder.from_runner_api(key, context).is_deterministic(), transform.unique_name
            kinds[transform.unique_name] = {value.spec.urn} | {
                components.coders[part].spec.urn for part in value.component_coder_ids
            }
    arrays = "hanmill:coder:record_batch:v1"
    rounds = (f"{size}{number}" for number in range(1, steps.ROUNDS + 1) for size in ("Large", "Small"))
    for step in (*rounds, "Last", "Deeper", "Roots", "Label", "Decide"):
        assert arrays in kinds[f"Build/Deduplicate/Components/{step}Groups/CoGroupByKeyImpl/GroupByKey"], step
    assert arrays in kinds["Build/Deduplicate/Link/LinkGroups/CoGroupByKeyImpl/GroupByKey"]
    for name in ("Deduplicate/ByLine", "Vocabulary/AddCharacters", "Vocabulary/AddWords"):
        assert kinds[f"Build/{name}"] == {arrays}
    assert {"Build/Deduplicate/ByShard/CoGroupByKeyImpl/GroupByKey", "Build/Blocks"} <= set(kinds)


@pytest.mark.parametrize(
    ("inputs", "output", "named"),
    [
        ((("wikipedia", "dumps/*.bz2"),), "gs://bucket/corpus", r"dumps/\*\.bz2"),
        ((("wikipedia", "gs://bucket/*.bz2"),), "corpus", "corpus"),
    ],
)
def test_a_path_of_this_machine_is_refused(inputs: tuple[tuple[str, str], ...], output: str, named: str) -> None:
    message = f"DataflowRunner: {named}: found a path of this machine, expected gs://"
    with pytest.raises(EngineOptionError, match=message):
        run_single_job(load_recipe("demo"), inputs, location(output), "DataflowRunner", ("--sdk_container_image=x",))


def test_force_is_refused_where_nothing_is_led_from_here() -> None:
    arguments = ["build", "demo", "--input", "wikipedia=gs://b/*", "--output", "gs://b/c", "--force", "ingest"]
    result = CliRunner().invoke(main, [*arguments, "--runner", "DataflowRunner", "--region=x"])
    assert result.exit_code == 2
    assert "--force is for builds that are led from here, not for DataflowRunner" in result.output


def test_a_worker_with_other_libraries_refuses() -> None:
    with pytest.raises(WorkerMismatchError, match=r"opencc: worker .*, launcher 0\.1"):
        ShardWork(worker_versions() | {"opencc": "0.1"}).setup()
