"""A checkpoint on the disk: a folder of safetensors, a share from each rank, and an index that pins each file.

``torch.save`` is not used: its zip has checksums that are not read when the file is mapped. Nor is
``torch.distributed.checkpoint``: its metadata is a pickle that is read without restriction. Nothing here runs code.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from hanmill.trainer.errors import CheckpointError, DamagedCheckpoint
from hanmill.trainer.runs.sealed_json import read_sealed, write_sealed
from hanmill.trainer.runs.share_files import ShareFiles, describe, write_tensors
from hanmill.trainer.runs.shares import EVERYTHING, Part, Rows, Share

INDEX = "index.json"
_VERSION = 4
#: Stand in the index for a tensor, beside its shape, and for a mapping whose keys are whole numbers.
_TENSOR, _SHAPE, _NUMBERED = "$tensor", "shape", "$numbered"


def write_share(folder: Path, share: Share, groups: Mapping[str, Any]) -> None:
    """Writes one rank's share of a checkpoint into ``folder``, flushed to the disk, and then a note that it is there.

    Each of ``groups``, mappings and lists of ``Rows`` and plain values, becomes one file. Raises CheckpointError where
    it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = {}
        for group, content in groups.items():
            path = folder / _file(group, share)
            tensors = {place: rows.tensor for place, rows in _leaves(content) if rows.tensor is not None}
            write_tensors(path, tensors)
            _flush(path)
            files[path.name] = describe(path)
        _flush(folder)
        # Last of all, and at once whole: from then on the folder may be made a checkpoint.
        note = folder / _note(share)
        write_sealed(note.with_suffix(".written"), {"files": files})
        note.with_suffix(".written").rename(note)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{folder}: cannot be written: {_reason(error)}") from error


def missing_share(unfinished: Path, world: int) -> Path | None:
    """The note of a share that is not in ``unfinished`` yet; None where all are."""
    notes = (unfinished / _note(Share(number, world)) for number in range(world))
    return next((note for note in notes if not note.is_file()), None)


def commit(unfinished: Path, folder: Path, world: int, values: Mapping[str, Any], groups: Mapping[str, Any]) -> None:
    """Makes a checkpoint of the shares in ``unfinished``, all of which are there.

    ``values`` is plain data, ``groups`` what ``structure`` gave of each. The index keeps the name of the folder, so
    that one renamed is told from the one it was. Raises CheckpointError where it cannot be written.
    """
    try:
        notes = [unfinished / _note(Share(number, world)) for number in range(world)]
        files = {name: found for note in notes for name, found in read_sealed(note)["files"].items()}
        index = {"version": _VERSION, "name": folder.name, "shares": world} | {
            "values": values, "groups": groups, "files": files,
        }  # fmt: skip
        write_sealed(unfinished / INDEX, index)
        for note in notes:
            note.unlink()
        _flush(unfinished)
        remove(folder)
        unfinished.rename(folder)
        _flush(folder.parent)
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be written: {_reason(error)}") from error


def remove(folder: Path) -> None:
    """Removes a checkpoint whole: under another name it is none, before its first file goes. Raises CheckpointError."""
    leaving = folder.with_name(f"{folder.name}.removed.unfinished")
    try:
        if leaving.exists():
            shutil.rmtree(leaving)
        if folder.exists():
            folder.rename(leaving)
            shutil.rmtree(leaving)
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be removed: {_reason(error)}") from error


def read_folder(folder: Path, part: Part = EVERYTHING) -> tuple[dict[str, Any], dict[str, Any]]:
    """``values`` and ``groups`` of a folder, of its tensors the rows that ``part`` says, every byte of them checked.

    Raises DamagedCheckpoint naming the file and what was expected, CheckpointError where another version wrote it.
    """
    if not (folder / INDEX).is_file():
        raise DamagedCheckpoint(f"{folder / INDEX}: not found, expected the index of a checkpoint")
    index = read_sealed(folder / INDEX)
    if index.get("version") != _VERSION:
        raise CheckpointError(
            f"{folder}: version of the checkpoint: {index.get('version')}; of this program: {_VERSION}"
        )
    if index["name"] != folder.name:
        raise DamagedCheckpoint(f"{folder / INDEX}: index of {index['name']} found, expected that of {folder.name}")
    shares = [Share(number, index["shares"]) for number in range(index["shares"])]
    names = {group: {share: _file(group, share) for share in shares} for group in index["groups"]}
    # All of them first: this is cheap, and says of a file that is gone or cut that it is, on every rank.
    for of_group in names.values():
        ShareFiles(folder, of_group, index["files"]).check_sizes()
    groups = {}
    for group, structure in index["groups"].items():
        try:
            with ShareFiles(folder, names[group], index["files"]) as files:
                groups[group] = _read(structure, files, part)
        except (OSError, SafetensorError, KeyError) as error:
            raise DamagedCheckpoint(f"{folder}: tensors of {group} cannot be read ({_reason(error)})") from error
    return index["values"], groups


def _file(group: str, share: Share) -> str:
    return f"{group}-{share}.safetensors"


def _note(share: Share) -> str:
    return f"share-{share}.json"


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Rows]]:
    """The tensors of a group, by the names of the way to each."""
    if isinstance(value, Rows):
        yield place, value
    elif isinstance(value, (Mapping, list)):
        for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from _leaves(item, _below(place, key))


def structure(value: Any, place: str = "") -> Any:
    """A group as plain data, names and shapes in the place of tensors: the same of every share."""
    if isinstance(value, Rows):
        return {_TENSOR: place, _SHAPE: list(value.shape)}
    if isinstance(value, Mapping):
        parts = {str(key): structure(item, _below(place, key)) for key, item in value.items()}
        return {_NUMBERED: parts} if parts and all(isinstance(key, int) for key in value) else parts
    if isinstance(value, list):
        return [structure(item, _below(place, number)) for number, item in enumerate(value)]
    return value


def _below(place: str, key: object) -> str:
    return f"{place}/{key}" if place else str(key)


def _read(value: Any, files: ShareFiles, part: Part) -> Any:
    if isinstance(value, list):
        return [_read(item, files, part) for item in value]
    if not isinstance(value, dict):
        return value
    if _TENSOR in value:
        name, shape = value[_TENSOR], value[_SHAPE]
        return files.read(name, shape, part.rows(name, shape))
    if _NUMBERED in value:
        return {int(key): _read(item, files, part) for key, item in value[_NUMBERED].items()}
    return {key: _read(item, files, part) for key, item in value.items()}


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
