"""Commands that look at a corpus or at the program: what they print, and how they end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import pytest
from click.testing import Result

from hanmill.pipelines.clean.rules import known_rules
from hanmill.pipelines.commands.main import main

Hanmill = Callable[..., Result]


def test_the_page_is_written_again_with_the_same_bytes(hanmill: Hanmill, demo_corpus: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "copy"
    shutil.copytree(demo_corpus, corpus, ignore=shutil.ignore_patterns("documents", "dropped"))
    before = (corpus / "report.html").read_bytes()
    (corpus / "report.html").unlink()
    assert hanmill("report", corpus).exit_code == 0
    assert (corpus / "report.html").read_bytes() == before
    (corpus / "findings.json").unlink()
    result = hanmill("report", corpus)
    assert result.exit_code == 2
    assert "findings.json: cannot be read" in result.output


def test_stats_say_what_the_manifest_says(hanmill: Hanmill, demo_corpus: Path) -> None:
    manifest = json.loads((demo_corpus / "manifest.json").read_text(encoding="utf-8"))
    stats = json.loads(hanmill("stats", demo_corpus, "--json").output)
    assert stats["records"]["kept"] == manifest["accounting"]["kept"]
    lost = {name: count for losses in stats["records"]["lost"].values() for name, count in losses.items()}
    assert lost == manifest["accounting"]["dropped"] | manifest["accounting"]["failed"]
    assert sum(kind["documents"] for kind in stats["kinds"]) == stats["records"]["kept"]
    text = hanmill("stats", demo_corpus).output
    assert f"{manifest['accounting']['read']:>15,}  records read" in text
    assert "wikipedia zh Hant-HK" in text


def test_stats_do_without_findings(hanmill: Hanmill, demo_corpus: Path, tmp_path: Path) -> None:
    for name in ("manifest.json", "inputs.parquet"):
        (tmp_path / name).write_bytes((demo_corpus / name).read_bytes())
    result = hanmill("stats", tmp_path)
    assert result.exit_code == 0
    assert "53  documents kept, 76.8%; 50 train, 3 validation" in result.output
    assert "white space counted" not in result.output


def test_diff_names_what_changed(
    hanmill: Hanmill, demo_corpus: Path, sample_inputs: Sequence[str], tmp_path: Path
) -> None:
    assert hanmill("diff", demo_corpus, demo_corpus).output == "no difference\n"
    other = tmp_path / "corpus"
    sets = ("name=other", "clean.languages=[zh, ja]", "readings.chinese=pypinyin", "segment.chinese=rjieba")
    options = [word for change in sets for word in ("--set", change)]
    assert hanmill("build", "demo", *sample_inputs, *options, "--output", other, "--workers", "1").exit_code == 0
    text = hanmill("diff", demo_corpus, other).output
    assert 'clean.languages: [] → ["zh","ja"]' in text
    assert "documents left: 11\n" in text
    assert "  yue 今日放假做乜好\n" in text
    assert "三 个 → 三个\n" in text
    assert "  得 de5 → de2\n" in text
    back = hanmill("diff", other, demo_corpus).output
    assert "documents entered: 11\n" in back


def test_a_dry_run_is_a_plan(hanmill: Hanmill, sample_inputs: Sequence[str], tmp_path: Path) -> None:
    options = ("web", *sample_inputs, "--set", "clean.languages=[zh]", "--output", tmp_path / "corpus")
    dry, plan = hanmill("build", *options, "--dry-run"), hanmill("plan", *options)
    assert dry.exit_code == 0
    assert dry.output == plan.output
    assert not (tmp_path / "corpus").exists()


def test_a_build_that_keeps_nothing_found_something_wrong(
    hanmill: Hanmill, sample_inputs: Sequence[str], tmp_path: Path
) -> None:
    options = ("--set", "clean.languages=[nl]", "--output", tmp_path / "corpus", "--workers", "1")
    result = hanmill("build", "demo", *sample_inputs, *options)
    assert result.exit_code == 1
    assert "no document was kept of 69 records read" in result.output


def test_what_is_not_there_is_refused(hanmill: Hanmill, demo_corpus: Path, tmp_path: Path) -> None:
    assert hanmill("stats", tmp_path / "none").exit_code == 2
    result = hanmill("inspect", demo_corpus, "--lang", "jp")
    assert result.exit_code == 2
    assert "no document in jp; the corpus has: en, ja, ko, lzh, yue, zh" in result.output
    missing = ("--input", f"wikipedia={tmp_path}/none.bz2", "--output", tmp_path / "corpus")
    assert hanmill("build", "demo", *missing).exit_code == 2
    assert not (tmp_path / "corpus").exists()


def test_recipes_and_rules_are_listed(hanmill: Hanmill, tmp_path: Path) -> None:
    recipes = hanmill("recipe", "list").output
    assert "mlma         MLMA (Bao et al., 2019)" in recipes
    rules = hanmill("rules", "list").output
    assert {line.split()[0] for line in rules.splitlines()} == set(known_rules())
    assert all(len(line.split()) > 2 for line in rules.splitlines())
    shown = hanmill("rules", "show", "latin_ratio@1").output
    assert "demo: kept up to 0.5; of commoncrawl, Hans, Hant, Hani, Jpan" in shown
    wrong = hanmill("rules", "show", "latin_ratio@9")
    assert (wrong.exit_code, "expected one of: latin_ratio@1" in wrong.output) == (2, True)
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: bad\nclean: {rules: [{rule: latin_ratio@9, max: 1}]}\n", encoding="utf-8")
    assert hanmill("recipe", "show", bad).exit_code == 2


def test_garbage_of_a_corpus_that_cannot_be_written_is_listed(
    hanmill: Hanmill, demo_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a lock was asked for")

    monkeypatch.setattr("hanmill.pipelines.commands.gc.locked", refuse)
    result = hanmill("gc", demo_corpus)
    assert result.exit_code == 0
    assert "nothing removed" in result.output


def test_the_doctor_says_what_a_missing_thing_costs(hanmill: Hanmill, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    result = hanmill("doctor")
    assert result.exit_code == 0, result.output
    assert "missing  Java                         no SparkRunner" in result.output
    assert "MISSING" not in result.output


def commands(group: click.Group, above: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found.append(((*above, name), command))
        if isinstance(command, click.Group):
            found += commands(command, (*above, name))
    return found


@pytest.mark.parametrize(("words", "command"), commands(main), ids=lambda value: str(value)[:40])
def test_every_help_has_an_example(words: tuple[str, ...], command: click.Command) -> None:
    if isinstance(command, click.Group):
        return
    assert command.epilog, f"hanmill {' '.join(words)}: no example"
    assert f"hanmill {' '.join(words)}" in command.epilog
