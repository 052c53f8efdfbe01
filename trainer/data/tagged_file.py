"""Tagged sentences from column files: CoNLL-2003, CoNLL-U, GermEval, WNUT, WikiAnn and their like."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Literal

from hanmill.trainer.errors import TrainerError

_OPENERS: dict[str, Callable[..., IO[str]]] = {".xz": lzma.open, ".bz2": bz2.open, ".gz": gzip.open}
#: Words that are no words: CoNLL-2003 separates documents by them.
_DOCUMENT = "-DOCSTART-"

#: IREX (Sekine and Isahara 2000) to CoNLL-2003: three kinds are the same, the five others widen its fourth.
IREX = {
    "ORGANIZATION": "ORG", "PERSON": "PER", "LOCATION": "LOC", "ARTIFACT": "MISC", "DATE": "MISC", "TIME": "MISC",
    "MONEY": "MISC", "PERCENT": "MISC",
    "PSN": "PER", "ART": "MISC", "DAT": "MISC", "TIM": "MISC", "MNY": "MISC", "PNT": "MISC", "ORG": "ORG", "LOC": "LOC",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ColumnsConfig:
    """How a column file is read. Columns count from 0, or from the end with -1.

    ``roman`` is the column of romanised words, if there is one. ``comment`` begins lines before a sentence that are
    no words (``#`` in CoNLL-U and GermEval); empty: there are none. ``prefix`` is taken off words, ``{language}``
    in it being the file's language (``{language}:`` in WikiAnn). ``tag_set`` ``irex`` maps IREX's eight kinds to
    CoNLL's four. ``units`` ``characters`` makes each character a word with B-W or I-W for its tag: word segmentation.
    """

    word: int = 0
    tag: int = -1
    roman: int | None = None
    comment: str = ""
    prefix: str = ""
    tag_set: Literal["as_is", "irex"] = "as_is"
    units: Literal["words", "characters"] = "words"


class TaggedFileError(TrainerError):
    """A column file that cannot be read."""


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """Words with their tags; ``roman`` is each word's romanisation, or the words themselves.

    ``language`` is said where a tagger learns from several; empty: the tagger's own.
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    roman: tuple[str, ...]
    language: str = ""


def read_tagged(path: Path, columns: ColumnsConfig, language: str) -> list[TaggedSentence]:
    """Sentences of a file (UTF-8; ``.xz``, ``.bz2`` and ``.gz`` are unpacked), parted by empty lines.

    Columns are parted by tabs where a line has one, else by spaces. Raises TaggedFileError naming file and
    line.
    """
    columns = replace(columns, prefix=columns.prefix.replace("{language}", language))
    try:
        with open_text(path) as file:
            sentences = list(_sentences(file, path, columns))
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise TaggedFileError(f"{path}: cannot be read: {error}") from error
    if not sentences:
        raise TaggedFileError(f"{path}: sentences found: 0, expected at least 1")
    return [as_characters(sentence) for sentence in sentences] if columns.units == "characters" else sentences


def open_text(path: Path) -> IO[str]:
    """Opens UTF-8 text, unpacking ``.xz``, ``.bz2`` and ``.gz``."""
    opener: Callable[..., IO[str]] = _OPENERS.get(path.suffix, open)
    return opener(path, "rt", encoding="utf-8")


def as_characters(sentence: TaggedSentence) -> TaggedSentence:
    """Each character as a word, tagged B-W or I-W by its place in its word: segmentation as tagging."""
    tags = [("I-W" if place else "B-W") for word in sentence.words for place in range(len(word))]
    characters = tuple("".join(sentence.words))
    return TaggedSentence(characters, tuple(tags), characters)


def with_roman(sentence: TaggedSentence, words: Iterable[tuple[str, str]], place: str) -> TaggedSentence:
    """The sentence with romanisations from another segmentation of the same text, (word, roman) pairs.

    A word of the sentence takes those of the words inside it, end to end; one whose bounds cut through a word keeps
    its own spelling. White space does not count. Raises TaggedFileError where the texts differ.
    """
    found = list(words)
    mine, theirs = "".join(sentence.words), "".join("".join(word.split()) for word, _ in found)
    if "".join(mine.split()) != theirs:
        raise TaggedFileError(f"{place}: text of the romanised line: {theirs[:40]!r}; of the sentence: {mine[:40]!r}")
    starts, position = {}, 0
    for word, reading in found:
        starts[position] = (position + len("".join(word.split())), reading)
        position = starts[position][0]
    roman, position = [], 0
    for word in sentence.words:
        end = position + len("".join(word.split()))
        pieces = []
        while position < end and position in starts and starts[position][0] <= end:
            position, piece = starts[position]
            pieces.append(piece)
        roman.append("".join(pieces) if position == end and pieces else word)
        position = end
    return replace(sentence, roman=tuple(roman))


def _sentences(lines: Iterable[str], path: Path, columns: ColumnsConfig) -> Iterator[TaggedSentence]:
    rows: list[tuple[str, str, str]] = []
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\r\n").removeprefix("\ufeff")
        if not line.strip():
            if rows:
                yield _sentence(rows)
            rows = []
        elif not (columns.comment and not rows and line.startswith(columns.comment)):
            row = _row(line, columns, f"{path}, line {number}")
            if row is not None:
                rows.append(row)
    if rows:
        yield _sentence(rows)


def _row(line: str, columns: ColumnsConfig, place: str) -> tuple[str, str, str] | None:
    # An ideographic space may be a word: only spaces and tabs part columns.
    cells = line.split("\t") if "\t" in line else [cell for cell in line.split(" ") if cell]
    wanted = [columns.word, columns.tag, *([] if columns.roman is None else [columns.roman])]
    least = max(column + 1 if column >= 0 else -column for column in wanted)
    if len(cells) < max(least, 2):
        raise TaggedFileError(f"{place}: columns found: {len(cells)}, expected at least {max(least, 2)}: {line[:60]!r}")
    if cells[0] == _DOCUMENT:
        return None
    # CoNLL-U: 1-2 is a contraction of the words that follow, 1.1 an elided word.
    if columns.word > 0 and not cells[0].isdecimal() and cells[0].replace("-", "").replace(".", "").isdecimal():
        return None
    word, tag = cells[columns.word].removeprefix(columns.prefix).strip(" "), cells[columns.tag].strip()
    if not word or not tag:
        raise TaggedFileError(f"{place}: word found: {word!r}, tag found: {tag!r}, expected both: {line[:60]!r}")
    roman = word if columns.roman is None else cells[columns.roman].strip()
    return word, _mapped(tag, columns, place), roman


def _mapped(tag: str, columns: ColumnsConfig, place: str) -> str:
    if columns.tag_set != "irex" or "-" not in tag:
        return tag
    prefix, _, kind = tag.partition("-")
    if kind in ("MISC", "PER"):
        return tag
    if kind not in IREX:
        raise TaggedFileError(f"{place}: tag found: {tag!r}, expected one of IREX: {', '.join(IREX)}")
    return f"{prefix}-{IREX[kind]}"


def _sentence(rows: list[tuple[str, str, str]]) -> TaggedSentence:
    words, tags, roman = zip(*rows, strict=True)
    return TaggedSentence(words, tags, roman)
