"""A checkpoint on the disk: a folder of tensors as safetensors, and an index that holds the digest of each file.

``torch.save`` is not used: its zip has checksums that are not read when the file is mapped. Nor is
``torch.distributed.checkpoint``: its metadata is a pickle that is read without restriction. Nothing here runs code.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from hanmill.schemas.hashing import file_sha256
from hanmill.trainer.errors import CheckpointError, DamagedCheckpoint
from hanmill.trainer.runs.sealed_json import read_sealed, write_sealed

INDEX = "index.json"
_VERSION = 2
#: Stands in the index for a tensor, and for a mapping whose keys are whole numbers.
_TENSOR, _NUMBERED = "$tensor", "$numbered"


def write_folder(folder: Path, name: str, values: Mapping[str, Any], groups: Mapping[str, Any]) -> None:
    """Writes ``folder``, complete or not at all: beside, flushed to the disk, renamed.

    ``values`` is plain data. Each of ``groups``, mappings and lists of tensors and plain values, becomes one file
    ``GROUP.safetensors``; ``name`` is kept in the index, so that a folder renamed is told from the one it was.
    Raises CheckpointError where it cannot be written.
    """
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    try:
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(parents=True)
        files, structures = {}, {}
        for group, content in groups.items():
            tensors: dict[str, torch.Tensor] = {}
            structures[group] = _split(content, "", tensors)
            path = unfinished / f"{group}.safetensors"
            save_file(_apart(tensors), path, metadata={"format": "pt"})
            _flush(path)
            files[path.name] = {"bytes": path.stat().st_size, "sha256": file_sha256(path)}
        index = {"version": _VERSION, "name": name, "values": values, "groups": structures, "files": files}
        write_sealed(unfinished / INDEX, index)
        _flush(unfinished)
        if folder.exists():
            shutil.rmtree(folder)
        unfinished.rename(folder)
        _flush(folder.parent)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{folder}: cannot be written: {' '.join(str(error).split())[:200]}") from error


def read_folder(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """``values`` and ``groups`` of a folder, every file checked against its digest.

    Tensors are mapped, so that ranks of a machine share one copy. Raises DamagedCheckpoint naming the file and what
    was expected, CheckpointError where another version wrote it.
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
    for name, expected in index["files"].items():
        _check_file(folder / name, expected["bytes"], expected["sha256"])
    groups = {}
    for group, structure in index["groups"].items():
        path = folder / f"{group}.safetensors"
        try:
            groups[group] = _join(structure, load_file(path))
        except (OSError, SafetensorError, KeyError) as error:
            raise DamagedCheckpoint(f"{path}: tensors cannot be read ({' '.join(str(error).split())[:200]})") from error
    return index["values"], groups


def _check_file(path: Path, size: int, digest: str) -> None:
    try:
        found_size = path.stat().st_size
        if found_size != size:
            raise DamagedCheckpoint(f"{path}: bytes found: {found_size:,}, expected {size:,}")
        found = file_sha256(path)
    except OSError as error:
        raise DamagedCheckpoint(f"{path}: cannot be read ({error}), expected sha256 {digest}") from error
    if found != digest:
        raise DamagedCheckpoint(f"{path}: sha256 found: {found}, expected {digest}")


def _split(value: Any, place: str, tensors: dict[str, torch.Tensor]) -> Any:
    """Plain data with names in the place of tensors, which are put into ``tensors``."""
    if isinstance(value, torch.Tensor):
        tensors[place] = value
        return {_TENSOR: place}
    if isinstance(value, Mapping):
        parts = {
            str(key): _split(item, f"{place}/{key}" if place else str(key), tensors) for key, item in value.items()
        }
        return {_NUMBERED: parts} if parts and all(isinstance(key, int) for key in value) else parts
    if isinstance(value, (list, tuple)):
        return [_split(item, f"{place}/{number}", tensors) for number, item in enumerate(value)]
    return value


def _join(value: Any, tensors: Mapping[str, torch.Tensor]) -> Any:
    if isinstance(value, list):
        return [_join(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    if _TENSOR in value:
        return tensors[value[_TENSOR]]
    if _NUMBERED in value:
        return {int(key): _join(item, tensors) for key, item in value[_NUMBERED].items()}
    return {key: _join(item, tensors) for key, item in value.items()}


def _apart(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The tensors, none of them a part of another's memory, which safetensors would not write."""
    apart = {}
    for name, tensor in tensors.items():
        whole = tensor.detach().cpu().contiguous()
        apart[name] = whole if whole.untyped_storage().nbytes() == whole.nbytes else whole.clone()
    return apart


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
