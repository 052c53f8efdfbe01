from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import opencc
import pyarrow.parquet as pq
import pytest
from click.testing import Result

from hanmill.schemas.corpus import CORPUS
from hanmill.schemas.manifest import Manifest

Hanmill = Callable[..., Result]
BuildHere = Callable[[Path, Sequence[tuple[str, str]], Path], Manifest]


def texts(corpus: Path) -> dict[str, str]:
    manifest = Manifest.load(corpus)
    tables = [pq.read_table(corpus / shard.path, schema=CORPUS) for shard in (*manifest.train, *manifest.validation)]
    return {row["title"]: row["text"] for table in tables for row in table.to_pylist()}


@pytest.fixture(scope="module")
def chinese(repository: Path) -> tuple[str, ...]:
    return ("--input", f"wikipedia={repository}/samples/wikipedia/zhwiki-*-multistream.xml.bz2", "--workers", "1")


def test_pages_that_hold_an_evaluation_item_are_dropped_and_reported(
    hanmill: Hanmill, build_here: BuildHere, chinese: tuple[str, ...], tmp_path: Path
) -> None:
    recipe = tmp_path / "plain.yaml"
    recipe.write_text("name: plain\n", encoding="utf-8")
    build_here(recipe, [("wikipedia", chinese[1].partition("=")[2])], tmp_path / "all")
    everything = texts(tmp_path / "all")
    title, text = max(everything.items(), key=lambda item: len(item[1]))
    sentence = max(text.replace("\n", "。").split("。"), key=len)
    convert = opencc.OpenCC("t2s" if opencc.OpenCC("t2s").convert(sentence) != sentence else "s2t").convert
    questions = tmp_path / "questions.jsonl"
    rows = [{"id": 1, "question": "猫有几条腿？"}, {"id": 2, "question": convert(sentence)}]
    questions.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")

    arguments = ("build", recipe, *chinese, "--output", tmp_path / "clean", "--decontaminate", questions)
    result = hanmill(*arguments)
    assert result.exit_code == 0, result.output
    assert "evaluation_overlap@1" in result.output
    left = texts(tmp_path / "clean")
    assert title not in left
    assert left.items() < everything.items()
    dropped = [row for path in (tmp_path / "clean" / "dropped").iterdir() for row in pq.read_table(path).to_pylist()]
    [row] = [row for row in dropped if row["rule"] == "evaluation_overlap@1"]
    assert row["title"] == title
    assert row["measured"] == 1.0
    assert row["snippet"].startswith(f"questions.jsonl:2 {convert(sentence)[:20]}")
    assert "questions.jsonl:2" in (tmp_path / "clean" / "report.html").read_text(encoding="utf-8")
    assert hanmill("verify", tmp_path / "clean").exit_code == 0

    moved = questions.rename(tmp_path / "clean" / ".." / "questions2.jsonl").rename(tmp_path / "questions.jsonl")
    moved.write_text(moved.read_text(encoding="utf-8").replace("几条", "多少条"), encoding="utf-8")
    plan = hanmill("plan", *arguments[1:4], "--output", tmp_path / "clean", "--decontaminate", moved)
    assert "file questions.jsonl: changed" in plan.output


def test_evaluation_files_that_cannot_be_read_stop_everything(
    hanmill: Hanmill, chinese: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "bad.json").write_text("[")
    for name, message in (("bad.json", "not JSON"), ("none.txt", "cannot be read")):
        result = hanmill("build", "demo", *chinese, "--output", tmp_path / "c", "--decontaminate", tmp_path / name)
        assert result.exit_code == 2
        assert message in result.output
        assert not (tmp_path / "c").exists()
