from __future__ import annotations

import pytest

from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from hanmill.schemas.syllables import syllable_ids


@pytest.mark.parametrize(
    ("syllable", "ids"),
    [
        ("", (0, 0, 0, 0, 0, 0, 0, 0)),
        ("a1", (6, 1, 0, 0, 0, 0, 0, 0)),
        ("zhuang4", (31, 13, 26, 6, 19, 12, 4, 0)),
        ("de5", (9, 10, 5, 0, 0, 0, 0, 0)),
        ("ê1", (10, 1, 0, 0, 0, 0, 0, 0)),
    ],
)
def test_letters_then_tone(syllable: str, ids: tuple[int, ...]) -> None:
    assert syllable_ids(syllable) == ids


@pytest.mark.parametrize("syllable", ["zhong0", "Zhong1", "中", "zhuangzh1"])
def test_what_is_no_syllable_is_refused(syllable: str) -> None:
    with pytest.raises(ValueError, match="syllable"):
        syllable_ids(syllable)


def test_every_syllable_of_the_dictionaries_has_ids_of_its_own(pinyin: PinyinAnnotator) -> None:
    ids = [syllable_ids(syllable) for syllable in pinyin.syllables]
    assert all(len(one) == 8 and max(one) < 32 for one in ids)
    assert len(set(ids)) == len(ids)
