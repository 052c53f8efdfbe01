"""The manifest: what a corpus is made of, written last and checked by every reader."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, partial
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hanmill.schemas.corpus import SCHEMA_VERSION
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.hashing import canonical_json, file_sha256
from hanmill.schemas.location import Location
from hanmill.schemas.shard_list import INPUTS_NAME, SHARDS_NAME, SPLITS_NAME, NamedRows, Rows, from_parquet, to_parquet

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


#: A count under a name.
_COUNTS = pa.list_(pa.struct([pa.field("name", pa.string()), pa.field("count", pa.int64())]))
_COUNT_COLUMNS = ("dropped", "failed", "masked", "licences", "opt_out")
#: One row a file of ``train/`` and then of ``validation/``, in their order.
SHARDS = pa.schema(
    [
        pa.field("part", pa.string(), nullable=False),
        pa.field("path", pa.string(), nullable=False),
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("rows", pa.int64(), nullable=False),
        pa.field("characters", pa.int64(), nullable=False),
        pa.field(
            "row_groups",
            pa.list_(pa.struct([pa.field("rows", pa.int64()), pa.field("characters", pa.int64())])),
            nullable=False,
        ),
    ]
)
#: One row an input, in the order of the plan.
INPUTS = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("size", pa.int64(), nullable=False),
        pa.field("sha256", pa.string(), nullable=False),
    ]
)
#: One row a split: what became of its records.
SPLITS = pa.schema(
    [
        pa.field("split", pa.string(), nullable=False),
        *(pa.field(name, pa.int64(), nullable=False) for name in ("read", "kept", "bytes_lost")),
        *(pa.field(name, _COUNTS, nullable=False) for name in _COUNT_COLUMNS),
    ]
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything a reader needs to trust a corpus. No time, host or folder stands in it.

    What grows with the corpus (``inputs``, ``train``, ``validation``, ``splits``) stands in Parquet files beside
    ``manifest.json``, which names their hashes; ``load`` leaves those for whoever asks for a shard, who gets a
    ManifestError where they are not there or other ones. Corpora from before have their inputs in ``manifest.json``.
    ``documents`` says how many a part has: ``train`` or ``validation``.
    """

    schema_version: int
    hanmill_version: str
    recipe: Mapping[str, Any]
    recipe_sha256: str
    inputs: Sequence[InputFile]
    resources: Mapping[str, str]
    tables: Mapping[str, TableFile]
    train: Sequence[Shard]
    validation: Sequence[Shard]
    accounting: Accounting
    splits: Mapping[str, Accounting]
    measures: Mapping[str, int]
    documents: Mapping[str, int] = field(default_factory=dict, compare=False)

    def files(self) -> dict[str, bytes]:
        """Name to content of the files that it is, in the order in which they are to be written; deterministic."""
        shards = _shard_table(self)
        tables = {INPUTS_NAME: _input_table(self.inputs), SHARDS_NAME: shards, SPLITS_NAME: _split_table(self.splits)}
        files = {name: to_parquet(table) for name, table in tables.items()}
        value = {name: getattr(self, name) for name in self.__slots__ if name not in _LISTED}
        value["tables"] = {name: asdict(item) for name, item in self.tables.items()}
        value["accounting"] = asdict(self.accounting)
        value["documents"] = {
            part: pc.sum(shards.filter(pc.field("part") == part)["rows"]).as_py() or 0 for part in _PARTS
        }
        value["lists"] = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        text = json.dumps(json.loads(canonical_json(value)), ensure_ascii=False, sort_keys=True, indent=1)
        return files | {MANIFEST_NAME: (text + "\n").encode()}

    @classmethod
    def from_files(cls, read: Callable[[str], bytes]) -> Manifest:
        """The inverse of ``files``. Raises ManifestError where they are not a manifest of this schema version."""
        try:
            text = read(MANIFEST_NAME).decode()
        except UnicodeDecodeError as error:
            raise ManifestError(f"not a hanmill manifest: {error}") from error
        try:
            value = json.loads(text)
            version = value["schema_version"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ManifestError(f"not a hanmill manifest: {error}") from error
        if version != SCHEMA_VERSION:
            raise ManifestError(f"schema version of the corpus: {version}; of this program: {SCHEMA_VERSION}")
        try:
            schemas = {SHARDS_NAME: SHARDS, SPLITS_NAME: SPLITS}
            if "inputs" not in value:
                schemas[INPUTS_NAME] = INPUTS
            hashes = {name: str(value["lists"][name]) for name in schemas}

            @cache
            def listed(name: str) -> pa.Table:
                return _listed(name, schemas[name], hashes[name], read)

            def part_of(part: str) -> pa.Table:
                return listed(SHARDS_NAME).filter(pc.field("part") == part)

            return cls(
                schema_version=version,
                hanmill_version=value["hanmill_version"],
                recipe=value["recipe"],
                recipe_sha256=value["recipe_sha256"],
                inputs=Rows(partial(listed, INPUTS_NAME), _input)
                if INPUTS_NAME in schemas
                else tuple(InputFile(**item) for item in value["inputs"]),
                resources=value["resources"],
                tables={name: TableFile(**item) for name, item in value["tables"].items()},
                train=Rows(partial(part_of, "train"), _shard),
                validation=Rows(partial(part_of, "validation"), _shard),
                accounting=Accounting.from_dict(value["accounting"]),
                splits=NamedRows(partial(listed, SPLITS_NAME), _account),
                measures=value["measures"],
                documents={part: int(value["documents"][part]) for part in _PARTS},
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise ManifestError(f"manifest lacks or misspells a field: {error}") from error

    @classmethod
    def load(cls, corpus: Location) -> Manifest:
        """Reads ``corpus/manifest.json``. Raises ManifestError naming the file."""
        path = corpus / MANIFEST_NAME
        try:
            path.read_bytes()
        except OSError as error:
            raise ManifestError(f"{path}: no finished corpus here ({error.strerror})") from error

        def read(name: str) -> bytes:
            try:
                return (corpus / name).read_bytes()
            except OSError as error:
                raise ManifestError(f"{corpus / name}: named in {MANIFEST_NAME}, cannot be read") from error

        try:
            return cls.from_files(read)
        except ManifestError as error:
            raise ManifestError(f"{path}: {error}") from error

    def check_files(self, corpus: Location) -> None:
        """Recomputes every hash. Raises ManifestError at the first file that is missing or differs."""
        # The lists are checked when they are read.
        for listed in (self.inputs, self.splits):
            len(listed)
        files: Iterable[TableFile | Shard] = chain(self.tables.values(), self.train, self.validation)
        for item in files:
            path = corpus / item.path
            if not path.is_file():
                raise ManifestError(f"{path}: named in the manifest, not found")
            found = file_sha256(path)
            if found != item.sha256:
                raise ManifestError(f"{path}: sha256 in the manifest: {item.sha256}; of the file: {found}")


#: What stands in files of its own.
_PARTS = ("train", "validation")
_LISTED = (*_PARTS, "splits", "inputs")


def input_rows(inputs: Iterable[InputFile]) -> pa.Table:
    """INPUTS of some inputs."""
    rows = [{name: getattr(item, name) for name in INPUTS.names} for item in inputs]
    return pa.Table.from_pylist(rows, INPUTS)


def shard_rows(part: str, shards: Iterable[Shard]) -> pa.Table:
    """SHARDS of one part."""
    rows = [
        {
            "part": part,
            "path": shard.path,
            "sha256": shard.sha256,
            "rows": shard.rows,
            "characters": shard.characters,
            "row_groups": [{"rows": group.rows, "characters": group.characters} for group in shard.row_groups],
        }
        for shard in shards
    ]
    return pa.Table.from_pylist(rows, SHARDS)


def split_rows(accounts: Iterable[tuple[str, Accounting]]) -> pa.Table:
    """SPLITS of accounts by name."""
    rows = []
    for name, account in accounts:
        row: dict[str, Any] = {"split": name, "read": account.read, "kept": account.kept}
        row["bytes_lost"] = account.bytes_lost
        for column in _COUNT_COLUMNS:
            row[column] = [{"name": rule, "count": count} for rule, count in sorted(getattr(account, column).items())]
        rows.append(row)
    return pa.Table.from_pylist(rows, SPLITS)


def listed_inputs(rows: pa.Table) -> Sequence[InputFile]:
    """Inputs of INPUTS."""
    return Rows(lambda: rows, _input)


def listed_shards(rows: pa.Table) -> Sequence[Shard]:
    """Shards of SHARDS of one part."""
    return Rows(lambda: rows, _shard)


def listed_splits(rows: pa.Table) -> Mapping[str, Accounting]:
    """Accounts by name of SPLITS."""
    return NamedRows(lambda: rows, _account)


def _shard_table(manifest: Manifest) -> pa.Table:
    tables = []
    for part in _PARTS:
        shards = getattr(manifest, part)
        tables.append(shards.table if isinstance(shards, Rows) else shard_rows(part, shards))
    return pa.concat_tables(tables)


def _input_table(inputs: Sequence[InputFile]) -> pa.Table:
    return inputs.table if isinstance(inputs, Rows) else input_rows(inputs)


def _split_table(splits: Mapping[str, Accounting]) -> pa.Table:
    return splits.table if isinstance(splits, NamedRows) else split_rows(splits.items())


def _listed(name: str, schema: pa.Schema, expected: str, read: Callable[[str], bytes]) -> pa.Table:
    content = read(name)
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ManifestError(f"{name}: sha256 in the manifest: {expected}; of the file: {found}")
    return from_parquet(content).cast(schema)


def _input(value: Mapping[str, Any]) -> InputFile:
    return InputFile(**value)


def _shard(value: Mapping[str, Any]) -> Shard:
    groups = tuple(RowGroup(**group) for group in value["row_groups"])
    return Shard(value["path"], value["sha256"], value["rows"], value["characters"], groups)


def _account(value: Mapping[str, Any]) -> Accounting:
    counts = {name: {item["name"]: item["count"] for item in value[name]} for name in _COUNT_COLUMNS}
    return Accounting(value["read"], value["kept"], bytes_lost=value["bytes_lost"], **counts)
