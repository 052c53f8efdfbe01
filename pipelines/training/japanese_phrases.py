"""Which headwords of dictionaries become phrases: those that the segmenter reads otherwise than any dictionary does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pipelines.annotate.japanese.kana import is_kana
from pipelines.annotate.japanese.phrase_readings import INFLECTS, PhraseReadings
from pipelines.annotate.japanese.segmenter import JapaneseSegmenter
from pipelines.annotate.japanese.unidic import Word
from pipelines.training.japanese_dictionaries import HeadwordReading
from pipelines.training.japanese_marked_text import ReadText

#: What stands before and after a headword, and how many kana of the reading that is.
_FRAMES = (("", "", 0, 0), ("その", "が", 2, 1), ("", "の", 0, 1))
_PARTICLE, _NAME = "助詞", "名詞-固有名詞"


def dictionary_phrases(
    segmenter: JapaneseSegmenter, headwords: Mapping[str, Sequence[HeadwordReading]]
) -> dict[str, str]:
    """Phrases and their readings; ``segmenter`` is one without model and phrases.

    Left out are headwords whose readings are all old or irregular, those that UniDic knows as one word (unless it
    has no reading), a word and a particle (後に) and kana with one Han (未だ).
    """
    phrases: dict[str, str] = {}
    for headword, readings in headwords.items():
        if len(headword) < 2 or is_kana(headword):
            continue
        usable = sorted((each for each in readings if not each.old), key=lambda each: not each.common)
        if not usable:
            continue
        known = {each.reading for each in readings}
        for before, after, head, tail in _FRAMES:
            words, found = segmenter.analysed(before + headword + after)
            whole = "".join(found)
            have = whole[head : len(whole) - tail]
            if have in known:
                continue
            own = [word for word in words if word.surface][int(bool(before)) : -1 if after else None]
            if _usable(headword, own, have):
                phrase, reading = _inflecting(headword, usable[0])
                phrases[phrase] = reading
                break
    return phrases


def name_phrases(segmenter: JapaneseSegmenter, names: Mapping[str, str]) -> dict[str, str]:
    """Those of ``names`` that ``segmenter`` reads otherwise, none of them one word of UniDic with a reading."""
    phrases = {}
    for name, reading in names.items():
        words, found = segmenter.analysed(name)
        have = "".join(found)
        if have != reading and (sum(1 for word in words if word.surface) > 1 or not have):
            phrases[name] = reading
    return phrases


def without_harm(segmenter: JapaneseSegmenter, phrases: Mapping[str, str], texts: Sequence[ReadText]) -> dict[str, str]:
    """``phrases`` without those that make more words of ``texts`` wrong than right."""
    finder = PhraseReadings(phrases)
    balance: Counter[str] = Counter()
    for text in texts:
        words, readings = segmenter.analysed(text.text)
        inside = [word for word in words if word.surface]
        lead = next((index for index, word in enumerate(words) if word.surface), 0)
        bounds = {0: 0}
        place = 0
        for index, word in enumerate(inside, 1):
            place += len(word.surface)
            bounds[place] = index
        ends = {index: place for place, index in bounds.items()}
        for start, stop, reading in finder.find(text.text, inside):
            golds = _readings_of(text, ends[start], ends[stop])
            have = "".join(readings[lead + start : lead + stop])
            if golds and have != reading and (have in golds) != (reading in golds):
                surface = text.text[ends[start] : ends[stop]]
                balance[surface] += 1 if reading in golds else -1
    harmful = {surface for surface, count in balance.items() if count < 0}
    return {
        phrase: reading
        for phrase, reading in phrases.items()
        if not any(surface.startswith(phrase.removesuffix(INFLECTS)) for surface in harmful)
        or (phrase not in harmful and not phrase.endswith(INFLECTS))
    }


def _usable(headword: str, words: Sequence[Word], have: str) -> bool:
    if len(words) == 1:
        return not have
    if len(headword) == 2 and any(is_kana(character) for character in headword):
        return False
    return len(words) > 2 or not words[-1].part.startswith(_PARTICLE)


def _inflecting(headword: str, reading: HeadwordReading) -> tuple[str, str]:
    """The phrase of a headword: without its last kana where that inflects."""
    if reading.inflects and is_kana(headword[-1]) and len(headword) > 2:
        return headword[:-1] + INFLECTS, reading.reading[:-1]
    return headword, reading.reading


def _readings_of(text: ReadText, start: int, end: int) -> set[str]:
    golds = {""}
    place = start
    for span in text.spans:
        if span.end <= start or span.start >= end:
            continue
        if span.start != place or span.end > end:
            return set()
        golds = {before + reading for before in golds for reading in span.readings}
        place = span.end
    return golds if place == end else set()
