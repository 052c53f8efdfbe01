"""The safetensors of a checkpoint's shares: a digest for each tensor, so that a part can be read and checked alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from hanmill.trainer.errors import DamagedCheckpoint
from hanmill.trainer.runs.shares import Share
from hanmill.trainer.runs.tensor_file import save_tensors

#: Bytes that are held beside what is kept, while a tensor is read.
_CHUNK = 1 << 26
#: Before the digest of a tensor in a file's metadata, the tensor's name.
_DIGEST = "sha256 "
_LENGTH = 8


def write_tensors(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Writes a file whose header has the digest of each tensor. Raises OSError and SafetensorError."""
    digests = {f"{_DIGEST}{name}": hashlib.sha256(_bytes(tensor)).hexdigest() for name, tensor in tensors.items()}
    save_tensors(tensors, path, digests)


def describe(path: Path) -> dict[str, Any]:
    """What pins a file: its size, and length and digest of its header, which pins the tensors. Raises OSError."""
    with path.open("rb") as file:
        length = _LENGTH + int.from_bytes(file.read(_LENGTH), "little")
        file.seek(0)
        header = file.read(length)
    return {"bytes": path.stat().st_size, "header_bytes": length, "header_sha256": hashlib.sha256(header).hexdigest()}


class ShareFiles:
    """The files of one group of a checkpoint, opened when something of them is asked for.

    ``names`` by share, ``pinned`` what ``describe`` gave of each. Raises DamagedCheckpoint naming the file, what was
    found and what was expected; so does reading.
    """

    def __init__(self, folder: Path, names: Mapping[Share, str], pinned: Mapping[str, Mapping[str, Any]]) -> None:
        self._folder, self._names, self._pinned = folder, names, pinned
        self._open: dict[Share, Any] = {}
        self._digests: dict[Share, dict[str, str]] = {}

    def __enter__(self) -> ShareFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._open.values():
            file.__exit__(None, None, None)

    def check_sizes(self) -> None:
        """All files are there and as long as they were: seen without reading them."""
        for name in self._names.values():
            self._check_size(self._folder / name, self._pinned[name]["bytes"])

    def read(self, name: str, shape: Sequence[int], rows: slice) -> torch.Tensor:
        """These rows of a tensor of this shape, without others being held; a tensor without rows as it is.

        Every byte of the shares that have some of them is checked. A tensor that is whole in one share is mapped, so
        that processes of a machine share it.
        """
        owners = [(share, own) for share in self._names if (own := share.rows(shape)) and _meet(own, rows)]
        if not owners:
            # None are asked for: the type is told by whoever has the first.
            none: torch.Tensor = self._file(next(iter(self._names))).get_slice(name)[0:0]
            return none
        if len(owners) == 1 and owners[0][1] == rows:
            share = owners[0][0]
            tensor: torch.Tensor = self._file(share).get_tensor(name)
            self._check(share, name, hashlib.sha256(_bytes(tensor)).hexdigest())
            return tensor
        kept: torch.Tensor | None = None
        for share, own in owners:
            part, digest = self._file(share).get_slice(name), hashlib.sha256()
            for first in range(own.start, own.stop, step := _rows_at_a_time(shape)):
                chunk = part[first - own.start : min(first + step, own.stop) - own.start]
                digest.update(_bytes(chunk))
                start, stop = max(first, rows.start), min(first + len(chunk), rows.stop)
                if kept is None:
                    kept = torch.empty((rows.stop - rows.start, *shape[1:]), dtype=chunk.dtype)
                if start < stop:
                    kept[start - rows.start : stop - rows.start] = chunk[start - first : stop - first]
            self._check(share, name, digest.hexdigest())
        assert kept is not None
        return kept

    def _file(self, share: Share) -> Any:
        if share not in self._open:
            path, pinned = self._folder / self._names[share], self._pinned[self._names[share]]
            self._check_size(path, pinned["bytes"])
            try:
                with path.open("rb") as raw:
                    found = hashlib.sha256(raw.read(pinned["header_bytes"])).hexdigest()
            except OSError as error:
                expected = pinned["header_sha256"]
                raise DamagedCheckpoint(f"{path}: cannot be read ({error}), expected sha256 {expected}") from error
            if found != pinned["header_sha256"]:
                expected = pinned["header_sha256"]
                raise DamagedCheckpoint(f"{path}: sha256 found: {found}, expected {expected}, of its header")
            try:
                self._open[share] = safe_open(path, "pt").__enter__()  # type: ignore[no-untyped-call]
            except (OSError, SafetensorError) as error:
                raise DamagedCheckpoint(f"{path}: cannot be read ({error}), expected tensors") from error
            metadata = self._open[share].metadata()
            self._digests[share] = {
                key.removeprefix(_DIGEST): digest for key, digest in metadata.items() if key.startswith(_DIGEST)
            }
        return self._open[share]

    @staticmethod
    def _check_size(path: Path, expected: int) -> None:
        try:
            found = path.stat().st_size
        except OSError as error:
            raise DamagedCheckpoint(f"{path}: cannot be read ({error}), expected {expected:,} bytes") from error
        if found != expected:
            raise DamagedCheckpoint(f"{path}: bytes found: {found:,}, expected {expected:,}")

    def _check(self, share: Share, name: str, found: str) -> None:
        expected = self._digests[share][name]
        if found != expected:
            path = self._folder / self._names[share]
            raise DamagedCheckpoint(f"{path}: sha256 found: {found}, expected {expected}, of tensor {name}")


def _meet(own: slice, rows: slice) -> bool:
    return own == rows or (own.start < rows.stop and rows.start < own.stop)


def _rows_at_a_time(shape: Sequence[int]) -> int:
    numbers = 1
    for size in shape[1:]:
        numbers *= size
    # Of eight bytes at most.
    return max(1, _CHUNK // (8 * max(1, numbers)))


def _bytes(tensor: torch.Tensor) -> memoryview:
    return tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data
