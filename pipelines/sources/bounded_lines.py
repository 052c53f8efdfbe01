"""Lines of files whose lines may be of any length."""

from __future__ import annotations

from typing import Any


def bounded_line(file: Any, limit: int) -> tuple[bytes, int]:
    """The next line of a binary file, cut behind ``limit`` bytes, and its whole length with its end."""
    line = piece = file.readline(limit + 1)
    length = len(line)
    while len(line) > limit and piece and not piece.endswith(b"\n"):
        piece = file.readline(1 << 20)
        length += len(piece)
    return line, length
