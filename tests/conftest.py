"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from hanmill.pipelines.build.build import Runner
    from hanmill.pipelines.build.job import Job, Task
    from hanmill.pipelines.build.times import Usage
    from hanmill.schemas.location import Location
    from hanmill.schemas.manifest import Manifest

# How long an example takes says more about the machine than about the code.
settings.register_profile("hanmill", deadline=None)
settings.load_profile("hanmill")

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = REPOSITORY.parent / "shared" / "data"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real dumps, archives and gold sets beside the checkout; tests that need them are skipped without."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"REAL DATA MISSING: {SHARED_DATA} is not there, so this test on real files did not run")
    return SHARED_DATA


class InProcess:
    """Runs jobs in the process that builds: no start of workers, and a kill hits it wherever it is.

    The builder is imported late, because tests of the trainer do without it.
    """

    def __init__(self, ran: list[tuple[str, int]]) -> None:
        self.ran = ran

    def open(self) -> AbstractContextManager[Runner]:
        return nullcontext(self)

    def run(self, job: Job, tasks: Sequence[Task]) -> Usage:
        from hanmill.pipelines.build.task_list import unfinished
        from hanmill.pipelines.build.times import Usage

        self.ran.append((job.name, len(tasks)))
        work = job.open()
        for task in tasks:
            work(task)
        assert not unfinished(tasks)
        return Usage()


#: Folders and files of a build in the order in which they are written, those of a step together.
_WRITTEN = (
    ("documents", "dropped", "signatures"),
    ("duplicates",),
    ("counts", "word_counts", "words"),
    ("vocabulary",),
    ("validation", "train"),
    ("manifest.json",),
)


@pytest.fixture
def written_in_order() -> Callable[[Path], None]:
    """Fails where a file of a corpus, built at one go, is older than one of a step that must be over before its own."""

    def check(corpus: Path) -> None:
        before, last = 0, ""
        for step in _WRITTEN:
            paths = [path for name in step for path in ((corpus / name), *(corpus / name).rglob("*")) if path.is_file()]
            times = {path: path.stat().st_mtime_ns for path in paths}
            assert times, step
            first = min(times, key=times.__getitem__)
            assert times[first] >= before, (str(first), last)
            before, last = max(times.values()), str(step)

    return check


@contextmanager
def silent(stage: str, tasks: Sequence[Task]) -> Iterator[None]:
    yield


@pytest.fixture(scope="session")
def build_here() -> Callable[..., Manifest]:
    """``build_here(recipe, inputs, output)`` in this process; ``ran`` collects each job's name and number of tasks."""
    from hanmill.pipelines.build.build import Build
    from hanmill.schemas.recipe_file import load_recipe

    def build(
        recipe: Path, inputs: Sequence[tuple[str, str]], output: Location, ran: list[tuple[str, int]] | None = None
    ) -> Manifest:
        engine = InProcess([] if ran is None else ran)
        return Build(load_recipe(str(recipe)), tuple(inputs), output, engine, silent).run()

    return build


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says loudly at the end when tests on real files could not run."""
    if not SHARED_DATA.is_dir():
        terminalreporter.write_sep("!", "tests on real files were SKIPPED: no ../shared/data", red=True)
