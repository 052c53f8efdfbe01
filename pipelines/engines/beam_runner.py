"""A build as one pipeline on a Beam runner."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from hanmill.pipelines.build.build import check_build
from hanmill.pipelines.corpus.atomic import remove_temporary
from hanmill.pipelines.corpus.lock import locked
from hanmill.pipelines.engines.engine_options import EngineOptionError, choose_options, shown_options, tools_folder
from hanmill.pipelines.sources.inputs import input_files
from hanmill.schemas.errors import STOPPED, HanmillError
from hanmill.schemas.location import Location, ObjectPath
from hanmill.schemas.manifest import MANIFEST_NAME, Manifest
from hanmill.schemas.recipe import Recipe

if TYPE_CHECKING:
    from apache_beam import PTransform

#: A pipeline is given to an engine this often, as long as every try but the last adds shards.
ATTEMPTS = 3
IN_PROCESS = "FnApiRunner"
#: Part of a build to the folders of its shards.
_FOLDERS = {
    "ingest": ("dropped", "signatures", "documents"),
    "deduplicate": ("duplicates",),
    "vocabulary": ("counts", "word_counts", "words", "vocabulary"),
    "tables": ("vocabulary",),
    "annotate": ("validation", "train"),
}


class EngineError(HanmillError, RuntimeError):
    """An engine that gave up, or said it was done and left shards out."""

    exit_code = STOPPED


@dataclass(frozen=True, slots=True)
class BeamRunner:
    """A Beam runner by name with its options.

    ``DirectRunner`` stands for ``FnApiRunner``: Beam's own meaning of it looks for another runner over the
    network first.
    """

    runner: str
    options: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises EngineOptionError for a runner that Beam does not know, or that cannot do without an option."""
        # Beam takes seconds to import; local processes do without it.
        from apache_beam.options.pipeline_options import StandardOptions

        known = StandardOptions.KNOWN_RUNNER_NAMES
        if self.runner not in known and "." not in self.runner:
            names = ", ".join(sorted(known))
            raise EngineOptionError(
                f"--runner: found {self.runner!r}, expected one of {names}, or the full name of a class"
            )
        choose_options(self.runner, self.options, 1, 1, tools_folder())

    def build(
        self,
        recipe: Recipe,
        inputs: Sequence[tuple[str, str]],
        output: Location,
        force: frozenset[str] = frozenset(),
    ) -> Manifest:
        """Builds a corpus; shards of the parts in ``force`` are made again.

        A pipeline that fails after it has written some shards is tried again: engines give up on what a second try
        survives; Spark, for one, when a Python worker is killed. A try that adds no shard is the last, and there are
        ATTEMPTS of them. Raises EngineError with the first cause, and what a build refuses with where recipe, inputs
        or output are wrong; FnApiRunner, which runs in this process, raises what a task raises.
        """
        from hanmill.pipelines.engines.build_graph import BuildCorpus

        check_build(recipe, output)
        splits = _about(inputs, recipe.sources.split_bytes)
        name = IN_PROCESS if self.runner == "DirectRunner" else self.runner
        chosen = choose_options(name, self.options, splits, os.cpu_count() or 1, tools_folder())
        options = (f"--runner={name}", *chosen, *self.options)
        with locked(output):
            print(f"engine: {shown_options(options)}", file=sys.stderr)
            remove_temporary(output)
            for folder in (folder for part in sorted(force) for folder in _FOLDERS[part]):
                _remove(output, folder)
            before = _written(output / MANIFEST_NAME)
            graph = partial(BuildCorpus, recipe, tuple(inputs), str(output), in_process=name == IN_PROCESS)
            if name == IN_PROCESS:
                run_graph(options, "Build", graph())
            else:
                _run_to_the_end(options, name, graph, output)
            if _written(output / MANIFEST_NAME) == before:
                raise EngineError(
                    f"{name}: done by its own account, but has not written {output / MANIFEST_NAME}: the output must "
                    "be a folder that the launcher and all workers share under one name"
                )
            return Manifest.load(output)


def _run_to_the_end(
    options: Sequence[str], name: str, graph: Callable[[], PTransform[Any, Any]], output: Location
) -> None:
    # Every try has a graph of its own: Beam's transforms remember the pipeline that they have been put into.
    for attempt in range(1, ATTEMPTS + 1):
        before = shards_there(output)
        try:
            run_graph(options, "Build", graph())
        except Exception as error:
            cause = f"{name}: {first_cause(str(error))}"
            added = shards_there(output) - before
            if not added or attempt == ATTEMPTS:
                raise EngineError(f"{cause} ({before + added:,} shards are there)") from error
            print(f"{cause}; again, {added:,} shards further", file=sys.stderr)
        else:
            return


def shards_there(output: Location) -> int:
    """Files in the folders of shards."""
    return sum(len(output_files(output / folder)) for folders in _FOLDERS.values() for folder in folders)


def output_files(folder: Location) -> list[str]:
    """Names of the files of a folder, none where it is not there."""
    if isinstance(folder, ObjectPath):
        return list(folder.files())
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def _written(path: Location) -> int:
    """When a file was written, in nanoseconds; 0 where it is not there."""
    return path.stat().st_mtime_ns if path.is_file() else 0


def _remove(output: Location, folder: str) -> None:
    place = output / folder
    if isinstance(place, ObjectPath):
        place.remove_folder()
    else:
        shutil.rmtree(place, ignore_errors=True)


def _about(inputs: Sequence[tuple[str, str]], split_bytes: int) -> int:
    """About how many splits inputs have; objects are not asked for their size. Raises InputError."""
    sizes = [0 if isinstance(path, ObjectPath) else path.stat().st_size for _, _, path in input_files(inputs)]
    return sum(max(1, size // split_bytes) for size in sizes)


def run_graph(options: Sequence[str], title: str, transform: PTransform[Any, Any]) -> None:
    """A pipeline of one transform. SIGTERM ends this process in good order, and the engine's server with it."""
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions

    def leave(number: int, frame: object) -> None:
        sys.exit(128 + number)

    main_thread = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, leave) if main_thread else None
    try:
        with beam.Pipeline(options=PipelineOptions(list(options))) as pipeline:
            pipeline | title >> transform
    finally:
        if main_thread:
            signal.signal(signal.SIGTERM, before)


def first_cause(message: str) -> str:
    """The line that says what went wrong, out of the stack traces of two languages: Python's exception, else Java's."""
    errors = re.findall(r"^(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Exit|Interrupt): .*$", message, re.MULTILINE)
    python = [line for line in errors if not line.startswith(("java.", "org.", "io.", "com."))]
    lines = python or re.findall(r"Caused by: (.*)", message)[-1:] or errors or message.strip().splitlines()
    return lines[0].strip() if lines else "no message"
