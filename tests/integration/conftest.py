"""Corpora built once by the real command, in this process, for the tests of whole commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner, Result

from hanmill.pipelines.commands.main import main

Hanmill = Callable[..., Result]


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


@pytest.fixture(scope="session")
def driver() -> ModuleType:
    spec = spec_from_file_location("report_browser", Path(__file__).with_name("browser.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    if module.CHROMIUM is None:
        pytest.skip("BROWSER MISSING: no chromium here, so no page was opened in one")
    return module


@pytest.fixture(scope="session")
def tab(driver: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    with driver.browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened
