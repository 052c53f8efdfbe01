"""Imports go one way: from what everything uses up to what uses everything."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

#: A room may import itself and those before it.
ROOMS = (
    "text",
    "sources",
    "extract",
    "clean",
    "dedup",
    "vocabulary",
    "annotate",
    "corpus",
    "transforms",
    "build",
    "engines",
    "training",
    "commands",
)


def imported(path: Path) -> set[str]:
    """Dotted names that a module imports, those inside functions and for type checkers too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, path
            names.add(node.module)
    return names


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "data" not in path.parts)


def test_every_room_is_known(repository: Path) -> None:
    found = {path.name for path in (repository / "pipelines").iterdir() if (path / "__init__.py").is_file()}
    assert found <= set(ROOMS)
    assert sorted(path.name for path in (repository / "pipelines").glob("*.py")) == ["__init__.py"]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_downward_only(room: str, repository: Path) -> None:
    allowed = set(ROOMS[: ROOMS.index(room) + 1])
    for path in files(repository / "pipelines" / room):
        for name in imported(path):
            package, _, rest = name.removeprefix("hanmill.").partition(".")
            if package == "pipelines" and rest:
                assert rest.partition(".")[0] in allowed, f"{path} imports {name}"
            assert package != "trainer", f"{path} imports {name}"


def test_packages_know_of_those_below_alone(repository: Path) -> None:
    for package, allowed in (("unihan", {"unihan"}), ("schemas", {"schemas"}), ("trainer", {"trainer", "schemas"})):
        for path in files(repository / package):
            ours = {name.split(".")[1] for name in imported(path) if name.startswith("hanmill.")}
            assert ours <= allowed, path
