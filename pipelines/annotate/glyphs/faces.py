"""Font faces by name: ``package:module/file`` or a path, ``#n`` for a face of a collection."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path

from hanmill.schemas.errors import HanmillError
from hanmill.schemas.hashing import file_sha256

#: Name-table entries (OpenType specification, "name"): full name, licence, address of the licence.
_FULL_NAME, _LICENCE, _LICENCE_ADDRESS = 4, 13, 14
_UNICODE_PLATFORM, _WINDOWS_PLATFORM = 0, 3
_ENGLISH = 0x409


class FaceError(HanmillError, ValueError):
    """A face that is not there or not a TrueType, OpenType or WOFF font."""


@dataclass(frozen=True, slots=True)
class Face:
    """A font file and the index of a face in it; ``name`` is what the recipe calls it."""

    name: str
    path: Path
    index: int

    def description(self) -> dict[str, str]:
        """``name``, ``file`` (no folder), ``sha256``, and ``font`` and ``licence`` as the font itself states them."""
        names = _name_table(self.path.read_bytes(), self.index, self.name)
        licence = " ".join(text for key in (_LICENCE, _LICENCE_ADDRESS) if (text := names.get(key, "")))
        return {
            "name": self.name if self.name.startswith("package:") else Path(self.name).name,
            "file": self.path.name,
            "sha256": file_sha256(self.path),
            "font": names.get(_FULL_NAME, ""),
            "licence": licence or "not stated in the font",
        }


def find_face(name: str) -> Face:
    """Raises FaceError naming the face and what was not found."""
    place, _, index = name.partition("#")
    if index and not index.isdigit():
        raise FaceError(f"face {name!r}: found {index!r} after '#', expected the number of a face")
    path = _packaged(name, place.removeprefix("package:")) if place.startswith("package:") else Path(place)
    if not path.is_file():
        raise FaceError(f"face {name!r}: no file {path.name} there")
    return Face(name, path, int(index or 0))


def _packaged(name: str, place: str) -> Path:
    module, _, file = place.partition("/")
    try:
        import_module(module)
    except (ImportError, ValueError) as error:
        raise FaceError(f"face {name!r}: package {module!r} is not installed") from error
    return Path(str(files(module).joinpath(file)))


def _name_table(data: bytes, index: int, face: str) -> dict[int, str]:
    """English entries of the name table of a face. Raises FaceError where the file is no font."""
    try:
        if data[:4] == b"wOFF":
            return _web_font_names(data)
        start = 0
        if data[:4] == b"ttcf":
            start = struct.unpack_from(">I", data, 12 + 4 * index)[0]
        tables = struct.unpack_from(">H", data, start + 4)[0]
        for place in range(start + 12, start + 12 + 16 * tables, 16):
            tag, _, offset, length = struct.unpack_from(">4sIII", data, place)
            if tag == b"name":
                return _names(data[offset : offset + length])
    except (struct.error, zlib.error) as error:
        raise FaceError(f"face {face!r}: not a TrueType or OpenType font") from error
    return {}


def _web_font_names(data: bytes) -> dict[int, str]:
    """The same of a font in WOFF 1.0 (W3C, sections 4 and 5), whose tables are compressed one by one."""
    tables = struct.unpack_from(">H", data, 12)[0]
    for place in range(44, 44 + 20 * tables, 20):
        tag, offset, stored, length = struct.unpack_from(">4sIII", data, place)
        if tag == b"name":
            table = data[offset : offset + stored]
            return _names(table if stored == length else zlib.decompressobj().decompress(table, length))
    return {}


def _names(table: bytes) -> dict[int, str]:
    _, count, storage = struct.unpack_from(">HHH", table, 0)
    names: dict[int, str] = {}
    for place in range(6, 6 + 12 * count, 12):
        platform, _, language, key, length, offset = struct.unpack_from(">HHHHHH", table, place)
        if platform == _UNICODE_PLATFORM or (platform == _WINDOWS_PLATFORM and language == _ENGLISH):
            names[key] = table[storage + offset : storage + offset + length].decode("utf-16-be", "replace")
    return names
