"""Text that people have cut into words: CoNLL-U or one sentence a line with spaces between words."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, cast

from hanmill.schemas.errors import HanmillError

_OPENERS: dict[str, Callable[..., object]] = {".xz": lzma.open, ".gz": gzip.open, ".bz2": bz2.open}
_NUMBER = re.compile("[0-9]{1,9}")
_CONLLU_COLUMNS = 10
#: Characters; no sentence is longer, so a file of one endless line is refused before it fills the memory.
_LONGEST_LINE = 1 << 20


class SegmentedTextError(HanmillError, ValueError):
    """A file that cannot be read as segmented text: file, line, what was found and what was expected."""


def read_segmented(path: Path) -> list[list[str]]:
    """The sentences of a file as lists of words; empty ones are left out.

    Decompresses ``.xz``, ``.gz`` and ``.bz2``. A file whose first line that is no comment has ten columns between
    tabs is CoNLL-U (of its multiword tokens the token counts, not its parts; empty nodes are passed over). Raises
    SegmentedTextError.
    """
    opener = cast("Callable[..., IO[str]]", _OPENERS.get(path.suffix, open))
    try:
        with opener(path, "rt", encoding="utf-8-sig") as file:
            sentences = [sentence for sentence in _sentences(_lines(file, path), path) if sentence]
    except (OSError, EOFError, UnicodeDecodeError, lzma.LZMAError) as error:
        raise SegmentedTextError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    if not sentences:
        raise SegmentedTextError(f"{path}: found no sentence, expected words with spaces between, or CoNLL-U")
    return sentences


def _lines(file: IO[str], path: Path) -> Iterator[str]:
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise SegmentedTextError(f"{path}, line {number}: over {_LONGEST_LINE:,} characters")
        yield line.rstrip("\r\n")


def _sentences(lines: Iterable[str], path: Path) -> Iterator[list[str]]:
    conllu: bool | None = None
    sentence: list[str] = []
    part_until = 0
    for number, line in enumerate(lines, 1):
        if conllu is None and line and not line.startswith("# "):
            conllu = line.count("\t") == _CONLLU_COLUMNS - 1
        if not conllu:
            if line and not line.startswith("# "):
                yield line.split()
            continue
        if not line:
            yield sentence
            sentence, part_until = [], 0
        elif not line.startswith("#"):
            columns = line.split("\t")
            if len(columns) != _CONLLU_COLUMNS:
                raise SegmentedTextError(f"{path}, line {number}: found {len(columns)} columns, expected 10")
            first, _, last = columns[0].partition("-")
            if "." in first:
                continue
            if not _NUMBER.fullmatch(first) or (last and not _NUMBER.fullmatch(last)):
                raise SegmentedTextError(
                    f"{path}, line {number}: found id {columns[0]!r}, expected a number or a range"
                )
            if int(first) > part_until:
                sentence += columns[1].split()
            if last:
                part_until = int(last)
    yield sentence
