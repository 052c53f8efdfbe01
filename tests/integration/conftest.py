"""Corpora built once by the real command, in this process, for the tests of whole commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.build import Build
from pipelines.cli import main
from pipelines.jobs.job import Job, Task
from pipelines.stages.engine import Runner
from schemas.manifest import Manifest
from schemas.recipe_file import load_recipe

Hanmill = Callable[..., Result]
Inputs = Sequence[tuple[str, str]]
BuildHere = Callable[[Path, Inputs, Path], Manifest]


class InProcess:
    """Runs jobs in the process that builds: no start of workers, and a kill hits it wherever it is."""

    def open(self) -> AbstractContextManager[Runner]:
        return nullcontext(self)

    def run(self, job: Job, tasks: Sequence[Task]) -> None:
        work = job.open()
        for task in tasks:
            work(task)


@contextmanager
def silent(stage: str, tasks: Sequence[Task]) -> Iterator[None]:
    yield


@pytest.fixture(scope="session")
def build_here() -> BuildHere:
    """Builds a recipe from inputs into a folder, in this process."""

    def build(recipe: Path, inputs: Inputs, output: Path) -> Manifest:
        return Build(load_recipe(str(recipe)), tuple(inputs), output, InProcess(), silent).run()

    return build


@pytest.fixture(scope="session")
def hanmill() -> Hanmill:
    """Runs the command line; ``hanmill("build", "demo", …).exit_code``."""

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)

    return run


@pytest.fixture(scope="session")
def sample_inputs(repository: Path) -> Sequence[str]:
    """The bundled samples as command-line options."""
    return (
        "--input",
        f"wikipedia={repository}/samples/wikipedia/*-multistream.xml.bz2",
        "--input",
        f"commoncrawl={repository}/samples/commoncrawl/*.warc.gz",
    )


@pytest.fixture(scope="session")
def demo_corpus(hanmill: Hanmill, sample_inputs: Sequence[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make demo` builds."""
    corpus = tmp_path_factory.mktemp("demo") / "corpus"
    result = hanmill("build", "demo", *sample_inputs, "--output", corpus, "--workers", "1")
    assert result.exit_code == 0, result.output
    return corpus
