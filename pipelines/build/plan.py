"""The plan: which files are read, and the splits they are cut into."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from hanmill.pipelines.build.input_hashes import InputHashes
from hanmill.pipelines.sources.inputs import InputError, input_files
from hanmill.pipelines.sources.recognise import mismatch
from hanmill.pipelines.sources.records import Split
from hanmill.pipelines.sources.registry import SOURCES
from hanmill.pipelines.sources.source import PlannedSplit, Source
from hanmill.schemas.hashing import canonical_json, settings_hash
from hanmill.schemas.location import Location, LocationError, ObjectPath
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


def plan_inputs(inputs: Sequence[tuple[str, str]], settings: SourcesRecipe, hashes: InputHashes | None = None) -> Plan:
    """Expands globs, hashes every file and cuts it into splits.

    ``inputs`` are pairs of source name and glob. A folder stands for the files in it. The same content under the
    same name is read once. ``hashes`` holds what is known of objects in a store, and afterwards those of this plan.
    Raises InputError naming the source and the pattern.
    """
    hashes = hashes or InputHashes()
    files: dict[InputFile, None] = {}
    splits: list[PlannedSplit] = []
    found = sorted(input_files(inputs), key=lambda file: (file[0], file[1], PurePosixPath(str(file[2]))))
    single = [(SOURCES[name], name_of_file, path) for name, name_of_file, path in found if SOURCES[name].split]
    try:
        hashes.add(path for _, _, path in single if isinstance(path, ObjectPath))
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be read: {error.strerror}") from error
    for source, name, path in single:
        entry, cut = _plan_file(source, name, path, settings, hashes)
        if entry not in files:
            files[entry] = None
            splits += cut
    for source in SOURCES.values():
        together = [path for name, _, path in found if name == source.name]
        if source.split_all and together:
            try:
                entries, cut = source.split_all(together, source.settings(settings), settings.split_bytes)
            except (OSError, LocationError) as error:
                raise InputError(f"--input {source.name}: {error}") from error
            files |= dict.fromkeys(entries)
            splits += cut
    return Plan(tuple(files), tuple(splits))


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
