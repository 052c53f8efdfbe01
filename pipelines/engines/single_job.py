"""A corpus build as a single job of a service that starts machines for it: Dataflow, at once or by a template."""

from __future__ import annotations

from collections.abc import Sequence

from hanmill.pipelines.build.build import check_build
from hanmill.pipelines.engines.beam_runner import run_graph
from hanmill.pipelines.engines.engine_options import EngineOptionError, choose_options, tools_folder
from hanmill.schemas.location import Location, ObjectPath, location
from hanmill.schemas.manifest import Manifest
from hanmill.schemas.recipe import Recipe

#: Runners for which every pipeline is a job with machines of its own, minutes to start.
SINGLE_JOB_RUNNERS = ("DataflowRunner",)


def run_single_job(
    recipe: Recipe, inputs: Sequence[tuple[str, str]], output: Location, runner: str, options: Sequence[str]
) -> None:
    """Hands the graph of BuildCorpus to the runner, which runs it, or stages it where ``--template_location`` is given.

    No input is read and nothing is written here. Raises what a build would refuse with where the recipe is wrong, and
    EngineOptionError where inputs or output are on this machine alone.
    """
    # Beam takes seconds to import.
    from hanmill.pipelines.engines.build_graph import BuildCorpus

    for name in (*(pattern for _, pattern in inputs), str(output)):
        if not isinstance(location(name), ObjectPath):
            raise EngineOptionError(f"{runner}: {name}: found a path of this machine, expected gs://… or s3://…")
    chosen = choose_options(runner, options, 1, 1, tools_folder())
    check_build(recipe, output)
    run_graph((f"--runner={runner}", *chosen, *options), "Build", BuildCorpus(recipe, tuple(inputs), str(output)))


def read_manifest(output: Location) -> Manifest:
    """What the job has left."""
    return Manifest.load(output)
