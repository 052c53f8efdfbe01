from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from hanmill.pipelines.dedup import evaluation
from hanmill.pipelines.dedup.evaluation import EvaluationFileError, EvaluationItems, read_items
from hanmill.pipelines.dedup.fold import fold

QUESTION = "計算機科學是系統性研究信息與計算的理論基礎以及它們如何實現與應用的實用技術的學科"
QUESTION_SIMPLIFIED = "计算机科学是系统性研究信息与计算的理论基础以及它们如何实现与应用的实用技术的学科"
JAPANESE = "二人の男性がテーブルを囲んで座り、片方がノートパソコンを操作しています。"
NEWS = "东京都政府昨日宣布，下个月起将在全部公立图书馆延长开放时间到晚上九点，市民普遍表示欢迎。"


def items(folder: Path, *lines: str, share: float = 0.5) -> EvaluationItems:
    path = folder / "試験.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return EvaluationItems([str(path)], 13, share)


def test_an_item_is_found_inside_a_page_in_the_other_script(tmp_path: Path) -> None:
    found = items(tmp_path, JAPANESE, QUESTION).overlap(fold(NEWS + "题目：" + QUESTION_SIMPLIFIED + "。" + NEWS))
    assert found is not None
    assert (found.item.place, found.item.text, found.share) == ("試験.txt:2", QUESTION, 1.0)


def test_a_page_about_the_same_thing_is_no_item(tmp_path: Path) -> None:
    evaluated = items(tmp_path, QUESTION, JAPANESE)
    assert evaluated.overlap(fold(NEWS)) is None
    assert evaluated.overlap(fold("计算机科学是系统性研究信息的学科。" + NEWS)) is None
    assert evaluated.overlap(fold("二人")) is None


def test_the_share_decides(tmp_path: Path) -> None:
    half = fold(NEWS + QUESTION[: len(QUESTION) // 2 + 6] + NEWS)
    found = items(tmp_path, QUESTION, share=0.4).overlap(half)
    assert found is not None
    assert 0.4 < found.share < 0.6
    assert items(tmp_path, QUESTION, share=0.8).overlap(half) is None


def test_dakuten_are_not_folded(tmp_path: Path) -> None:
    voiced = "ガギグゲゴザジズゼゾダヂヅデドバビブベボ"
    assert items(tmp_path, voiced).overlap(fold("カキクケコサシスセソタチツテトハヒフヘホ")) is None
    assert items(tmp_path, voiced).overlap(fold(voiced)) is not None


def test_short_items_are_passed_over(tmp_path: Path) -> None:
    assert items(tmp_path, "はい", "不知道", JAPANESE).compared == 1
    with pytest.raises(EvaluationFileError, match=r"試験\.txt: found no item of 13 letters"):
        items(tmp_path, "はい", "不知道")


@pytest.mark.parametrize(
    ("suffix", "write"),
    [("", Path.write_bytes), (".gz", None), (".bz2", None), (".xz", None)],
)
def test_json_lines_of_any_compression(suffix: str, write: Callable[[Path, bytes], int] | None, tmp_path: Path) -> None:
    rows = [{"id": 3, "sentence1": JAPANESE, "label": "neutral", "more": [{"q": NEWS}]}, {"sentence1": QUESTION}]
    data = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    packed = {"": data, ".gz": gzip.compress(data), ".bz2": bz2.compress(data), ".xz": lzma.compress(data)}[suffix]
    path = tmp_path / f"jnli.jsonl{suffix}"
    path.write_bytes(packed)
    assert [(i.place, i.text) for i in read_items(path)] == [
        (f"{path.name}:1", JAPANESE),
        (f"{path.name}:1", "neutral"),
        (f"{path.name}:1", NEWS),
        (f"{path.name}:2", QUESTION),
    ]


def test_conllu_gives_its_sentences(shared_data: Path) -> None:
    found = list(read_items(shared_data / "segmentation" / "ja_gsd-ud-dev.conllu.xz"))
    assert len(found) > 500
    assert all("\t" not in item.text for item in found)


def test_broken_files_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.json").write_text("[1, ")
    (tmp_path / "b.txt").write_bytes("試験".encode("shift_jis"))
    (tmp_path / "c.txt.xz").write_bytes(b"no xz")
    (tmp_path / "d.txt").write_text(NEWS)
    monkeypatch.setattr(evaluation, "MAX_BYTES", 64)
    for name, message in (
        ("a.json", "not JSON"),
        ("b.txt", "UTF-8"),
        ("c.txt.xz", "cannot be read"),
        ("d.txt", "above 64"),
        ("e", "No such file"),
    ):
        with pytest.raises(EvaluationFileError, match=rf"{name}.*{message}"):
            list(read_items(tmp_path / name))
