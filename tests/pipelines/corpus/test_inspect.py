from __future__ import annotations

from pathlib import Path

import click
import pyarrow as pa
import pyarrow.parquet as pq

from hanmill.corpus import Tables
from hanmill.pipelines.corpus.inspect import (
    Block,
    _raw_texts,
    aligned_lines,
    blocks,
    display_width,
    document_lines,
)

TABLES = Tables(("", "銀", "银", "行", "は", "A"), (0, 1, 1, 3, 4, 5), ("", "yin2", "hang2"))


def row(text: str, ids: list[int], words: list[int], pinyin: list[int] | None, roman: list[str] | None) -> dict:
    return {"text": text, "char_ids": ids, "word_lens": words, "pinyin_ids": pinyin, "word_roman": roman}


def test_blocks_carry_cluster_pinyin_and_word() -> None:
    found = list(blocks(row("银行 A", [2, 3, 5], [2, 1], [1, 2, 0], ["银行", "A"]), TABLES, 10))
    assert found == [
        Block((("银", "銀", "yin2"), ("行", "·", "hang2")), "银行", ""),
        Block((("A", "·", ""),), "A", ""),
    ]


def test_unknown_characters_are_marked_and_romaji_is_shown() -> None:
    (found,) = blocks(row("鑫は", [0, 4], [2], None, ["ginha"]), TABLES, 10)
    assert found == Block((("鑫", "?", ""), ("は", "·", "")), "鑫は", "ginha")


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    assert display_width("银A") == 3
    assert display_width("か\u3099") == 2
    assert display_width("ﾊﾝ") == 2


def test_all_rows_of_a_line_are_aligned() -> None:
    words = list(blocks(row("银行は银", [2, 3, 4, 2], [2, 1, 1], [1, 2, 0, 1], ["银行", "ha", "gin"]), TABLES, 10))
    lines = [click.unstyle(line) for line in aligned_lines(words, 60)]
    columns = [8 + display_width("银   行    "), 8 + display_width("银   行    は ")]
    for line in lines[:-1]:
        for column in columns:
            before = 0
            for character in line:
                if before >= column:
                    break
                before += display_width(character)
            assert before in (column, display_width(line)), line
    assert lines[0].split() == ["char", "银", "行", "は", "银"]
    assert lines[2].split() == ["pinyin", "yin2", "hang2", "yin2"]


def test_lines_break_before_the_terminal_ends() -> None:
    words = [Block((("猫", "·", ""),), "猫", "neko")] * 30
    lines = [click.unstyle(line) for line in aligned_lines(words, 40)]
    assert max(map(display_width, lines)) <= 40
    assert sum(line.count("猫") for line in lines if line.startswith("char")) == 30


def test_the_text_before_normalisation_is_found_by_uid(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    for shard, (uids, texts) in enumerate([([5, (1 << 64) - 1], ["猫　Ａ", None]), ([7], ["銀行"])]):
        table = pa.table({"uid": pa.array(uids, pa.uint64()), "raw": pa.array(texts, pa.large_string())})
        pq.write_table(table, tmp_path / "documents" / f"part-{shard}.parquet")
    assert _raw_texts(tmp_path, [(1 << 64) - 1, 5]) == {5: "猫　Ａ"}
    assert _raw_texts(tmp_path, [7]) == {7: "銀行"}


def test_the_text_before_normalisation_is_shown_when_asked_for() -> None:
    about = dict.fromkeys(("title", "lang", "script", "source", "url", "revision"), "") | {"uid": 1}
    document = row("银行", [2, 3], [2], [1, 2], ["银行"]) | about
    shown = {
        raw: [click.unstyle(line) for line in document_lines(document, TABLES, 1, 60, raw)] for raw in ("銀行", "")
    }
    assert "raw 銀…" in shown["銀行"]
    assert "raw as above, or not kept" in shown[""]
    assert not any(line.startswith("raw") for line in map(click.unstyle, document_lines(document, TABLES, 1, 60)))
