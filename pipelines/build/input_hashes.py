"""Hashes of inputs. Objects in a store are hashed once and remembered by their size and time of change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from hanmill.pipelines.corpus.atomic import write_text
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.location import Location, ObjectPath

RECORD_NAME = "inputs.json"
#: Objects hashed at a time, each read from its beginning to its end.
_READERS = 8


@dataclass(slots=True)
class InputHashes:
    """SHA-256 of inputs. ``known``: address to size, time of change in nanoseconds, and hash.

    A store's own ETag would not do: it depends on how the object was uploaded, so one file would get two names in two
    buckets, and none of them that of the file at home.
    """

    known: dict[str, tuple[int, int, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, corpus: Location) -> InputHashes:
        """What the last build of a corpus has noted down; nothing where there was none."""
        path = corpus / RECORD_NAME
        if not path.is_file():
            return cls()
        return cls({name: tuple(entry) for name, entry in json.loads(path.read_text(encoding="utf-8")).items()})

    def write(self, corpus: Location) -> None:
        """Notes down the objects; a corpus of local inputs gets no such file."""
        if self.known:
            write_text(
                corpus / RECORD_NAME, json.dumps(self.known, sort_keys=True, indent=0, ensure_ascii=False) + "\n"
            )

    def add(self, places: Iterable[ObjectPath]) -> None:
        """Hashes what is not known, some objects at a time. Raises OSError."""
        with ThreadPoolExecutor(_READERS) as threads:
            self.known = dict(threads.map(self._hashed, places))

    def of(self, place: Location) -> str:
        """64 hexadecimal digits; of an object, those that ``add`` found."""
        return self.known[str(place)][2] if isinstance(place, ObjectPath) else file_sha256(place)

    def _hashed(self, place: ObjectPath) -> tuple[str, tuple[int, int, str]]:
        stat = place.stat()
        before = self.known.get(str(place))
        if before is not None and before[:2] == (stat.st_size, stat.st_mtime_ns):
            return str(place), before
        return str(place), (stat.st_size, stat.st_mtime_ns, file_sha256(place))
