"""What a command does not see to itself ends in one line and the right code."""

from __future__ import annotations

import sys
import types

import click
import pytest
from click.testing import CliRunner

from hanmill.pipelines.commands.groups import LazyGroup
from hanmill.schemas.errors import STOPPED, HanmillError


@click.command()
@click.argument("kind")
def fail(kind: str) -> None:
    if kind == "ctrl-c":
        raise KeyboardInterrupt
    if kind == "known":
        raise HanmillError("辞書: found \x1b[31mred\u202e, expected text")
    raise FileNotFoundError(2, "No such file or directory", "無い.txt")


@pytest.mark.parametrize(
    ("kind", "code", "said"),
    [
        ("ctrl-c", STOPPED, "hanmill: stopped"),
        ("known", HanmillError.exit_code, "hanmill: 辞書: found "),
        ("missing", 2, "hanmill: 無い.txt: No such file or directory"),
    ],
)
def test_how_commands_end(monkeypatch: pytest.MonkeyPatch, kind: str, code: int, said: str) -> None:
    module = types.ModuleType("commands_that_fail")
    module.__dict__["fail"] = fail
    monkeypatch.setitem(sys.modules, "commands_that_fail", module)

    class Commands(LazyGroup):
        lazy = {"fail": "commands_that_fail:fail"}  # noqa: RUF012 - as the program declares it

    result = CliRunner().invoke(Commands("program"), ["fail", kind])
    assert result.exit_code == code
    assert said in result.stderr
    assert "\x1b" not in result.stderr
    assert "\u202e" not in result.stderr
