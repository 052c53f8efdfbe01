"""Which headwords of dictionaries become phrases: those that the segmenter reads otherwise than any dictionary does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate

from hanmill.pipelines.annotate.japanese.kana import is_kana
from hanmill.pipelines.annotate.japanese.phrase_readings import INFLECTS, Phrase, PhraseReadings, PhraseTable
from hanmill.pipelines.annotate.japanese.reading_corrections import NUMBER
from hanmill.pipelines.annotate.japanese.segmenter import JapaneseSegmenter
from hanmill.pipelines.annotate.japanese.unidic import Word
from hanmill.pipelines.training.japanese_dictionaries import HeadwordReading
from hanmill.pipelines.training.japanese_marked_text import ReadText

#: What stands before and after a headword, and how many kana of the reading that is.
_FRAMES = (("", "", 0, 0), ("その", "が", 2, 1), ("", "の", 0, 1))
_PARTICLE = "助詞"
#: So few words and a particle at their end are no phrase: 後に, 今週中に.
_SHORT = 3
#: The words in kana alone that phrases may begin with.
_PREFIXES = frozenset({"お", "ご", "この", "その"})


def dictionary_phrases(
    segmenter: JapaneseSegmenter, headwords: Mapping[str, Sequence[HeadwordReading]]
) -> dict[str, Phrase]:
    """Phrases, their readings and the lengths of their first words; ``segmenter`` has no model and no phrases.

    Left out are headwords whose readings are all old or irregular, those that UniDic knows as one word (unless it
    has no reading), few words and a particle (後に), kana with one Han (未だ).
    """
    phrases: dict[str, Phrase] = {}
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
                phrases[phrase] = _phrase(reading, own)
                break
    return phrases


def name_phrases(segmenter: JapaneseSegmenter, names: Mapping[str, str]) -> dict[str, Phrase]:
    """Those of ``names`` that ``segmenter`` reads otherwise, none of them one word of UniDic with a reading."""
    phrases = {}
    for name, reading in names.items():
        words, found = segmenter.analysed(name)
        have = "".join(found)
        own = [word for word in words if word.surface]
        if have != reading and (len(own) > 1 or not have):
            phrases[name] = _phrase(reading, own)
    return phrases


def without_harm(
    segmenter: JapaneseSegmenter, phrases: Mapping[str, Phrase], texts: Sequence[ReadText]
) -> dict[str, Phrase]:
    """``phrases`` without those that make more words of ``texts`` wrong than right."""
    finder = PhraseReadings(PhraseTable.of(phrases))
    balance: Counter[str] = Counter()
    for text in texts:
        words, readings = segmenter.analysed(text.text)
        ends = list(accumulate((len(word.surface) for word in words), initial=0))
        for start, word in enumerate(words):
            longest = finder.longest(word.surface, words[start + 1].stem) if word.surface in finder.firsts else 0
            found = finder.at(words, start, longest) if longest else None
            if found is None or words[start - 1].kind == NUMBER:
                continue
            stop, reading = found
            golds = _readings_of(text, ends[start], ends[stop])
            have = "".join(readings[start:stop])
            if golds and have != reading and (have in golds) != (reading in golds):
                balance[text.text[ends[start] : ends[stop]]] += 1 if reading in golds else -1
    harmful = {surface for surface, count in balance.items() if count < 0}
    return {
        phrase: known
        for phrase, known in phrases.items()
        if phrase not in harmful
        and not (phrase.endswith(INFLECTS) and any(surface.startswith(phrase[:-1]) for surface in harmful))
    }


def _usable(headword: str, words: Sequence[Word], have: str) -> bool:
    if len(words) == 1:
        return not have
    if len(headword) == 2 and any(is_kana(character) for character in headword):
        return False
    return (words[0].content != "" or words[0].surface in _PREFIXES) and (
        len(words) > _SHORT or not words[-1].part.startswith(_PARTICLE)
    )


def _phrase(reading: str, words: Sequence[Word]) -> Phrase:
    return Phrase(reading, len(words[0].surface), len(words[1].stem) if len(words) > 1 else 0)


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
