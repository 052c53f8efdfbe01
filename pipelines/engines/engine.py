"""Where jobs run: local processes, or any Beam runner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from hanmill.pipelines.build.build import Runner
from hanmill.pipelines.engines.beam_runner import BeamStages
from hanmill.pipelines.engines.engine_options import EngineOptionError, choose_options, tools_folder
from hanmill.pipelines.engines.local_processes import WorkerPool


@dataclass(frozen=True, slots=True)
class LocalProcesses:
    """The same plain functions in ``workers`` processes of this machine."""

    workers: int

    def open(self) -> AbstractContextManager[Runner]:
        """Starts no process yet: a build with nothing to do needs none."""
        return WorkerPool(self.workers)


@dataclass(frozen=True, slots=True)
class BeamRunner:
    """A Beam runner by name with its options, one pipeline a stage.

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

    @contextmanager
    def open(self) -> Iterator[Runner]:
        """Starts nothing yet: the first stage does."""
        yield BeamStages("FnApiRunner" if self.runner == "DirectRunner" else self.runner, self.options)
