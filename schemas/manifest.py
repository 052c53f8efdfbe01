"""The manifest: what a corpus is made of, written last and checked by every reader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from hanmill.schemas.corpus import SCHEMA_VERSION
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.hashing import canonical_json, file_sha256
from hanmill.schemas.location import Location

MANIFEST_NAME = "manifest.json"


class ManifestError(HanmillError, ValueError):
    """A corpus whose manifest is missing, unreadable or at odds with its files."""


@dataclass(frozen=True, slots=True)
class Accounting:
    """What became of the records of one split, or of all of them: ``read = kept + dropped + failed``.

    ``bytes_lost`` is how much of the input the failures cost, as far as their sources can tell. ``masked`` counts the
    places of personal data masked in the documents that were kept by the rules, by kind, ``licences`` those by
    licence where one is named, ``opt_out`` them by what they say of training (``refused``, ``allowed``).
    """

    read: int
    kept: int
    dropped: Mapping[str, int]
    failed: Mapping[str, int]
    bytes_lost: int = 0
    masked: Mapping[str, int] = field(default_factory=dict)
    licences: Mapping[str, int] = field(default_factory=dict)
    opt_out: Mapping[str, int] = field(default_factory=dict)

    def check(self, where: str) -> None:
        """Raises ManifestError unless the sum is right."""
        dropped, failed = sum(self.dropped.values()), sum(self.failed.values())
        if self.read != self.kept + dropped + failed:
            raise ManifestError(
                f"{where}: records read: {self.read:,}; "
                f"kept {self.kept:,} + dropped {dropped:,} + failed {failed:,} = {self.kept + dropped + failed:,}"
            )

    def __add__(self, other: Accounting) -> Accounting:
        return Accounting(
            self.read + other.read,
            self.kept + other.kept,
            _add_counts(self.dropped, other.dropped),
            _add_counts(self.failed, other.failed),
            self.bytes_lost + other.bytes_lost,
            _add_counts(self.masked, other.masked),
            _add_counts(self.licences, other.licences),
            _add_counts(self.opt_out, other.opt_out),
        )

    def said_of_use(self) -> list[tuple[str, int]]:
        """Licences by falling count, then what documents say of training."""
        licences = sorted(self.licences.items(), key=lambda item: (-item[1], item[0]))
        return [*licences, *((f"use for training: {answer}", count) for answer, count in sorted(self.opt_out.items()))]

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Accounting:
        """The inverse of ``dataclasses.asdict``."""
        failed, lost = dict(value["failed"]), value.get("bytes_lost", 0)
        masked = dict(value.get("masked", {}))
        licences, opt_out = dict(value.get("licences", {})), dict(value.get("opt_out", {}))
        return cls(value["read"], value["kept"], dict(value["dropped"]), failed, lost, masked, licences, opt_out)


def _add_counts(left: Mapping[str, int], right: Mapping[str, int]) -> dict[str, int]:
    return {name: left.get(name, 0) + right.get(name, 0) for name in sorted({*left, *right})}


@dataclass(frozen=True, slots=True)
class InputFile:
    """One input as the plan found it. ``name`` is the file name without its folder; ``size`` in bytes."""

    source: str
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows and characters (``len(char_ids)`` summed) of one Parquet row group."""

    rows: int
    characters: int


@dataclass(frozen=True, slots=True)
class Shard:
    """One file of ``train/`` or ``validation/``, path relative to the corpus."""

    path: str
    sha256: str
    rows: int
    characters: int
    row_groups: tuple[RowGroup, ...]


@dataclass(frozen=True, slots=True)
class TableFile:
    """One file of ``tables/``, path relative to the corpus."""

    path: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything a reader needs to trust a corpus. No time, host or folder stands in it."""

    schema_version: int
    hanmill_version: str
    recipe: Mapping[str, Any]
    recipe_sha256: str
    inputs: tuple[InputFile, ...]
    resources: Mapping[str, str]
    tables: Mapping[str, TableFile]
    train: tuple[Shard, ...]
    validation: tuple[Shard, ...]
    accounting: Accounting
    splits: Mapping[str, Accounting]
    measures: Mapping[str, int]

    def to_json(self) -> str:
        """Deterministic, indented JSON."""
        value = json.loads(canonical_json(asdict(self)))
        return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Raises ManifestError where the text is not a manifest of this schema version."""
        try:
            value = json.loads(text)
            version = value["schema_version"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ManifestError(f"not a hanmill manifest: {error}") from error
        if version != SCHEMA_VERSION:
            raise ManifestError(f"schema version of the corpus: {version}; of this program: {SCHEMA_VERSION}")
        try:
            return cls(
                schema_version=version,
                hanmill_version=value["hanmill_version"],
                recipe=value["recipe"],
                recipe_sha256=value["recipe_sha256"],
                inputs=tuple(InputFile(**item) for item in value["inputs"]),
                resources=value["resources"],
                tables={name: TableFile(**item) for name, item in value["tables"].items()},
                train=tuple(_shard(item) for item in value["train"]),
                validation=tuple(_shard(item) for item in value["validation"]),
                accounting=Accounting.from_dict(value["accounting"]),
                splits={name: Accounting.from_dict(item) for name, item in value["splits"].items()},
                measures=value["measures"],
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise ManifestError(f"manifest lacks or misspells a field: {error}") from error

    @classmethod
    def load(cls, corpus: Location) -> Manifest:
        """Reads ``corpus/manifest.json``. Raises ManifestError naming the folder."""
        path = corpus / MANIFEST_NAME
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise ManifestError(f"{path}: no finished corpus here ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise ManifestError(f"{path}: not a hanmill manifest: {error}") from error
        try:
            return cls.from_json(text)
        except ManifestError as error:
            raise ManifestError(f"{path}: {error}") from error

    def check_files(self, corpus: Location) -> None:
        """Recomputes every hash. Raises ManifestError at the first file that is missing or differs."""
        files: list[TableFile | Shard] = [*self.tables.values(), *self.train, *self.validation]
        for item in files:
            path = corpus / item.path
            if not path.is_file():
                raise ManifestError(f"{path}: named in the manifest, not found")
            found = file_sha256(path)
            if found != item.sha256:
                raise ManifestError(f"{path}: sha256 in the manifest: {item.sha256}; of the file: {found}")


def _shard(value: Mapping[str, Any]) -> Shard:
    return Shard(
        path=value["path"],
        sha256=value["sha256"],
        rows=value["rows"],
        characters=value["characters"],
        row_groups=tuple(RowGroup(**group) for group in value["row_groups"]),
    )
