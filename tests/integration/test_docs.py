"""Every command that a page shows exists, with the options it is shown with; links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from hanmill.pipelines.commands.main import main

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = [*sorted((REPOSITORY / "docs").glob("*.md")), REPOSITORY / "README.md"]
_BLOCK = re.compile(r"^```[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"(?:^|[;|(]|\$ |-m )(?P<program>hanmill|trainer) (?P<words>[^;|\n]*)", re.MULTILINE)


def commands(page: Path) -> list[tuple[str, list[str]]]:
    """Program and words of the commands in a page's blocks; continued lines joined, comments left out."""
    text = page.read_text(encoding="utf-8")
    blocks = "\n".join(_BLOCK.findall(text) + re.findall(r"^(?:    .*\n)+", text, re.MULTILINE))
    lines = re.sub(r"\s+#\s.*", "", re.sub(r"\\\n\s*", " ", blocks))
    return [(match["program"], match["words"].split()) for match in _COMMAND.finditer(lines)]


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """The click command that words name, and what follows its name."""
    found: click.Command = main
    context = click.Context(main)
    while isinstance(found, click.Group) and words:
        inner = found.get_command(context, words[0])
        assert inner is not None, f"{words[0]}: no such command"
        found, words, context = inner, words[1:], click.Context(inner, parent=context)
    return found, words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_a_page_exist(page: Path) -> None:
    for program, words in commands(page):
        if program == "trainer" and words[0] not in ("train", "export-model", "runs"):
            pytest.fail(f"{page.name}: python -m hanmill {' '.join(words)}")
        command, rest = command_of(words)
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        beam = "--runner" in rest
        for word in rest:
            option = re.match(r"\[?(--[a-z][a-z-]*[a-z])(?=[=\]\s]|$)", word)
            if option and not beam:
                assert option[1] in {*known, "--help"}, f"{page.name}: {command.name} {' '.join(rest)}"


def test_pages_show_commands() -> None:
    assert sum(len(commands(page)) for page in PAGES) > 30


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_a_page_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    modules = re.findall(r"-m (benchmarks\.\w+)", text)
    files = re.findall(r"(?<![\w/])((?:benchmarks|tests|docker|samples|pipelines|trainer|schemas)/[\w/.-]+\.\w+)", text)
    ours = [name for name in files if not name.startswith("tests/parser/")]  # MediaWiki's
    for name in [*(f"{module.replace('.', '/')}.py" for module in modules), *ours]:
        assert (REPOSITORY / name).exists(), f"{page.name}: {name}"
