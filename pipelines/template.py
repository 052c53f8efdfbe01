"""The template of a corpus build for an engine that starts it later: the ingest stage as a staged job graph."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipelines.jobs import tasks as stage
from pipelines.jobs.dependencies import ingest_ingredients
from pipelines.jobs.ingest import IngestJob
from pipelines.sources.plan import plan_inputs
from pipelines.stages.engine import Engine
from schemas.recipe import Recipe


def stage_template(recipe: Recipe, inputs: Sequence[tuple[str, str]], output: Path, engine: Engine) -> int:
    """Has the engine stage the ingest graph; returns the number of its tasks. Nothing is run, no folder is made.

    Only ingest fits a template: the tasks of every later stage are known when the stage before it has run.
    """
    plan = plan_inputs(inputs, recipe.sources.split_bytes)
    tasks = stage.ingest_tasks(plan, ingest_ingredients(recipe), output)
    with engine.open() as runner:
        runner.run(IngestJob(recipe), tasks)
    return len(tasks)
