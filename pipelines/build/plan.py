"""The plan: which files are read, and the splits they are cut into."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from hanmill.pipelines.build.input_hashes import InputHashes
from hanmill.pipelines.sources.inputs import InputError, input_files
from hanmill.pipelines.sources.recognise import mismatch
from hanmill.pipelines.sources.records import Split
from hanmill.pipelines.sources.registry import SOURCES
from hanmill.pipelines.sources.source import PlannedSplit, Source
from hanmill.schemas.hashing import canonical_json, settings_hash
from hanmill.schemas.location import Location, LocationError, ObjectPath, location
from hanmill.schemas.manifest import InputFile
from hanmill.schemas.recipe import SourcesRecipe


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
        return plan_of(threads.map(partial(plan_files, settings=settings, hashes=hashes), found))
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
    inputs: dict[InputFile, None] = {}
    splits: list[PlannedSplit] = []
    for files in planned:
        if len(files.entries) == 1 and files.entries[0] in inputs:
            continue
        inputs |= dict.fromkeys(files.entries)
        splits += files.splits
    return Plan(tuple(inputs), tuple(splits))


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
