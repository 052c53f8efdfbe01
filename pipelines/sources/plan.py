"""The plan: which files are read, and the splits they are cut into."""

from __future__ import annotations

import glob
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

from pipelines.records import Split
from pipelines.sources import commoncrawl, commoncrawl_index, wikipedia
from pipelines.sources.input_hashes import InputHashes
from pipelines.sources.recognise import mismatch
from schemas.hashing import canonical_json, settings_hash
from schemas.location import Location, LocationError, ObjectPath, location
from schemas.manifest import InputFile
from schemas.recipe import CommonCrawlIndexRecipe

SOURCES: Mapping[str, ModuleType] = {"commoncrawl": commoncrawl, "wikipedia": wikipedia}


_NAMES = ("commoncrawl", commoncrawl_index.SOURCE, "wikipedia")
_WILDCARD = re.compile(r"[*?\[]")


class InputError(ValueError):
    """An input that does not exist or cannot be read."""


@dataclass(frozen=True, slots=True)
class PlannedSplit:
    """A split and its identity, which does not depend on the folder the file lies in."""

    split: Split
    identity: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Input files and splits, ordered by source, file name and offset."""

    inputs: tuple[InputFile, ...]
    splits: tuple[PlannedSplit, ...]

    def to_json(self) -> str:
        """One line per input and per split, so that a person can read it."""
        inputs = ",\n  ".join(canonical_json(asdict(item)) for item in self.inputs)
        splits = ",\n  ".join(canonical_json(asdict(item)) for item in self.splits)
        return f'{{"inputs": [\n  {inputs}],\n "splits": [\n  {splits}]}}\n'

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The inverse of ``to_json``."""
        value = json.loads(text)
        return cls(
            tuple(InputFile(**item) for item in value["inputs"]),
            tuple(PlannedSplit(_split(item["split"]), item["identity"]) for item in value["splits"]),
        )


def _split(value: Mapping[str, Any]) -> Split:
    records = tuple((name, tuple((place[0], place[1]) for place in places)) for name, places in value["records"])
    return Split(**{**value, "records": records})


def plan_inputs(
    inputs: Sequence[tuple[str, str]],
    split_bytes: int,
    hashes: InputHashes | None = None,
    index: CommonCrawlIndexRecipe = CommonCrawlIndexRecipe(),  # noqa: B008 - frozen
) -> Plan:
    """Expands globs, hashes every file and cuts it into splits of about ``split_bytes`` (compressed) bytes.

    ``inputs`` are pairs of source name and glob. A folder stands for the files in it. The same content under the
    same name is read once. ``hashes`` holds what is known of objects in a store, and afterwards those of this plan.
    ``index`` says which records of a CommonCrawl index are read, and from where. Raises InputError naming the source
    and the pattern.
    """
    hashes = hashes or InputHashes()
    files: list[InputFile] = []
    splits: list[PlannedSplit] = []
    found = sorted(_files(inputs), key=lambda file: (file[0], file[1], PurePosixPath(str(file[2]))))
    indexes = [path for source, _, path in found if source == commoncrawl_index.SOURCE]
    found = [file for file in found if file[0] != commoncrawl_index.SOURCE]
    try:
        hashes.add(path for _, _, path in found if isinstance(path, ObjectPath))
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be read: {error.strerror}") from error
    for source, name, path in found:
        try:
            if wrong := mismatch(source, path):
                raise InputError(f"--input {source}={path}: {wrong}")
            entry = InputFile(source, name, path.stat().st_size, hashes.of(path))
        except OSError as error:
            raise InputError(f"--input {source}={path}: cannot be read: {error.strerror}") from error
        if entry in files:
            continue
        files.append(entry)
        for split in SOURCES[source].plan_splits(str(path), split_bytes):
            identity = settings_hash([source, name, entry.sha256, split.start, split.end, split.reader])
            splits.append(PlannedSplit(split, identity))
    if indexes:
        entries, records = _plan_indexes(indexes, split_bytes, index)
        files += entries
        splits += records
    return Plan(tuple(files), tuple(splits))


def _plan_indexes(
    indexes: Sequence[Location], split_bytes: int, settings: CommonCrawlIndexRecipe
) -> tuple[list[InputFile], list[PlannedSplit]]:
    try:
        selected = [commoncrawl_index.select_records(path, settings.languages) for path in indexes]
        entries = [commoncrawl_index.index_entry(path, table) for path, table in zip(indexes, selected, strict=True)]
        splits = [PlannedSplit(*pair) for pair in commoncrawl_index.plan_records(selected, settings, split_bytes)]
    except (OSError, LocationError) as error:
        raise InputError(f"--input {commoncrawl_index.SOURCE}: {error}") from error
    if not splits:
        wanted = ", ".join(settings.languages)
        raise InputError(f"--input {commoncrawl_index.SOURCE}: no record of {len(indexes)} files names {wanted}")
    return list(dict.fromkeys(entries)), splits


def _files(inputs: Sequence[tuple[str, str]]) -> set[tuple[str, str, Location]]:
    found: set[tuple[str, str, Location]] = set()
    for source, pattern in inputs:
        try:
            place = location(pattern)
            if source not in _NAMES:
                known = f"{', '.join(_NAMES[:-1])} or {_NAMES[-1]}"
                raise InputError(f"--input {source}={pattern}: unknown source {source!r}, expected {known}")
            named = _objects(place) if isinstance(place, ObjectPath) else _local_files(pattern)
        except LocationError as error:
            raise InputError(f"--input {source}: {error}") from error
        except OSError as error:
            raise InputError(f"--input {source}={pattern}: {error.strerror}") from error
        paths = [path for path in named if not _is_index(path.name)]
        if not paths:
            raise InputError(f"--input {source}={pattern}: no such file")
        found.update((source, path.name, path.absolute()) for path in paths)
    return found


def _local_files(pattern: str) -> list[Path]:
    paths = [Path(name) for name in glob.glob(pattern, recursive=True)]
    for folder in [path for path in paths if path.is_dir()]:
        paths.extend(path for path in folder.iterdir() if not path.name.startswith("."))
    return [path for path in paths if path.is_file()]


def _objects(place: ObjectPath) -> list[ObjectPath]:
    bucket, _, key = place.key.partition("/")
    if _WILDCARD.search(key):
        return ObjectPath(place.scheme, bucket).glob(key)
    if key and place.is_file():
        return [place]
    return [place / name for name in place.files() if not name.startswith(".")]


def _is_index(name: str) -> bool:
    return name.endswith(("-index.txt", "-index.txt.bz2"))
