"""``hanmill extract wikitext`` on files of every kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hanmill.pipelines.commands.extract_wikitext import is_dump, wikitext


def lines(*arguments: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(wikitext, list(arguments))
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def sample(repository: Path) -> str:
    return str(repository / "samples" / "wikipedia" / "jawiki-sample-pages-articles-multistream.xml.bz2")


def test_a_dump_gives_a_line_for_every_page(sample: str) -> None:
    found = lines(sample)
    assert len(found) == 14
    first = found[0]
    assert (first["title"], first["id"], first["revision"], first["lang"]) == ("東京", "101", "9101", "ja")
    assert first["timestamp"] == "2026-01-02T03:04:05Z"
    assert [first["text"][one["start"] : one["end"]] for one in first["spans"]] == ["東京", "富士山"]
    assert next(line for line in found if line["title"] == "ネコ")["redirect"] == "猫"


def test_a_bare_page(tmp_path: Path) -> None:
    path = tmp_path / "猫.wiki"
    path.write_text("'''猫'''（{{ruby|猫|ねこ}}）は[[動物]]である。", encoding="utf-8")
    (found,) = lines(str(path))
    assert found == {
        "title": "猫",
        "id": "",
        "text": "猫（猫）は動物である。",
        "spans": [{"start": 2, "end": 3, "reading": "ねこ"}],
        "flags": [],
    }
    assert not is_dump(str(path))


def test_parallel_text_in_many_variants(tmp_path: Path) -> None:
    path = tmp_path / "雷射.wiki"
    path.write_text("-{zh-cn:激光;zh-tw:雷射;zh-hk:鐳射}-打印機", encoding="utf-8")
    found = lines("--lang", "zh", "--variant", "zh-cn", "--variant", "zh-Hant-HK", "--variant", "zh-xx", str(path))
    assert [line.get("text") for line in found] == ["激光打印机", "鐳射打印機", None]
    assert found[2]["error"].startswith("unknown_variant")


def test_what_cannot_be_read_is_a_line_too(tmp_path: Path, sample: str) -> None:
    cut = tmp_path / "jawiki-cut.xml.bz2"
    cut.write_bytes(Path(sample).read_bytes()[:-900])
    binary = tmp_path / "x.wiki"
    binary.write_bytes(bytes(range(256)))
    found = lines(str(cut), str(tmp_path / "missing"), str(binary))
    errors = [line["error"] for line in found if "error" in line]
    assert [error.partition(":")[0] for error in errors] == ["truncated_stream", "unreadable_file"]
    assert found[0]["title"] == "東京"
    assert "text" in found[-1]


def test_options_and_the_report_of_templates(sample: str) -> None:
    result = CliRunner().invoke(wikitext, ["--tables", "--no-headings", "--tail-sections", "--templates", sample])
    tokyo = json.loads(result.stdout.splitlines()[0])["text"]
    assert "東京駅\t千代田区" in tokyo
    assert "山田『首都の話』" in tokyo
    assert "\n地理\n" not in tokyo
    assert "不明な雛形" in result.stderr
