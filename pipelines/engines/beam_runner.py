"""Stages as Beam pipelines, one after the other, on one engine."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hanmill.pipelines.build.job import Job, Task, unfinished
from hanmill.pipelines.engines.engine_options import choose_options, shown_options, tools_folder
from hanmill.pipelines.engines.local_processes import WorkerPool
from hanmill.pipelines.engines.worker_check import worker_versions
from hanmill.schemas.errors import STOPPED, HanmillError

if TYPE_CHECKING:
    from apache_beam import PTransform

#: A stage is given to an engine this often, as long as every try but the last adds shards.
ATTEMPTS = 3
IN_PROCESS = "FnApiRunner"


class EngineError(HanmillError, RuntimeError):
    """An engine that gave up, or said it was done and left shards out."""

    exit_code = STOPPED


class BeamStages:
    """Runs stages on the Beam runner ``name``; what the user left open is chosen by the first stage, and printed."""

    def __init__(self, name: str, given: Sequence[str]) -> None:
        self._name = name
        self._given = tuple(given)
        self._options: tuple[str, ...] = ()

    def run(self, job: Job, tasks: Sequence[Task]) -> None:
        """Runs a stage; one that fails after it has written some shards is tried again with those left.

        Engines give up on what a second try survives: Spark, for one, when a Python worker is killed. A try that
        adds no shard is the last, and there are ATTEMPTS of them. Raises EngineError with the first cause, and
        EngineOptionError where an option is missing; FnApiRunner, which runs in this process, raises what a task
        raises.
        """
        if not self._options:
            chosen = choose_options(self._name, self._given, len(tasks), os.cpu_count() or 1, tools_folder())
            self._options = (f"--runner={self._name}", *chosen, *self._given)
            print(f"engine: {shown_options(self._options)}", file=sys.stderr)
        if self._name == IN_PROCESS:
            run_pipeline(job, tasks, self._options, {})
        elif len(tasks) == 1:
            # One task gains nothing from an engine and pays its start, half a minute on Spark.
            with WorkerPool(1) as here:
                here.run(job, tasks)
        else:
            self._run_to_the_end(job, tasks)

    def _run_to_the_end(self, job: Job, tasks: Sequence[Task]) -> None:
        left = list(tasks)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                run_pipeline(job, left, self._options, worker_versions())
            except Exception as error:
                cause = f"{self._name}: {job.name}: {first_cause(str(error))}"
                before = len(left)
                left = unfinished(left)
                if not left:
                    return
                if len(left) == before or attempt == ATTEMPTS:
                    raise EngineError(f"{cause} ({len(tasks) - len(left)} of {len(tasks)} shards are there)") from error
                print(f"{cause}; again, with the {len(left)} tasks left", file=sys.stderr)
            else:
                check_there(self._name, job, left)
                return


def run_pipeline(job: Job, tasks: Sequence[Task], options: Sequence[str], versions: Mapping[str, str]) -> None:
    """One stage as one Beam pipeline, by workers of these ``versions`` (empty: this very process)."""
    # Beam takes seconds to import; local processes do without it.
    from hanmill.pipelines.engines.do_task import DoOneStage

    run_graph(options, f"Do{job.name.capitalize()}", DoOneStage(job, tasks, versions))


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


def check_there(engine: str, job: Job, tasks: Sequence[Task]) -> None:
    """Raises EngineError where an engine was done by its own account and shards are not there."""
    missing = unfinished(tasks)
    if missing:
        raise EngineError(
            f"{engine}: {job.name}: done by its own account, but the shards of {len(missing)} of {len(tasks)} tasks "
            f"are not there, first {missing[0].writes[-1][1]}: the output must be a folder that the launcher and all "
            "workers share under one name"
        )
