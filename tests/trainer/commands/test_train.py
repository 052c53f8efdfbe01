"""The command: exit codes and one-line errors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from hanmill.trainer.commands.train import train


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["unihanlm", "--config", "base"], "176,328,172"),
        (["chinesebert", "--config", "base"], "147,953,348"),
        (["chinesebert", "--config", "large"], "374,092,228"),
        (["mlma", "--config", "base"], "242,630,656"),
        (["tagger", "--config", "base"], "7,513,627"),
    ],
)
def test_count_parameters(arguments: list[str], printed: str) -> None:
    done = CliRunner().invoke(train, [*arguments, "--count-parameters"])
    assert done.exit_code == 0
    assert done.stdout.strip() == printed


def test_errors_are_one_line_and_exit_2(tmp_path: Path, corpus_folder: Path) -> None:
    for arguments, message in (
        (["unihanlm", "--corpus", tmp_path, "--output", tmp_path / "run"], "no finished corpus here"),
        (["unihanlm", "--corpus", corpus_folder, "--config", "huge", "--output", tmp_path / "run"], "built in: tiny"),
        (["unihanlm", "--corpus", corpus_folder, "--output", "/proc/run"], "No such file or directory: '/proc/run'"),
    ):
        done = CliRunner().invoke(train, [str(argument) for argument in arguments])
        assert done.exit_code == 2
        assert message in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


def test_without_pytorch_the_extra_is_named() -> None:
    code = "import sys; sys.modules['torch'] = None; from hanmill.trainer.commands.{0} import {1}; {1}({2})"
    for module, name, arguments in (("train", "train", ["unihanlm"]), ("export_model", "export_model", ["a", "b"])):
        done = subprocess.run(
            [sys.executable, "-c", code.format(module, name, arguments)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert done.stderr.strip() == "Error: torch is not installed: pip install 'hanmill[trainer]'"


def test_corpus_and_output_are_needed() -> None:
    done = CliRunner().invoke(train, ["unihanlm"])
    assert done.exit_code == 2
    assert "--corpus and --output are required" in done.stderr
