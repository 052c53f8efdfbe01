"""Vocabulary files: one token a line, optionally followed by a tab or a space and its count (XLM's ``token count``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hanmill.unihan.bounded import read_bytes
from hanmill.unihan.errors import VocabularyError

#: A longer number is no count.
_MAX_DIGITS = 18


@dataclass(frozen=True, slots=True)
class VocabularyFile:
    """``tokens`` in file order; ``counts`` only where every line gives one."""

    tokens: tuple[str, ...]
    counts: dict[str, int] | None


def read_vocabulary(path: Path) -> VocabularyFile:
    """Reads UTF-8 text, plain or compressed. Empty lines are skipped.

    Raises VocabularyError for a token that stands twice, bytes that are not UTF-8, or a file without a token.
    """
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise VocabularyError(f"{path}: not UTF-8 at byte {error.start:,}") from error
    line_of: dict[str, int] = {}
    counts: dict[str, int] = {}
    # Not splitlines(): U+2028 and U+0085 may be tokens.
    for number, line in enumerate(text.split("\n"), 1):
        token, _, rest = line.rstrip("\r").replace("\t", " ", 1).partition(" ")
        if not token:
            continue
        if token in line_of:
            raise VocabularyError(f"{path}, line {number:,}: {token!r} stands in line {line_of[token]:,} already")
        line_of[token] = number
        if rest.isascii() and rest.isdigit() and len(rest) <= _MAX_DIGITS:
            counts[token] = int(rest)
    if not line_of:
        raise VocabularyError(f"{path}: no token; expected one a line")
    return VocabularyFile(tuple(line_of), counts if len(counts) == len(line_of) else None)
