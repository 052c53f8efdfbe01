"""What a build would do, and why: the list of stages looked at instead of run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from hanmill.pipelines.build.build import check_build
from hanmill.pipelines.build.content_address import Ingredients
from hanmill.pipelines.build.dependencies import annotate_ingredients
from hanmill.pipelines.build.input_hashes import InputHashes
from hanmill.pipelines.build.plan import PLAN_NAME, Plan, plan_inputs, planned_identities
from hanmill.pipelines.build.stage_record import changes, read_record
from hanmill.pipelines.build.stages import BuildState, Stage
from hanmill.pipelines.build.task_list import unfinished
from hanmill.schemas.location import Location
from hanmill.schemas.recipe import Recipe


@dataclass(frozen=True, slots=True)
class PartOutlook:
    """A part of a build, its shards and how many would be made; ``certain`` is False where that number is the most.

    A later stage starts from what an earlier one finds, so its shards are certain only when that one has run.
    """

    name: str
    shards: int
    to_run: int
    certain: bool
    reasons: tuple[str, ...]


def dry_run(recipe: Recipe, inputs: Sequence[tuple[str, str]], output: Location) -> list[PartOutlook]:
    """The parts in order. Writes nothing; raises what a build would refuse with."""
    check_build(recipe, output)
    state = BuildState(recipe, plan_inputs(tuple(inputs), recipe.sources, InputHashes.read(output)), output)
    record = read_record(output)
    done: set[str] = set()
    parts: dict[str, list[tuple[int, int, bool]]] = {}
    for stage in state.stages:
        if stage.for_stage:
            continue
        shards, to_run, certain = _look(state, stage, done)
        parts.setdefault(stage.part, []).append((shards, to_run, certain))
        if certain and not to_run:
            done.add(stage.name)
    made_from = dict(state.made_from)
    if {"cluster", "tables"} <= done:
        made_from["annotate"] = annotate_ingredients(recipe, state.tables.files)
    return [_outlook(name, looked, made_from[name], record.get(name), state) for name, looked in parts.items()]


def _look(state: BuildState, stage: Stage, done: set[str]) -> tuple[int, int, bool]:
    """Shards, those to be made, and whether that is certain."""
    if not set(stage.needs) <= done:
        most = stage.shards(state.plan)
        return most, most, False
    tasks = state.tasks(stage.name)
    return len(tasks), len(unfinished(tasks)), True


def _outlook(
    name: str,
    looked: Sequence[tuple[int, int, bool]],
    made_from: Ingredients,
    before: Ingredients | None,
    state: BuildState,
) -> PartOutlook:
    shards, to_run = (max(stage[place] for stage in looked) for place in (0, 1))
    certain = all(stage[2] for stage in looked)
    why = changes(_comparable(before, made_from), made_from)
    if name == "ingest":
        why += _changed_inputs(state.plan, state.output)
    if not certain:
        why.append("depends on what the stages before find")
    if to_run and not why:
        why.append("not built yet" if before is None else "shards not there")
    return PartOutlook(name, shards, to_run, certain, tuple(why) if to_run else ())


def _comparable(before: Ingredients | None, now: Ingredients) -> Mapping[str, str] | None:
    """What a part was made from, without the tables where those of now are not known."""
    if before is None or any(name.startswith("table ") for name in now):
        return before
    return {name: value for name, value in before.items() if not name.startswith("table ")}


def _changed_inputs(plan: Plan, output: Location) -> list[str]:
    """Splits that are new since the last plan of this corpus, and those that are no longer in it."""
    path = output / PLAN_NAME
    if not path.is_file():
        return []
    before, now = (pc.unique(identities) for identities in (planned_identities(path), plan.identities))
    counts = ((_beside(now, before), "new"), (_beside(before, now), "gone"))
    return [f"inputs: {count:,} {kind} splits" for count, kind in counts if count]


def _beside(some: pa.Array, others: pa.Array) -> int:
    """How many of ``some`` are not among ``others``."""
    return len(some) - (pc.sum(pc.is_in(some, others)).as_py() or 0)
