from __future__ import annotations

from benchmarks.segmenter_score import paragraphs


def test_words_without_tags_and_brackets() -> None:
    tagged = "[中国/ns 中央/n 电视台/n]nt 播出/v 了/u 新闻/n\n\n短/a 句/n\n"
    assert paragraphs(tagged) == [["中国", "中央", "电视台", "播出", "了", "新闻"]]
