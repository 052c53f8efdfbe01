from __future__ import annotations

import lzma
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT, RE_HANS

from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from tests.pipelines.annotate.texts import TEXTS, hostile_text

_PHRASES = sorted(PHRASES_DICT)


def expected(texts: Iterable[str]) -> list[str]:
    """pypinyin's own answer, one per visible character; "" where it passes a character through or invents 鿉5."""
    syllables: list[str] = []
    for text in texts:
        found = lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, errors=lambda run: ["\n"] * len(run))
        assert len(found) == len(text)
        syllables += [
            "" if syllable in ("\n", "\n5") else syllable
            for character, syllable in zip(text, found, strict=True)
            if not character.isspace()
        ]
    return syllables


def found(pinyin: PinyinAnnotator, texts: Sequence[str]) -> list[str]:
    return [pinyin.syllables[identifier] for identifier in pinyin.annotate(texts)]


def test_syllables_are_sorted_and_begin_with_none(pinyin: PinyinAnnotator) -> None:
    assert pinyin.syllables[0] == ""
    assert list(pinyin.syllables[1:]) == sorted(set(pinyin.syllables[1:]))
    assert {"nv3", "lve4", "de5", "zhong1"} <= set(pinyin.syllables)


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("银行行长", "yin2 hang2 hang2 zhang3"),
        ("重庆重启", "chong2 qing4 chong2 qi3"),
        ("长大的长度", "zhang3 da4 de5 chang2 du4"),
        ("绿女", "lv4 nv3"),
    ],
)
def test_readings_in_context(pinyin: PinyinAnnotator, text: str, syllables: str) -> None:
    assert found(pinyin, [text]) == syllables.split()


def test_what_is_not_han_or_unknown_has_none(pinyin: PinyinAnnotator) -> None:
    assert found(pinyin, ["A1，鿉 あ한中\u3000"]) == ["", "", "", "", "", "", "zhong1"]
    assert pinyin.annotate([]).tolist() == []
    assert pinyin.annotate(["", " "]).tolist() == []


def test_a_phrase_does_not_reach_across_texts_or_white_space(pinyin: PinyinAnnotator) -> None:
    assert found(pinyin, ["银", "行"]) == expected(["银", "行"])
    assert found(pinyin, ["银 行"]) == expected(["银 行"])
    assert found(pinyin, ["银行"])[1] == "hang2"


def test_default_is_the_reading_of_the_lone_character(pinyin: PinyinAnnotator) -> None:
    codes = np.array([code for code in sorted(PINYIN_DICT)[::40] if RE_HANS.match(chr(code))], dtype=np.uint32)
    assert [pinyin.syllables[i] for i in pinyin.default(codes)] == expected(map(chr, codes))


def test_every_phrase_of_the_dictionary_reads_as_in_pypinyin(pinyin: PinyinAnnotator) -> None:
    phrases = _PHRASES[::5]
    assert found(pinyin, phrases) == expected(phrases)


def test_fixed_texts_read_as_in_pypinyin(pinyin: PinyinAnnotator) -> None:
    assert found(pinyin, TEXTS) == expected(TEXTS)


@given(st.lists(hostile_text, max_size=4))
def test_hostile_texts_read_as_in_pypinyin(pinyin: PinyinAnnotator, texts: list[str]) -> None:
    assert found(pinyin, texts) == expected(texts)


_beginnings = st.builds(lambda phrase, end: phrase[:end], st.sampled_from(_PHRASES), st.integers(1, 10))


@settings(max_examples=600, deadline=None)
@given(st.lists(st.one_of(_beginnings, st.sampled_from(["，", " ", "a"])), min_size=1, max_size=6))
def test_beginnings_of_phrases_read_as_in_pypinyin(pinyin: PinyinAnnotator, pieces: list[str]) -> None:
    text = "".join(pieces)
    assert found(pinyin, [text]) == expected([text])


def test_a_run_that_breaks_off_inside_a_phrase(pinyin: PinyinAnnotator) -> None:
    beginnings = [phrase[:-1] for phrase in _PHRASES if len(phrase) >= 5]
    assert found(pinyin, beginnings) == expected(beginnings)
    followed = [f"{beginning}，中" for beginning in beginnings[::3]]
    assert found(pinyin, followed) == expected(followed)


def test_real_lines_read_as_in_pypinyin(pinyin: PinyinAnnotator, shared_data: Path) -> None:
    lines = (shared_data / "pinyin" / "cpp-dev.sent").read_text(encoding="utf-8").replace("▁", "").splitlines()[::3]
    for name in ("zh_gsd-ud-dev", "ja_gsd-ud-dev"):
        with lzma.open(shared_data / "segmentation" / f"{name}.conllu.xz", "rt", encoding="utf-8") as file:
            lines += [line.removeprefix("# text = ").rstrip("\n") for line in file if line.startswith("# text = ")]
    assert len(lines) > 4_000
    assert found(pinyin, lines) == expected(lines)


def test_accuracy_on_marked_polyphones(pinyin: PinyinAnnotator, shared_data: Path) -> None:
    folder = shared_data / "pinyin"
    marked = (folder / "cpp-dev.sent").read_text(encoding="utf-8").splitlines()
    labels = (folder / "cpp-dev.lb").read_text(encoding="utf-8").split()
    right = 0
    for sentence, label in zip(marked, labels, strict=True):
        place = len("".join(sentence[: sentence.index("▁")].split()))
        right += found(pinyin, [sentence.replace("▁", "")])[place] == label.replace("u:", "v")
    assert right / len(labels) == pytest.approx(0.8753, abs=0.002)
