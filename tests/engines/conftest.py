"""Real engines, with what they need built once and kept in the user's cache; skipped loudly where that cannot be.

These tests start JVMs and take minutes: they run with ``HANMILL_ENGINES=prism,flink,spark`` (``make test-prism`` and
its sisters set it), and not as part of ``make test``.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from hanmill.schemas.hashing import file_sha256

ASKED = frozenset(os.environ.get("HANMILL_ENGINES", "").split(",")) - {""}
NEEDED = {
    "prism": ("go",),
    "flink": ("java", "mvn"),
    "spark": ("java", "mvn", "go"),
    "dataflow": (),
    "containers": ("buildah", "debootstrap", "go"),
}
#: Small splits, so that there is something to spread and to lose.
RECIPE = "extends: demo\nname: engines\nsources: {split_bytes: 524288}\n"


@pytest.fixture(scope="session")
def require() -> Callable[[str], None]:
    """Skips, and says why, where an engine was not asked for or cannot be built."""
    return _require


def _require(engine: str) -> None:
    if engine not in ASKED:
        pytest.skip(f"{engine.upper()} NOT TESTED: `make test-{engine}` runs this")
    for program in NEEDED[engine]:
        if shutil.which(program) is None:
            pytest.skip(f"{engine.upper()} NOT TESTED: {program} is not installed")


@pytest.fixture(scope="session")
def tool(repository: Path) -> Callable[[str], Path]:
    """Builds a tool where it is not there yet; its path."""

    def build(name: str) -> Path:
        command = [sys.executable, repository / "docker" / "engines.py", name]
        return Path(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())

    return build


@pytest.fixture(scope="session")
def cluster_module(repository: Path) -> ModuleType:
    """docker/spark/cluster.py, which lies in no package."""
    spec = importlib.util.spec_from_file_location("spark_cluster", repository / "docker" / "spark" / "cluster.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def program(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program: shards are named by its source, which must not change while two builds are compared."""
    folder = tmp_path_factory.mktemp("program")
    for package in ("pipelines", "schemas", "unihan"):
        shutil.copytree(repository / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="session")
def real_inputs(shared_data: Path) -> Sequence[str]:
    """Real wiki dumps in seven languages and a web archive, as command-line options."""
    return (
        "--input",
        f"wikipedia={shared_data}/wikipedia/jawiki-sample-pages-articles-multistream.xml.bz2",
        "--input",
        f"wikipedia={shared_data}/wikipedia/minidump-*.xml.bz2",
        "--input",
        f"commoncrawl={shared_data}/warc/docs-00000.warc.gz",
    )


@pytest.fixture(scope="session")
def start_build(
    program: Path, real_inputs: Sequence[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts ``hanmill build`` as a process of its own; whatever is left of it at the end is killed."""
    recipe = tmp_path_factory.mktemp("recipe") / "engines.yaml"
    recipe.write_text(RECIPE, encoding="utf-8")
    started: list[subprocess.Popen[str]] = []

    def start(output: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
        arguments = ["build", str(recipe), *real_inputs, "--output", str(output), *options]
        code = "from hanmill.pipelines.commands.main import main; main()"
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=program,
            env=os.environ | {"PYTHONPATH": str(program)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def run_build(start_build: Callable[..., subprocess.Popen[str]]) -> Callable[..., str]:
    """Runs ``hanmill build`` to its end; its output, or a failed test with it."""

    def run(output: Path, *options: str, **environment: str) -> str:
        process = start_build(output, *options, **environment)
        text = process.communicate(timeout=900)[0]
        assert process.returncode == 0, text
        return text

    return run


@pytest.fixture(scope="session")
def local_corpus(run_build: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What local processes make of the same files."""
    if not ASKED:
        pytest.skip("ENGINES NOT TESTED: `make engines` runs these")
    corpus = tmp_path_factory.mktemp("local") / "corpus"
    run_build(corpus, "--workers", "2")
    return corpus


@pytest.fixture(scope="session")
def hashes() -> Callable[[Path], dict[str, str]]:
    """Every file of a corpus that counts, with its SHA-256."""

    def of(corpus: Path) -> dict[str, str]:
        parts = ("documents", "dropped", "train", "validation", "tables")
        found = {str(p.relative_to(corpus)): file_sha256(p) for part in parts for p in (corpus / part).glob("*")}
        return found | {name: file_sha256(corpus / name) for name in ("manifest.json", "report.html", "DATA_CARD.md")}

    return of
