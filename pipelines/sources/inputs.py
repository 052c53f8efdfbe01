"""The files that inputs stand for."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from pathlib import Path

from hanmill.pipelines.sources.registry import SOURCES
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.location import Location, LocationError, ObjectPath, location

_WILDCARD = re.compile(r"[*?\[]")


class InputError(HanmillError, ValueError):
    """An input that does not exist or cannot be read."""


def input_files(inputs: Sequence[tuple[str, str]]) -> set[tuple[str, str, Location]]:
    """Source, name and place of every file that pairs of source and glob stand for; a folder stands for its files.

    Raises InputError naming the source and the pattern.
    """
    found: set[tuple[str, str, Location]] = set()
    for source, pattern in inputs:
        try:
            place = location(pattern)
            if source not in SOURCES:
                *others, last = sorted(SOURCES)
                known = f"{', '.join(others)} or {last}"
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
    # A file may have brackets in its name.
    paths = [Path(pattern)] if Path(pattern).is_file() else [Path(name) for name in glob.glob(pattern, recursive=True)]
    for folder in [path for path in paths if path.is_dir()]:
        paths.extend(path for path in folder.iterdir() if not path.name.startswith("."))
    return [path for path in paths if path.is_file()]


def _objects(place: ObjectPath) -> list[ObjectPath]:
    bucket, _, key = place.key.partition("/")
    if _WILDCARD.search(key) and not place.is_file():
        return ObjectPath(place.scheme, bucket).glob(key)
    if key and place.is_file():
        return [place]
    return [place / name for name in place.files() if not name.startswith(".")]


def _is_index(name: str) -> bool:
    return name.endswith(("-index.txt", "-index.txt.bz2"))
