"""Which headwords of dictionaries become phrases: those that the segmenter reads otherwise than any dictionary does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from hanmill.pipelines.annotate.japanese.counters import COUNTERS
from hanmill.pipelines.annotate.japanese.kana import is_kana
from hanmill.pipelines.annotate.japanese.phrase_readings import (
    BORDER,
    FORMS,
    INFLECTS,
    Phrase,
    PhraseReadings,
    PhraseTable,
    nearest,
)
from hanmill.pipelines.annotate.japanese.reading_corrections import NAME, NUMBER
from hanmill.pipelines.annotate.japanese.repeat_marks import voiced
from hanmill.pipelines.annotate.japanese.romaji import katakana
from hanmill.pipelines.annotate.japanese.segmenter import JapaneseSegmenter
from hanmill.pipelines.annotate.japanese.unidic import Word
from hanmill.pipelines.text.tsv import read_tsv
from hanmill.pipelines.training.japanese_dictionaries import HeadwordReading
from hanmill.pipelines.training.japanese_marked_text import ReadText

#: What stands before and after a headword, and how many kana of the reading that is.
Frame = tuple[str, str, int, int]
FRAMES: tuple[Frame, ...] = (("", "", 0, 0), ("その", "が", 2, 1), ("", "の", 0, 1))
#: In more of them, headwords that are right in those are read as parts of other phrases (自棄になる in 自暴自棄になる).
MORE_FRAMES: tuple[Frame, ...] = (("", "になる", 0, 3), ("その", "が", 2, 1), ("", "を", 0, 1))
_PARTICLE, _SUFFIX, _NOUN, _VERB = "助詞", "接尾辞", "名詞", "動詞"
#: So few words and a particle at their end are no phrase: 後に, 今週中に.
_SHORT = 3
#: The words in kana alone that phrases may begin with.
_PREFIXES = frozenset({"お", "ご", "この", "その"})


@dataclass(frozen=True, slots=True)
class Dictionary:
    """``headwords`` and the readings of each, ``kanji`` and theirs in katakana."""

    headwords: Mapping[str, Sequence[HeadwordReading]]
    kanji: Mapping[str, Sequence[str]]

    def readings(self, word: Word) -> tuple[str, ...]:
        """What a word may be read as; what it reads as alone stands first."""
        found = [word.reading, *(each.reading for each in self.headwords.get(word.surface, ()))]
        return tuple(dict.fromkeys([*found, *self.kanji.get(word.surface, ())]))


def dictionary_phrases(
    segmenter: JapaneseSegmenter, dictionary: Dictionary, frames: Sequence[Frame] = FRAMES
) -> dict[str, Phrase]:
    """Headwords that ``segmenter`` reads in ``frames`` as no dictionary does, or unvoiced as is not common.

    Left out are headwords whose readings are all old or irregular, those that UniDic knows as one word (unless it
    has no reading), few words and a particle (後に), a verb's noun and し (外出し), kana with one Han (未だ).
    """
    phrases: dict[str, Phrase] = {}
    for headword, readings in dictionary.headwords.items():
        if len(headword) < 2 or is_kana(headword):
            continue
        usable = sorted((each for each in readings if not each.old), key=lambda each: not each.common)
        if not usable:
            continue
        known = {each.reading for each in readings}
        for before, after, head, tail in frames:
            words, found = segmenter.analysed(before + headword + after)
            whole = "".join(found)
            have = whole[head : len(whole) - tail]
            own = _first_words([word for word in words if word.surface][int(bool(before)) :], len(headword))
            if not own or (have in known and not (usable[0].common and _unvoiced(have, usable[0].reading))):
                continue
            if _usable(headword, own, have) and (usable[0].common or not _counted(own)):
                phrase, reading = _inflecting(headword, usable[0])
                found_phrase = divided_phrase(phrase, reading, own, dictionary)
                last = usable[0].reading[-1]
                if phrase.endswith(INFLECTS) and last in FORMS:
                    found_phrase = found_phrase._replace(reading=found_phrase.reading + INFLECTS + last)
                phrases[phrase] = found_phrase
                break
    return phrases


def name_phrases(segmenter: JapaneseSegmenter, names: Mapping[str, str], dictionary: Dictionary) -> dict[str, Phrase]:
    """Those of ``names`` that ``segmenter`` reads otherwise, none of them one word of UniDic with a reading.

    Two characters of which the second is a suffix are more often words beside each other (年代末).
    """
    phrases = {}
    for name, reading in names.items():
        words, found = segmenter.analysed(name)
        have = "".join(found)
        own = [word for word in words if word.surface]
        if have == reading or not (len(own) > 1 or not have):
            continue
        if len(name) > 2 or len(own) == 1 or own[0].kind == NAME or not own[1].part.startswith(_SUFFIX):
            phrases[name] = divided_phrase(name, reading, own, dictionary)
    return phrases


def phrases_by_hand(segmenter: JapaneseSegmenter, dictionary: Dictionary) -> dict[str, Phrase]:
    """The phrases of ``data/reading_phrases.tsv``, whatever ``segmenter`` reads."""
    phrases = {}
    for phrase, reading in read_tsv("hanmill.pipelines.annotate.japanese", "reading_phrases.tsv", 2):
        words, _ = segmenter.analysed(phrase.removesuffix(INFLECTS))
        phrases[phrase] = divided_phrase(phrase, reading, [word for word in words if word.surface], dictionary)
    return phrases


def divided_phrase(phrase: str, reading: str, words: Sequence[Word], dictionary: Dictionary) -> Phrase:
    """A phrase of ``words``, its reading divided among them as far as the phrase goes."""
    surfaces, usual = [], []
    left = len(phrase.removesuffix(INFLECTS))
    for word in words:
        surface = word.surface[:left]
        ending = katakana(word.surface[left:])
        left -= len(surface)
        surfaces.append(surface)
        usual.append([each.removesuffix(ending) for each in dictionary.readings(word)])
    parts = nearest(surfaces, usual, reading)
    second = len(words[1].stem) if len(words) > 1 else 0
    return Phrase(BORDER.join(parts) if parts else reading, len(words[0].surface), second)


def harmful_surfaces(
    segmenter: JapaneseSegmenter, phrases: Mapping[str, Phrase], texts: Iterable[ReadText]
) -> frozenset[str]:
    """What ``phrases`` stand for in ``texts``, where they make more of it wrong than right."""
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
            stop, reading = found[0], found[1].replace(BORDER, "")
            golds = _readings_of(text, ends[start], ends[stop])
            have = "".join(readings[start:stop])
            if golds and have != reading and (have in golds) != (reading in golds):
                balance[text.text[ends[start] : ends[stop]]] += 1 if reading in golds else -1
    return frozenset(surface for surface, count in balance.items() if count < 0)


def without(phrases: Mapping[str, Phrase], harmful: frozenset[str]) -> dict[str, Phrase]:
    """``phrases`` without those of ``harmful``, inflected ones too."""
    return {
        phrase: known
        for phrase, known in phrases.items()
        if phrase not in harmful
        and not (phrase.endswith(INFLECTS) and any(surface.startswith(phrase[:-1]) for surface in harmful))
    }


def _first_words(words: Sequence[Word], length: int) -> list[Word]:
    """The words that begin within ``length`` characters."""
    starts = accumulate((len(word.surface) for word in words), initial=0)
    return [word for word, start in zip(words, starts, strict=False) if start < length]


def _usable(headword: str, words: Sequence[Word], have: str) -> bool:
    if len(words) == 1:
        return not have
    if len(headword) == 2 and any(is_kana(character) for character in headword):
        return False
    first, last = words[0], words[-1]
    if last.surface == "し" and last.part.startswith(_VERB) and len(words) == 2:
        return False
    begins = first.content or first.surface in _PREFIXES or (first.part.startswith(_NOUN) and len(first.surface) > 1)
    return bool(begins) and (len(words) > _SHORT or not last.part.startswith(_PARTICLE))


def _unvoiced(have: str, common: str) -> bool:
    """Whether ``common`` is voiced where ``have`` is not: メザマシトケイ, メザマシドケイ."""
    return (
        have != common
        and [*map(voiced, have)] == [*map(voiced, common)]
        and len(have) == len(common)
        and all(one == other or voiced(one) == other for one, other in zip(have, common, strict=True))
    )


def _counted(words: Sequence[Word]) -> bool:
    return len(words) == 2 and words[0].kind == NUMBER and words[1].surface in COUNTERS


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
