"""Lines and JSON of a task's files, unpacked, and how they are refused."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import zlib
from pathlib import Path
from typing import Any

from hanmill.trainer.errors import TrainerError

_UNPACK = {".xz": lzma.decompress, ".gz": gzip.decompress, ".bz2": bz2.decompress}


class TaskFileError(TrainerError):
    """A file of a task that cannot be read; the message names file and line."""


def read_text(path: Path) -> str:
    """UTF-8, with a byte order mark or without; ``.xz``, ``.gz`` and ``.bz2`` are unpacked. Raises TaskFileError."""
    try:
        content = path.read_bytes()
        unpack = _UNPACK.get(path.suffix)
        return (unpack(content) if unpack else content).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        raise TaskFileError(f"{path}, line {number}: found byte {byte:#04x}, expected UTF-8") from error
    except (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error) as error:
        raise TaskFileError(f"{path}: cannot be read: {error}") from error


def read_lines(path: Path) -> list[tuple[int, str]]:
    """(number from 1, line without its end); CRLF and LF alike, no other character ends a line."""
    lines = read_text(path).split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return [(number, line.removesuffix("\r")) for number, line in enumerate(lines, 1)]


def is_json_lines(lines: list[tuple[int, str]]) -> bool:
    """Whether the first line that is not empty is a JSON object alone."""
    first = next((line.strip() for _, line in lines if line.strip()), "")
    if not (first.startswith("{") and first.endswith("}")):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        return False


def json_objects(path: Path, lines: list[tuple[int, str]]) -> list[tuple[int, dict[str, Any]]]:
    """An object a line. Raises TaskFileError naming file and line."""
    found = []
    for number, line in lines:
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise TaskFileError(f"{path}, line {number}: found no JSON ({error}): {shown(line)}") from error
        if not isinstance(value, dict):
            raise TaskFileError(f"{path}, line {number}: found {type(value).__name__}, expected a JSON object")
        found.append((number, value))
    return found


def read_json(path: Path) -> Any:
    """A whole file. Raises TaskFileError naming file and line."""
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise TaskFileError(f"{path}, line {error.lineno}: found no JSON ({error.msg})") from error


def shown(text: str) -> str:
    """The beginning of a line, as a literal, so that nothing of it acts on a terminal."""
    return ascii(text[:60]) if any(not character.isprintable() for character in text[:60]) else repr(text[:60])


def not_empty(found: list[Any], path: Path, what: str) -> None:
    """Raises TaskFileError where there is none."""
    if not found:
        raise TaskFileError(f"{path}: {what} found: 0, expected at least 1")
