from __future__ import annotations

import gzip
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


def run(*arguments: str, code: int = 0) -> list[dict]:
    result = CliRunner().invoke(main, ["extract", "warc", *arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
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


def test_missing_file_is_a_line_and_an_exit_code(tmp_path: Path) -> None:
    lines = run(str(tmp_path / "missing.warc.gz"), code=2)
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


def test_records_of_one_compressed_member_are_shown_each_with_its_text(tmp_path: Path) -> None:
    archive = b""
    for name in ("甲", "乙", "丙"):
        page = f"<html lang='zh'><p>第{name}頁在這裡，裡面寫著不同的句子，讀者看了便知道。</p></html>".encode()
        message = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
        header = f"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: {len(message)}"
        archive += header.encode() + b"\r\n\r\n" + message + b"\r\n\r\n"
    (tmp_path / "one.warc.gz").write_bytes(gzip.compress(archive))
    lines = run(str(tmp_path / "one.warc.gz"))
    assert [line["text"][:3] for line in lines] == ["第甲頁", "第乙頁", "第丙頁"]
    assert [line["place"] for line in lines] == ["one.warc.gz:0", "one.warc.gz:0+1", "one.warc.gz:0+2"]
