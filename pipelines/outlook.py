"""What a build would do, and why: the stages, the shards that are there, and what has changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines import content_address as address
from pipelines.build import check_output
from pipelines.build_steps import tables_key
from pipelines.dedup.exchange import partition_count
from pipelines.jobs import tasks as stage
from pipelines.jobs.dependencies import (
    annotate_ingredients,
    count_ingredients,
    deduplicate_ingredients,
    ingest_ingredients,
    tables_ingredients,
)
from pipelines.jobs.job import Task, unfinished
from pipelines.sources.input_hashes import InputHashes
from pipelines.sources.plan import Plan, plan_inputs
from pipelines.stage_record import changes, read_record
from pipelines.vocabulary.tables import read_tables
from schemas.location import Location
from schemas.recipe import Recipe


@dataclass(frozen=True, slots=True)
class StageOutlook:
    """A stage's shards and how many of them would be made; ``certain`` is False where that number is the most.

    A later stage starts from what an earlier one finds, so its shards are certain only when that one has run.
    """

    name: str
    shards: int
    to_run: int
    certain: bool
    reasons: tuple[str, ...]


def outlook(recipe: Recipe, inputs: Sequence[tuple[str, str]], output: Location) -> list[StageOutlook]:
    """The stages in order. Writes nothing; raises what a build would refuse with."""
    check_output(output, recipe)
    plan = plan_inputs(
        tuple(inputs), recipe.sources.split_bytes, InputHashes.read(output), recipe.sources.commoncrawl.index
    )
    record = read_record(output)

    def look(name: str, tasks: Sequence[Task], made_from: address.Ingredients, known: bool) -> StageOutlook:
        missing = len(unfinished(tasks)) if known else len(tasks)
        why = changes(record.get(name), made_from)
        if name == "ingest":
            why += _changed_inputs(plan, output)
        if not known:
            why.append("depends on what the stages before find")
        if missing and not why:
            why.append("not built yet" if missing == len(tasks) and name not in record else "shards not there")
        return StageOutlook(name, len(tasks), missing, known, tuple(why) if missing else ())

    made_from = ingest_ingredients(recipe)
    ingest = stage.ingest_tasks(plan, made_from, output)
    stages = [look("ingest", ingest, made_from, True)]

    made_from = deduplicate_ingredients(recipe)
    clusters = None
    cluster: list[Task] = []
    if not stages[0].to_run:
        sizes = stage.signature_counts(ingest)
        scatter = stage.scatter_tasks(ingest, sizes, made_from, output, lines=recipe.deduplicate.lines > 0)
        gather = stage.gather_tasks(scatter, partition_count(sum(sizes)), made_from, output)
        cluster = [stage.cluster_task(gather, made_from, output)]
        clusters = stage.Clusters.read(cluster[0]) if cluster[0].is_done else None
    stages.append(look("deduplicate", cluster or ingest[:1], made_from, bool(cluster)))

    made_from = count_ingredients(recipe)
    words = recipe.vocabulary.words > 0
    count = stage.count_tasks(ingest, clusters, made_from, output, words=words) if clusters else ingest
    stages.append(look("vocabulary", count, made_from, clusters is not None))

    made_from = tables_ingredients(recipe)
    tables = read_tables(output, tables_key(count, made_from)) if clusters else None
    certain = clusters is not None and not stages[-1].to_run
    why = changes(record.get("tables"), made_from) or ["counts are not there" if certain else "counts may change"]
    stages.append(
        StageOutlook(
            "tables", 1, int(tables is None), certain or tables is not None, tuple(why) if tables is None else ()
        )
    )

    made_from = annotate_ingredients(recipe, tables.files if tables else {})
    if clusters and tables:
        annotate = stage.annotate_tasks(ingest, clusters, made_from, output)
        stages.append(look("annotate", annotate, made_from, True))
    else:
        before = {name: value for name, value in record.get("annotate", {}).items() if not name.startswith("table ")}
        why = changes(before if "annotate" in record else None, made_from)
        stages.append(
            StageOutlook("annotate", len(ingest), len(ingest), False, (*why, "depends on what the stages before find"))
        )
    return stages


def _changed_inputs(plan: Plan, output: Location) -> list[str]:
    """Splits that are new since the last plan of this corpus, and those that are no longer in it."""
    path = output / "plan.json"
    if not path.is_file():
        return []
    before = {split.identity for split in Plan.from_json(path.read_text(encoding="utf-8")).splits}
    now = {split.identity for split in plan.splits}
    counts = ((len(now - before), "new"), (len(before - now), "gone"))
    return [f"inputs: {count:,} {kind} splits" for count, kind in counts if count]
