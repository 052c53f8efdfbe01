"""What a build would do, and why: the stages, the shards that are there, and what has changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines import content_address as address
from pipelines.build import check_build
from pipelines.build_steps import BuildSteps, tables_key
from pipelines.jobs.dependencies import (
    annotate_ingredients,
    count_ingredients,
    deduplicate_ingredients,
    tables_ingredients,
)
from pipelines.jobs.job import Task, unfinished
from pipelines.jobs.tasks import annotate_tasks
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
    check_build(recipe, output)
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

    steps = BuildSteps(recipe, plan, output)
    ingest = steps.ingest.tasks
    stages = [look("ingest", ingest, steps.ingest.made_from, True)]

    ingested = not stages[0].to_run
    stages.append(
        look("deduplicate", steps.cluster.tasks if ingested else ingest[:1], deduplicate_ingredients(recipe), ingested)
    )

    clustered = ingested and not stages[-1].to_run
    count = steps.count.tasks if clustered else ingest
    stages.append(look("vocabulary", count, count_ingredients(recipe), clustered))

    made_from = tables_ingredients(recipe)
    tables = read_tables(output, tables_key(count, made_from)) if clustered else None
    certain = clustered and not stages[-1].to_run
    why = changes(record.get("tables"), made_from) or ["counts are not there" if certain else "counts may change"]
    stages.append(
        StageOutlook(
            "tables", 1, int(tables is None), certain or tables is not None, tuple(why) if tables is None else ()
        )
    )

    made_from = annotate_ingredients(recipe, tables.files if tables else {})
    if clustered and tables:
        annotate = annotate_tasks(ingest, steps.clusters, made_from, output)
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
