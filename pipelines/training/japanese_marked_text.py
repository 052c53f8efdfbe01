"""Japanese text whose words have readings: annotated corpora and short contexts.

An annotated corpus (Kyoto University's, ``ku-nlp/WikipediaAnnotatedCorpus``) has a word a line: spelling, reading in
hiragana (several with ``/`` between), and columns that are not read; ``#`` begins a comment, an empty line ends a
sentence. A file of contexts has a word, its reading in katakana and contexts with ``_`` in its place, ``；`` between
them, each separated by a tab.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hanmill.pipelines.annotate.japanese.kana import is_kana, takes_reading
from hanmill.pipelines.annotate.japanese.romaji import katakana

_LONGEST_LINE = 1 << 16
_PLACE, _BETWEEN = "_", "；"


class JapaneseTextError(ValueError):
    """A file of marked Japanese: file, line, what was found and what was expected."""


@dataclass(frozen=True, slots=True)
class ReadSpan:
    """Characters ``start`` to ``end`` of a text and what they may be read as, in katakana."""

    start: int
    end: int
    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text without white space, and spans of it in order; between them nothing is known."""

    text: str
    spans: tuple[ReadSpan, ...]


def read_annotated(path: Path) -> list[ReadText]:
    """The sentences of an annotated corpus, plain or ``.xz``. Raises JapaneseTextError."""
    sentences: list[ReadText] = []
    words: list[tuple[str, str]] = []
    for number, line in lines_of(path):
        if line.startswith("# ") or not line:
            if words:
                sentences.append(_sentence(words))
                words = []
            continue
        columns = line.split("\t")
        if len(columns) < 3:
            raise JapaneseTextError(f"{path}, line {number}: found {line[:60]!r}, expected a word, a tab, its reading")
        if columns[0].strip():
            words.append((columns[0], columns[1]))
    if words:
        sentences.append(_sentence(words))
    return sentences


def read_contexts(path: Path) -> list[ReadText]:
    """The contexts of a file, each one text with one span. Raises JapaneseTextError."""
    texts = []
    for number, line in lines_of(path):
        if not line or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != 3 or not is_kana(columns[1]):
            raise JapaneseTextError(
                f"{path}, line {number}: found {line[:60]!r}, expected a word, its katakana and contexts, tabs between"
            )
        word, reading, contexts = columns
        for context in contexts.split(_BETWEEN):
            before, *after = context.split(_PLACE)
            if len(after) != 1:
                raise JapaneseTextError(f"{path}, line {number}: found {context!r}, expected one {_PLACE}")
            span = ReadSpan(len(before), len(before) + len(word), (reading,))
            texts.append(ReadText(before + word + after[0], (span,)))
    return texts


def _sentence(words: list[tuple[str, str]]) -> ReadText:
    spans = []
    place = 0
    for surface, reading in words:
        end = place + len(surface)
        if is_kana(surface):
            spans.append(ReadSpan(place, end, (katakana(surface),)))
        elif not takes_reading(surface):
            spans.append(ReadSpan(place, end, ("",)))
        elif not any(character.isdecimal() for character in surface):
            spans.append(ReadSpan(place, end, tuple(map(katakana, reading.split("/")))))
        place = end
    return ReadText("".join(surface for surface, _ in words), tuple(spans))


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """Numbers and lines of a file of UTF-8 text, plain or ``.xz``. Raises JapaneseTextError."""
    try:
        with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as file:
            number = 0
            while line := file.readline(_LONGEST_LINE):
                number += 1
                if len(line) == _LONGEST_LINE:
                    raise JapaneseTextError(f"{path}, line {number}: over {_LONGEST_LINE:,} characters")
                yield number, line.rstrip("\r\n")
    except (OSError, UnicodeDecodeError, lzma.LZMAError) as error:
        raise JapaneseTextError(f"{path}: cannot be read as UTF-8 text: {error}") from error
