"""Signed documents in files: local processes look up those that share a key where Beam shuffles them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanmill.pipelines.dedup.partitions import as_batch, write_batches
from hanmill.pipelines.dedup.signed import SIGNED, places_of, signed_of
from hanmill.schemas.location import Location, ObjectPath


def write_signed(path: Path, documents: pa.Table) -> None:
    """Writes SIGNED of documents (``exchange.numbered``); without compression, so that single ones can be read."""
    write_batches(path, SIGNED, [as_batch(signed_of(documents))], compressed=False)


@dataclass(slots=True)
class SignedFiles:
    """Files of ``write_signed`` in the order of their nodes. Objects of a store are copied to this machine once."""

    _nodes: dict[Path, int] = field(default_factory=dict)
    _copies: dict[ObjectPath, Path] = field(default_factory=dict)
    _folder: tempfile.TemporaryDirectory[str] | None = None

    def of(self, nodes: npt.NDArray[np.uint64], files: Sequence[Location]) -> pa.Table:
        """SIGNED of documents by their nodes, sorted, each once. Raises ValueError where one is in no file.

        One file is open at a time: what the system has read of it counts as this process's memory until it is closed.
        """
        found = [SIGNED.empty_table()]
        start = 0
        for path in map(self._here, files):
            last = self._last(path)
            end = int(np.searchsorted(nodes, np.uint64(last), side="right")) if last >= 0 else start
            if end > start:
                found.append(pa.Table.from_batches([_read(path, nodes[start:end])]))
            start = end
        places_of(nodes[start:], nodes[:0])
        return pa.concat_tables(found)

    def _last(self, path: Path) -> int:
        """The last node of a file; -1 where there is none in it."""
        if path not in self._nodes:
            with pa.memory_map(str(path)) as file, pa.ipc.open_file(file) as reader:
                column = reader.get_batch(0)["node"]
                self._nodes[path] = column[-1].as_py() if len(column) else -1
        return self._nodes[path]

    def _here(self, place: Location) -> Path:
        if not isinstance(place, ObjectPath):
            return place
        if place not in self._copies:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="hanmill-signed-")
            copy = Path(self._folder.name) / str(len(self._copies))
            copy.write_bytes(place.read_bytes())
            self._copies[place] = copy
        return self._copies[place]


def _read(path: Path, nodes: npt.NDArray[np.uint64]) -> pa.RecordBatch:
    with pa.memory_map(str(path)) as file, pa.ipc.open_file(file) as reader:
        batch = reader.get_batch(0)
        return batch.take(pa.array(places_of(nodes, batch["node"].to_numpy())))
