from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from hanmill.unihan.cli import unihan


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs/unihan.md").read_text(encoding="utf-8")


def test_every_command_of_the_page_works(
    page: str, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In order; the one that needs the network is given the file it would download."""
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^\$ hanmill unihan (.+)$", page, re.MULTILINE)
    assert len(commands) >= 9
    for command in commands:
        arguments = shlex.split(command)
        if arguments[0] == "fetch":
            arguments += ["--file", str(shared_data / f"unihan/Unihan_Variants-{arguments[1]}.txt.bz2")]
        result = CliRunner().invoke(unihan, arguments)
        assert result.exit_code == 0, (command, result.output)


def test_python_of_the_page_works(page: str) -> None:
    (program,) = re.findall(r"```python\n(.+?)```", page, re.DOTALL)
    exec(compile(program, "docs/unihan.md", "exec"), {})


def test_links_of_the_page_lead_somewhere(page: str, repository: Path) -> None:
    links = [f"docs/{link}" for link in re.findall(r"\]\(([^)#:]+)\)", page)]
    # What lies outside the site is named by its path.
    links += re.findall(r"`([\w/-]+/README\.md)`", page)
    assert len(links) == 3
    for link in links:
        assert (repository / link).is_file(), link
