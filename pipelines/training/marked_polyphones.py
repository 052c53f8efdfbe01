"""Text with marked polyphones: the format of the CPP data set (Park and Lee 2020, "g2pM").

One file holds a sentence a line with ``▁`` on both sides of one character, the other that character's pinyin a
line, tone last, ü as ``u:``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hanmill.schemas.errors import HanmillError

MARK = "▁"
_LONGEST_LINE = 1 << 20
_PINYIN = re.compile(r"[a-zü]+:?[a-z]*[1-5]")


class MarkedTextError(HanmillError, ValueError):
    """Files that are not marked text: file, line, what was found and what was expected."""


@dataclass(frozen=True, slots=True)
class MarkedSentence:
    """A sentence without its marks, the place of the polyphone in it (code points) and its reading (ü as v)."""

    text: str
    place: int
    reading: str

    @property
    def character(self) -> str:
        """The polyphone."""
        return self.text[self.place]


def read_marked(sentences: Path, labels: Path) -> list[MarkedSentence]:
    """The sentences of a ``.sent`` file with the readings of a ``.lb`` file. Raises MarkedTextError."""
    marked, readings = _lines(sentences), _lines(labels)
    if not marked or len(marked) != len(readings):
        raise MarkedTextError(
            f"{sentences}: {len(marked):,} lines; {labels}: {len(readings):,}; expected as many, and at least one"
        )
    return [
        _sentence(f"{sentences}, line {number}", line, f"{labels}, line {number}", reading)
        for number, (line, reading) in enumerate(zip(marked, readings, strict=True), 1)
    ]


def _sentence(place: str, line: str, label_place: str, label: str) -> MarkedSentence:
    parts = line.split(MARK)
    if len(parts) != 3 or len(parts[1]) != 1 or parts[1].isspace():
        raise MarkedTextError(f"{place}: found {line[:60]!r}, expected one character between two {MARK}")
    if not _PINYIN.fullmatch(label):
        raise MarkedTextError(f"{label_place}: found {label[:60]!r}, expected pinyin with its tone, such as lu:4")
    before, character, after = parts
    return MarkedSentence(before + character + after, len(before), label.replace("u:", "v").replace("ü", "v"))


def _lines(path: Path) -> Sequence[str]:
    found: list[str] = []
    try:
        with path.open(encoding="utf-8-sig") as file:
            while line := file.readline(_LONGEST_LINE):
                if len(line) == _LONGEST_LINE:
                    raise MarkedTextError(f"{path}, line {len(found) + 1}: over {_LONGEST_LINE:,} characters")
                found.append(line.rstrip("\r\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise MarkedTextError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    return found
