"""The plan: which files are read, and the splits they are cut into."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any, Generic, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hanmill.pipelines.build.input_hashes import InputHashes
from hanmill.pipelines.sources.inputs import InputError, input_files
from hanmill.pipelines.sources.recognise import mismatch
from hanmill.pipelines.sources.records import Split
from hanmill.pipelines.sources.registry import SOURCES
from hanmill.pipelines.sources.source import PlannedSplit, Source
from hanmill.schemas.hashing import settings_hash
from hanmill.schemas.location import Location, LocationError, ObjectPath, location, parquet_source
from hanmill.schemas.manifest import INPUTS, InputFile, input_rows, listed_inputs
from hanmill.schemas.recipe import SourcesRecipe
from hanmill.schemas.shard_list import Rows

_Item = TypeVar("_Item")


PLAN_NAME = "plan.parquet"
#: One row a split, in order.
PLANNED = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("path", pa.string(), nullable=False),
        pa.field("start", pa.int64(), nullable=False),
        pa.field("end", pa.int64(), nullable=False),
        pa.field("reader", pa.string(), nullable=False),
        pa.field(
            "records",
            pa.list_(pa.struct([pa.field("name", pa.string()), pa.field("places", pa.list_(pa.list_(pa.int64(), 2)))])),
            nullable=False,
        ),
        pa.field("identity", pa.string(), nullable=False),
    ]
)
#: Rows made into an array at a time.
_ROWS = 1 << 12
_FILES_AHEAD = 64


@dataclass(frozen=True, slots=True)
class Plan:
    """Input files and splits, ordered by source, file name and offset.

    Those that ``plan_of`` has found are rows of Arrow tables, objects only while somebody looks at them.
    """

    inputs: Sequence[InputFile]
    splits: Sequence[PlannedSplit]

    @property
    def table(self) -> pa.Table:
        """PLANNED of all splits."""
        return self.splits.table if isinstance(self.splits, Rows) else planned_rows(self.splits)

    @property
    def entries(self) -> pa.Table:
        """INPUTS of all input files."""
        return self.inputs.table if isinstance(self.inputs, Rows) else input_rows(self.inputs)

    @property
    def identities(self) -> pa.ChunkedArray:
        """The identity of every split."""
        return self.table["identity"]

    @property
    def sources(self) -> frozenset[str]:
        """Sources that have splits."""
        return frozenset(pc.unique(self.table["source"]).to_pylist())


def planned_rows(splits: Iterable[PlannedSplit]) -> pa.Table:
    """PLANNED of splits."""
    rows = []
    for planned in splits:
        row = {name: getattr(planned.split, name) for name in PLANNED.names[:5]}
        row["records"] = [{"name": name, "places": places} for name, places in planned.split.records]
        rows.append(row | {"identity": planned.identity})
    return pa.Table.from_pylist(rows, PLANNED)


def planned_splits(rows: pa.Table) -> Sequence[PlannedSplit]:
    """The inverse of ``planned_rows``."""
    return Rows(lambda: rows, _planned)


def planned_identities(path: Location) -> pa.ChunkedArray:
    """The identities of the splits in a plan that was written."""
    return pq.read_table(parquet_source(path), columns=["identity"])["identity"]


def _planned(row: Mapping[str, Any]) -> PlannedSplit:
    records = tuple(
        (record["name"], tuple((start, end) for start, end in record["places"])) for record in row["records"]
    )
    split = Split(row["source"], row["path"], row["start"], row["end"], row["reader"], records)
    return PlannedSplit(split, row["identity"])


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """Files of a source that are cut into splits together: one, named ``name``, or all where the source wants that."""

    source: str
    name: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlannedFiles:
    """Entries for the manifest and splits of FoundFiles; ``known`` holds what was found out of objects in a store."""

    entries: tuple[InputFile, ...]
    splits: tuple[PlannedSplit, ...]
    known: Mapping[str, tuple[int, int, str]]


def plan_inputs(inputs: Sequence[tuple[str, str]], settings: SourcesRecipe, hashes: InputHashes | None = None) -> Plan:
    """Expands globs, hashes every file and cuts it into splits.

    ``inputs`` are pairs of source name and glob. A folder stands for the files in it. The same content under the
    same name is read once. ``hashes`` holds what is known of objects in a store, and afterwards those of this plan.
    Raises InputError naming the source and the pattern.
    """
    hashes = hashes or InputHashes()
    found = found_files(inputs)
    places = [location(path) for files in found if files.name for path in files.paths]
    try:
        hashes.add(place for place in places if isinstance(place, ObjectPath))
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be read: {error.strerror}") from error
    # Hashing lets go of the interpreter, so threads use all cores.
    threads = ThreadPoolExecutor()
    try:
        return plan_of(_in_order(threads, partial(plan_files, settings=settings, hashes=hashes), found))
    finally:
        threads.shutdown(cancel_futures=True)


def found_files(inputs: Sequence[tuple[str, str]]) -> list[FoundFiles]:
    """The files that globs stand for, in the order of the plan. Raises InputError naming the source and the pattern."""
    found = sorted(input_files(inputs), key=lambda file: (file[0], file[1], PurePosixPath(str(file[2]))))
    single = [FoundFiles(name, of_file, (str(path),)) for name, of_file, path in found if SOURCES[name].split]
    together = []
    for source in SOURCES.values():
        paths = tuple(str(path) for name, _, path in found if name == source.name)
        if source.split_all and paths:
            together.append(FoundFiles(source.name, "", paths))
    return [*single, *together]


def plan_files(files: FoundFiles, settings: SourcesRecipe, hashes: InputHashes) -> PlannedFiles:
    """Hashes files and cuts them into splits; objects must be among ``hashes``. Raises InputError."""
    source = SOURCES[files.source]
    places = [location(path) for path in files.paths]
    if source.split_all:
        try:
            entries, cut = source.split_all(places, source.settings(settings), settings.split_bytes)
        except (OSError, LocationError) as error:
            raise InputError(f"--input {source.name}: {error}") from error
        return PlannedFiles(tuple(entries), tuple(cut), {})
    entry, cut = _plan_file(source, files.name, places[0], settings, hashes)
    known = {name: hashes.known[name] for name in files.paths if name in hashes.known}
    return PlannedFiles((entry,), tuple(cut), known)


def plan_of(planned: Iterable[PlannedFiles]) -> Plan:
    """The plan of files in their order; what is there under one name with one content is read once."""
    seen: set[bytes] = set()
    inputs = _Rows(INPUTS, input_rows)
    splits = _Rows(PLANNED, planned_rows)
    for files in planned:
        new = []
        for entry in files.entries:
            digest = hashlib.blake2b(repr(entry).encode("utf-8", "surrogatepass"), digest_size=16).digest()
            if digest not in seen:
                seen.add(digest)
                new.append(entry)
        if len(files.entries) == 1 and not new:
            continue
        inputs.add(new)
        splits.add(files.splits)
    return Plan(listed_inputs(inputs.whole()), planned_splits(splits.whole()))


class _Rows(Generic[_Item]):
    """Objects into a table, some at a time."""

    def __init__(self, schema: pa.Schema, table_of: Callable[[Iterable[_Item]], pa.Table]) -> None:
        self._table_of = table_of
        self._waiting: list[_Item] = []
        self._tables = [schema.empty_table()]

    def add(self, items: Iterable[_Item]) -> None:
        self._waiting += items
        if len(self._waiting) >= _ROWS:
            self._flush()

    def whole(self) -> pa.Table:
        self._flush()
        return pa.concat_tables(self._tables).combine_chunks()

    def _flush(self) -> None:
        self._tables.append(self._table_of(self._waiting))
        self._waiting = []


def _in_order(
    threads: ThreadPoolExecutor, plan: Callable[[FoundFiles], PlannedFiles], found: Iterable[FoundFiles]
) -> Iterator[PlannedFiles]:
    """What threads make of files, in their order; some files ahead, not all."""
    ahead: deque[Future[PlannedFiles]] = deque()
    for files in found:
        ahead.append(threads.submit(plan, files))
        if len(ahead) > _FILES_AHEAD:
            yield ahead.popleft().result()
    while ahead:
        yield ahead.popleft().result()


def _plan_file(
    source: Source, name: str, path: Location, settings: SourcesRecipe, hashes: InputHashes
) -> tuple[InputFile, list[PlannedSplit]]:
    if source.split is None:
        raise InputError(f"--input {source.name}={path}: this source cuts its inputs all together")
    try:
        if wrong := mismatch(source, path):
            raise InputError(f"--input {source.name}={path}: {wrong}")
        entry = InputFile(source.name, name, path.stat().st_size, hashes.of(path))
        splits = source.split(str(path), settings.split_bytes, source.settings(settings))
    except OSError as error:
        raise InputError(f"--input {source.name}={path}: cannot be read: {error.strerror}") from error
    identity = [source.name, name, entry.sha256]
    return entry, [PlannedSplit(s, settings_hash([*identity, s.start, s.end, s.reader])) for s in splits]
