"""Measures are kept, and other thresholds judged by them as a build with those thresholds would."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result

from hanmill.pipelines.build.garbage import needed
from hanmill.pipelines.corpus.simulate import simulate
from hanmill.schemas.manifest import Manifest
from hanmill.schemas.recipe_file import load_recipe

Hanmill = Callable[..., Result]
#: Stricter here, looser there, another order, a rule gone, other languages and scripts.
OTHER = """
extends: demo
name: other
glyphs: {styles: []}
deduplicate: {exact: false}
clean:
  languages: [ja, zh, yue]
  rules:
    - {rule: repeated_line_ratio@1, max: 1}
    - {rule: characters@1, min: 90, scripts: [Hans, Hant]}
    - {rule: hiragana_ratio@2, min: 0.35, scripts: [Jpan]}
    - {rule: link_ratio@1, max: 0.3, sources: [commoncrawl, wikipedia]}
"""


def rows(corpus: Path, part: str) -> list[dict]:
    paths = sorted(path for path in needed(corpus, "test") if path.parent.name == part)
    found = pa.concat_tables([pq.read_table(path) for path in paths]).to_pylist()
    return sorted(found, key=lambda row: row["uid"])


@pytest.fixture(scope="module")
def measured(hanmill: Hanmill, sample_inputs: Sequence[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo without glyphs, everything measured and texts kept."""
    folder = tmp_path_factory.mktemp("measured")
    recipe = folder / "all.yaml"
    recipe.write_text(
        "extends: demo\nname: all\nglyphs: {styles: []}\nclean: {measure_all: true}\noutput: {dropped_text: true}\n"
    )
    result = hanmill("build", recipe, *sample_inputs, "--output", folder / "corpus", "--workers", "1")
    assert result.exit_code == 0, result.output
    assert hanmill("verify", folder / "corpus").exit_code == 0
    return folder / "corpus"


def test_every_document_keeps_what_every_rule_said(measured: Path, demo_corpus: Path) -> None:
    names = {setting.rule for setting in load_recipe("demo").clean.rules}
    for row in rows(measured, "documents"):
        assert {measure["name"] for measure in row["measures"]} == names
    refused = [row for row in rows(measured, "dropped") if row["measures"]]
    assert {row["rule"] for row in refused} == {"characters@1", "hiragana_ratio@2", "repeated_line_ratio@1"}
    for row in refused:
        found = {measure["name"]: measure["value"] for measure in row["measures"]}
        assert found.keys() == names
        assert found[row["rule"]] == row["measured"]
        assert row["text"].startswith(row["snippet"][:40])
        assert row["script"] in ("Hans", "Jpan", "Hant")
    short = [row for row in rows(demo_corpus, "dropped") if row["rule"] == "characters@1"]
    assert [[measure["name"] for measure in row["measures"]] for row in short] == [["characters@1"]]
    assert all(row["text"] is None for row in rows(demo_corpus, "dropped"))


def test_what_is_measured_changes_no_training_row(measured: Path, demo_corpus: Path) -> None:
    for part in ("train", "validation"):
        assert rows(measured, part) == rows(demo_corpus, part)


def test_a_simulation_tells_what_a_build_does(
    hanmill: Hanmill, measured: Path, sample_inputs: Sequence[str], tmp_path: Path
) -> None:
    recipe = tmp_path / "other.yaml"
    recipe.write_text(OTHER, encoding="utf-8")
    shards = [path for path in needed(measured, "test") if path.parent.name in ("documents", "dropped")]
    found = simulate(shards, load_recipe("demo").clean, load_recipe(str(recipe)).clean, 2)
    assert hanmill("build", recipe, *sample_inputs, "--output", tmp_path / "c", "--workers", "1").exit_code == 0
    built = Manifest.load(tmp_path / "c").accounting
    assert found.total()["after"] == built.kept
    assert found.total()["unknown"] == 0
    assert found.total()["leave"] > 0
    assert found.total()["enter"] > 0
    for rule in ("language@1", "repeated_line_ratio@1", "characters@1", "hiragana_ratio@2", "link_ratio@1"):
        assert found.rules.get(rule, {"after": 0})["after"] == built.dropped.get(rule, 0), rule
    result = hanmill("simulate", measured, recipe, "-n", "1")
    assert result.exit_code == 0, result.output
    assert "leaves by language@1" in result.output
    assert "enters, till now dropped by repeated_line_ratio@1: 特价" in result.output


def test_the_same_rules_change_nothing(hanmill: Hanmill, demo_corpus: Path) -> None:
    result = hanmill("simulate", demo_corpus, "demo")
    assert result.exit_code == 0, result.output
    # Duplicates among them: they are looked for behind the rules.
    kept = len(rows(demo_corpus, "documents"))
    assert result.output.splitlines()[1].split()[:3] == ["all", str(kept), str(kept)]
    assert "leaves" not in result.output
    assert "cannot be told" not in result.output


def test_what_was_not_measured_is_said(hanmill: Hanmill, demo_corpus: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "r.yaml"
    recipe.write_text("name: r\nclean: {rules: [{rule: digit_ratio@1, max: 0.2}]}\n")
    result = hanmill("simulate", demo_corpus, recipe)
    assert result.exit_code == 2
    assert "digit_ratio@1: was not measured on any document; measured: characters@1, end_mark" in result.output
    recipe.write_text("name: r\nclean: {rules: [{rule: link_ratio@1, max: 0.9}]}\n")
    assert "documents cannot be told" in hanmill("simulate", demo_corpus, recipe).output
    assert hanmill("simulate", tmp_path, recipe).exit_code == 2
