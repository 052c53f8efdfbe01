"""Raw text as a model's tokens, each with the place it comes from: the corpus's own normalisation, ids and pinyin."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from hanmill.schemas.annotated_text import Annotate, AnnotatedText, AnnotatorFactory
from hanmill.schemas.corpus import SYLLABLE_LENGTH
from hanmill.schemas.syllables import syllable_ids
from hanmill.trainer.finetuning.backbone import BackboneSettings
from hanmill.trainer.finetuning.basic_words import Piece, basic_words

#: Longer runs of letters are unknown, as BERT's tokeniser has it.
_LONGEST_WORD = 100
_NO_PINYIN = (0,) * SYLLABLE_LENGTH


@dataclass(frozen=True, slots=True)
class EncodedText:
    """Tokens without special ones: ``ids``; ``starts`` and ``ends`` [tokens], the code points of the raw text that each
    comes from; ``pinyin`` eight symbols a token, empty for a model without.
    """

    ids: list[int]
    starts: list[int]
    ends: list[int]
    pinyin: list[tuple[int, ...]]


class TextEncoder:
    """Text for one model. ``factory`` gives what normalises and reads as the corpus was; it comes from the command."""

    def __init__(self, settings: BackboneSettings, factory: AnnotatorFactory) -> None:
        self.settings = settings
        self._pinyin = settings.kind == "chinesebert"
        readings = settings.readings if self._pinyin else None
        self._annotate: Annotate = factory(settings.normalize, settings.segment, readings)
        self._ids = {token: number for number, token in reversed(list(enumerate(settings.tokens))) if token}
        self._syllables: dict[str, tuple[int, ...]] = {"": _NO_PINYIN}

    def encode(
        self, texts: Sequence[str], language: str, *, words: bool, breaks: Sequence[frozenset[int]] | None = None
    ) -> list[EncodedText]:
        """Tokens of each text. With ``words`` a model with word pieces cuts Latin words into them; else, and for any
        other model, a token is a character. No piece reaches across ``breaks``, places of the raw text.
        """
        annotated = self._annotate(texts, language)
        none: frozenset[int] = frozenset()
        at = breaks or [none] * len(texts)
        if self.settings.word_pieces:
            return [self._pieces(one, words, ends) for one, ends in zip(annotated, at, strict=True)]
        return [self._characters(one) for one in annotated]

    def _characters(self, one: AnnotatedText) -> EncodedText:
        unknown = self.settings.special.unknown
        places = [place for place, character in enumerate(one.text) if not character.isspace()]
        ids = [self._ids.get(one.text[place], unknown) for place in places]
        return self._encoded(one, ids, [(place, place + 1) for place in places])

    def _pieces(self, one: AnnotatedText, words: bool, breaks: frozenset[int]) -> EncodedText:
        ids: list[int] = []
        spans: list[tuple[int, int]] = []
        normalised_breaks = {place for place, raw in enumerate(one.raw_offsets[:-1]) if raw in breaks}
        for word in basic_words(one.text, self.settings.normalize.lowercase, normalised_breaks):
            pieces = self._cut(word) if words else self._letters(word)
            ids += [identifier for identifier, _, _ in pieces]
            spans += [(first, last) for _, first, last in pieces]
        return self._encoded(one, ids, spans)

    def _cut(self, word: list[Piece]) -> list[tuple[int, int, int]]:
        """WordPiece (Wu et al. 2016): the longest known piece, from the left; else unknown as a whole."""
        whole = word[0].place, word[-1].place + 1
        if len(word) > _LONGEST_WORD:
            return [(self.settings.special.unknown, *whole)]
        pieces = []
        start = 0
        while start < len(word):
            prefix = "##" if start else ""
            for end in range(len(word), start, -1):
                identifier = self._ids.get(prefix + "".join(piece.character for piece in word[start:end]))
                if identifier is not None:
                    break
            else:
                return [(self.settings.special.unknown, *whole)]
            pieces.append((identifier, word[start].place, word[end - 1].place + 1))
            start = end
        return pieces

    def _letters(self, word: list[Piece]) -> list[tuple[int, int, int]]:
        """Each character a token, one inside a word as such a piece where the vocabulary has it."""
        found: list[tuple[int, int, int]] = []
        for number, piece in enumerate(word):
            inside = self._ids.get(f"##{piece.character}") if number else None
            alone = self._ids.get(piece.character, self.settings.special.unknown)
            if found and found[-1][1] == piece.place:
                continue  # A second letter of the same character, as accents are taken apart.
            found.append((alone if inside is None else inside, piece.place, piece.place + 1))
        return found

    def _encoded(self, one: AnnotatedText, ids: list[int], spans: list[tuple[int, int]]) -> EncodedText:
        offsets = one.raw_offsets
        starts, ends = [], []
        for first, last in spans:
            start, after = offsets[first], last
            # What became several code points has one place in the raw text: up to the next that differs.
            while after < len(offsets) - 1 and offsets[after] <= offsets[last - 1]:
                after += 1
            starts.append(start)
            ends.append(offsets[after])
        pinyin = [self._spelled(one.pinyin[first]) if last - first == 1 else _NO_PINYIN for first, last in spans]
        return EncodedText(ids, starts, ends, pinyin if self._pinyin else [])

    def _spelled(self, syllable: str) -> tuple[int, ...]:
        if syllable not in self._syllables:
            try:
                self._syllables[syllable] = syllable_ids(syllable)
            except ValueError:
                self._syllables[syllable] = _NO_PINYIN
        return self._syllables[syllable]

    def default_pinyin(self) -> tuple[tuple[int, ...], ...]:
        """The reading of each token of the vocabulary that is one character, without context."""
        tokens = self.settings.tokens
        single = [number for number, token in enumerate(tokens) if len(token) == 1]
        read = self._annotate([tokens[number] for number in single], "zh")
        found = [_NO_PINYIN] * len(tokens)
        for number, one in zip(single, read, strict=True):
            if len(one.pinyin) == 1:
                found[number] = self._spelled(one.pinyin[0])
        return tuple(found)


def guess_language(texts: Sequence[str]) -> str:
    """``ja`` where kana are a twentieth of Han and kana, ``ko`` for Hangul, ``zh`` for Han, else ``en``."""
    counts = {"kana": 0, "han": 0, "hangul": 0, "letter": 0}
    for text in texts[:2000]:
        for character in text:
            code = ord(character)
            if 0x3041 <= code <= 0x30FF:
                counts["kana"] += 1
            elif 0x3400 <= code <= 0x9FFF or 0x20000 <= code <= 0x3FFFF or 0xF900 <= code <= 0xFAFF:
                counts["han"] += 1
            elif 0xAC00 <= code <= 0xD7A3:
                counts["hangul"] += 1
            elif code < 0x250 and unicodedata.category(character)[0] == "L":
                counts["letter"] += 1
    eastern = counts["kana"] + counts["han"]
    if counts["hangul"] > eastern:
        return "ko"
    if eastern * 10 < counts["letter"]:
        return "en"
    return "ja" if counts["kana"] * 20 > eastern else "zh"
