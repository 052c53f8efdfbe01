from __future__ import annotations

from benchmarks.pinyin_words import marked_words

WORDS = [
    ("银行", ("yin2", "hang2")),
    ("行人", ("xing2", "ren2")),
    ("绿色", ("lv4", "se4")),
    ("一行", ("yi1", "hang2")),
]
COUNTS = {"银行": 50, "行人": 9, "绿色": 5, "一行": 1}


def test_common_words_of_characters_with_several_readings() -> None:
    marked = list(marked_words(WORDS, COUNTS, ["甲乙丙丁戊"]))
    assert [label for _, label in marked] == ["hang2", "hang2", "xing2", "xing2"]  # 一行 is too rare
    assert all(line.count("▁") == 2 for line, _ in marked)
    assert "银▁行▁" in marked[0][0]
    assert marked == list(marked_words(WORDS, COUNTS, ["甲乙丙丁戊"]))
