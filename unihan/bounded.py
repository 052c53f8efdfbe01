"""Bytes of a plain, gzip, bzip2, xz or zip file, never more than a stated number of them."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from hanmill.unihan.errors import VariantFileError

#: The largest data file of the Unicode Character Database decodes to about 42 MB.
MAX_BYTES = 64 << 20

_DAMAGE = (OSError, EOFError, lzma.LZMAError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


def read_bytes(path: Path, members: Sequence[str] = (), limit: int = MAX_BYTES) -> bytes:
    """The decoded bytes of ``path``; the format is told by the first bytes, not by the name.

    From a zip archive the first of ``members`` that it holds is taken, in any folder of the archive.
    Raises VariantFileError where the file is absent, damaged, without the member, or decodes to over ``limit`` bytes.
    """
    try:
        stored = path.open("rb")
    except OSError as error:
        raise VariantFileError(f"{path}: cannot be read ({error.strerror})") from error
    with stored:
        return decode(stored, str(path), members, limit)


def decode(stored: IO[bytes], name: str, members: Sequence[str] = (), limit: int = MAX_BYTES) -> bytes:
    """As read_bytes, from an open, seekable file; ``name`` is for messages."""
    try:
        magic = stored.read(6)
        stored.seek(0)
        if magic.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(stored) as archive, archive.open(_member(archive, name, members)) as member:
                data = member.read(limit + 1)
        elif magic.startswith(b"\x1f\x8b"):
            with gzip.GzipFile(fileobj=stored) as plain:
                data = plain.read(limit + 1)
        elif magic.startswith(b"BZh"):
            with bz2.BZ2File(stored) as plain:
                data = plain.read(limit + 1)
        elif magic.startswith(b"\xfd7zXZ\x00"):
            with lzma.LZMAFile(stored) as plain:
                data = plain.read(limit + 1)
        else:
            data = stored.read(limit + 1)
    except _DAMAGE as error:
        raise VariantFileError(f"{name}: cannot be decoded ({error})") from error
    if len(data) > limit:
        raise VariantFileError(f"{name}: decodes to more than {limit:,} bytes, the most that is read")
    return data


def _member(archive: zipfile.ZipFile, name: str, members: Sequence[str]) -> str:
    held = archive.namelist()
    for wanted in members:
        for member in held:
            if member.rsplit("/", 1)[-1] == wanted:
                return member
    shown = ", ".join(held[:5]) + (", …" if len(held) > 5 else "")
    raise VariantFileError(f"{name}: zip archive without {' or '.join(members) or 'a wanted member'}; holds {shown}")


def decode_bytes(stored: bytes, name: str, members: Sequence[str] = (), limit: int = MAX_BYTES) -> bytes:
    """As read_bytes, from bytes already in memory."""
    return decode(io.BytesIO(stored), name, members, limit)


def sha256(data: bytes) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
