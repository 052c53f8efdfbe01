"""Hashes that name things: documents, settings, files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hanmill.schemas.location import Location

_CHUNK = 1 << 20


def document_uid(source: str, document_id: str) -> int:
    """The 64-bit id of a document: BLAKE2b of its source and its id inside that source.

    >>> document_uid("wikipedia", "jawiki:5")
    7798330654690343965
    """
    digest = hashlib.blake2b(f"{source}\x1f{document_id}".encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big")


def canonical_json(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """JSON with sorted keys and no spare white space, so that equal values give equal text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def settings_hash(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """64 hexadecimal digits (SHA-256) of a JSON-able value."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def file_sha256(path: Location) -> str:
    """64 hexadecimal digits (SHA-256) of a file, read in pieces of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
