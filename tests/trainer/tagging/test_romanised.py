"""Column files meet the lines that ``hanmill annotate`` makes of them."""

from __future__ import annotations

import json
from pathlib import Path

from hanmill.trainer.data.tagged_file import ColumnsConfig
from hanmill.trainer.tagging.romanised import read_with_roman


def test_a_line_whose_widths_were_folded_fits(tmp_path: Path) -> None:
    columns, annotated = tmp_path / "ja.tsv", tmp_path / "ja.jsonl"
    columns.write_text("東京\tB-LOC\n：\tO\nＭＯＭ\tO\nｶﾞ\tO\n", encoding="utf-8")
    words = [("東京", "toukyou"), (":", None), ("MOM", None), ("ガ", "ga")]
    line = {"words": [{"word": word, "romaji": romaji} for word, romaji in words]}
    annotated.write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    (found,) = read_with_roman(columns, ColumnsConfig(), "ja", annotated)
    assert found.words == ("東京", "：", "ＭＯＭ", "ｶﾞ")
    assert found.roman == ("toukyou", ":", "MOM", "ga")
