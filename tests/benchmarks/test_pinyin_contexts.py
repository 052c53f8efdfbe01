from __future__ import annotations

from benchmarks.pinyin_contexts import MOST_OF_A_PATTERN, TABLE, marked_contexts
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator


def test_contexts_are_marked_once_with_readings_that_pypinyin_knows() -> None:
    known = set(PinyinAnnotator().syllables)
    marked = list(marked_contexts())
    patterns = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert len(patterns) < len(marked) <= MOST_OF_A_PATTERN * len(patterns)
    for line, label in marked:
        before, character, after = line.split("▁")
        assert len(character) == 1
        assert not {"(", ")", "|", "?"} & set(before + after)
        assert label.replace("u:", "v") in known


def test_the_same_contexts_every_time() -> None:
    assert list(marked_contexts()) == list(marked_contexts())
