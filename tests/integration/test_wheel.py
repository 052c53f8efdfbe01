"""An installed wheel, in a folder of a user's own: nothing of theirs stands in the way of ours, nor ours of theirs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

THEIRS = "raise ImportError('a module of the user: hanmill must not import it')\n"


@pytest.fixture(scope="module")
def site(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages that the wheel was installed into; what it depends on is that of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(command, cwd=repository, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert {name.split("/")[0].split("-")[0] for name in archive.namelist()} == {"hanmill"}
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A working folder with modules that are called as folders of ours are."""
    for name in ("pipelines", "schemas", "unihan"):
        (tmp_path / f"{name}.py").write_text(THEIRS, encoding="utf-8")
    (tmp_path / "trainer").mkdir()
    (tmp_path / "trainer" / "__init__.py").write_text(THEIRS, encoding="utf-8")
    return tmp_path


def run(site: Path, home: Path, *arguments: str) -> str:
    """What a command of this Python prints in the user's folder, which is on its path too."""
    environment = os.environ | {"PYTHONPATH": f"{site}{os.pathsep}{home}"}
    command = [sys.executable, *arguments]
    ran = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_commands_and_their_workers_import_nothing_of_the_user_s(
    site: Path, home: Path, sample_inputs: Sequence[str]
) -> None:
    where = run(site, home, "-c", "import hanmill, hanmill.schemas.recipe as r; print(hanmill.__file__, r.__file__)")
    assert all(path.startswith(str(site)) for path in where.split())
    corpus = home / "corpus"
    built = run(site, home, "-m", "hanmill", "build", "demo", *sample_inputs, "--output", str(corpus), "--workers", "2")
    assert "kept" in built
    assert run(site, home, "-m", "hanmill", "verify", str(corpus)).startswith("sound: ")
    assert (
        int(
            run(site, home, "-m", "hanmill", "train", "unihanlm", "--config", "tiny", "--count-parameters").replace(
                ",", ""
            )
        )
        > 0
    )


def test_modules_of_both_live_in_one_program(site: Path, home: Path) -> None:
    (home / "schemas.py").write_text("NAME = '私の'\n", encoding="utf-8")
    program = "import schemas, hanmill as hm; print(schemas.NAME, hm.load_recipe('demo').name, schemas.__file__)"
    name, recipe, place = run(site, home, "-c", program).split()
    assert (name, recipe) == ("私の", "demo")
    assert place == str(home / "schemas.py")
