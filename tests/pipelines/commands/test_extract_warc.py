from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from hanmill.pipelines.commands.main import main

RECIPE = """
name: test
clean:
  languages: [zh, yue, lzh, ja]
  rules:
    - {rule: characters@1, min: 50}
    - {rule: repeated_line_ratio@1, max: 0.3}
    - {rule: hiragana_ratio@1, min: 0.1, scripts: [Jpan]}
"""


def run(*arguments: str) -> list[dict]:
    result = CliRunner().invoke(main, ["extract", "warc", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def test_pages_of_the_sample_and_what_the_rules_make_of_them(repository: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(RECIPE, encoding="utf-8")
    lines = run("--recipe", str(recipe), str(repository / "samples/commoncrawl/sample.warc.gz"))
    pages = {line["url"].rpartition("/")[2]: line for line in lines if "url" in line}
    assert pages["ja-station"]["kept"]
    assert pages["ja-station"]["dropped_by"] is None
    assert pages["ja-garden"]["charset"] == "shift_jis"
    assert pages["ja-garden"]["profile"]["hiragana"] > 50
    assert pages["zh-cn-spam"]["dropped_by"] == "repeated_line_ratio@1"
    assert pages["zh-cn-spam"]["measured"]["repeated_line_ratio@1"] > 0.3
    assert pages["ja-catalogue"]["dropped_by"] == "repeated_line_ratio@1" or not pages["ja-catalogue"]["kept"]
    assert pages["en-harbour"]["dropped_by"] == "language@1"
    assert pages["zh-cn-links"]["dropped_by"] == "characters@1"
    assert pages["yue-diary"]["lang"] == "yue"
    assert [line["error"].partition(":")[0] for line in lines if "error" in line] == ["corrupt_member"]


def test_missing_file_is_a_line(tmp_path: Path) -> None:
    lines = run(str(tmp_path / "missing.warc.gz"))
    assert len(lines) == 1
    assert "missing.warc.gz" in lines[0]["error"]


def test_a_recipe_with_an_unknown_rule_is_refused_in_one_line(tmp_path: Path, repository: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("name: 語料\nclean: {rules: [{rule: kanji_ratio@1, min: 0.1}]}\n", encoding="utf-8")
    archive = str(repository / "samples/commoncrawl/sample.warc.gz")
    result = CliRunner().invoke(main, ["extract", "warc", "--recipe", str(recipe), archive])
    assert result.exit_code == 2
    assert result.output.startswith("hanmill: rule found: kanji_ratio@1; expected one of: ")
    assert len(result.output.splitlines()) == 1
