"""A local folder of published weights: ``config.json`` and tensors as safetensors or a PyTorch file."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from hanmill.trainer.errors import CheckpointError

CONFIG = "config.json"
#: Files of weights by preference: the name of the file, and of the index where it is cut into several.
_SAFE = ("model.safetensors", "model.safetensors.index.json")
_PYTORCH = ("pytorch_model.bin", "pytorch_model.bin.index.json")


def read_json(path: Path) -> dict[str, Any]:
    """An object. Raises CheckpointError naming the file."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path}: cannot be read ({error}), expected a JSON object") from error
    if not isinstance(value, dict):
        raise CheckpointError(f"{path}: found {type(value).__name__}, expected a JSON object")
    return value


def read_tensors(folder: Path) -> dict[str, torch.Tensor]:
    """All tensors by the names their authors gave, in single precision. No code runs from the files.

    Raises CheckpointError naming the file, or those that were looked for.
    """
    for whole, index in (_SAFE, _PYTORCH):
        if (folder / whole).is_file():
            names = [whole]
        elif (folder / index).is_file():
            names = sorted(set(read_json(folder / index).get("weight_map", {}).values()))
        else:
            continue
        found: dict[str, torch.Tensor] = {}
        for name in names:
            found |= _read(folder / Path(name).name)
        return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in found.items()}
    looked = ", ".join((_SAFE[0], _PYTORCH[0]))
    raise CheckpointError(f"{folder}: found no weights, expected one of {looked}")


def _read(path: Path) -> dict[str, torch.Tensor]:
    try:
        if path.suffix == ".safetensors":
            safe: dict[str, torch.Tensor] = load_file(path)
            return safe
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, SafetensorError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        reason = " ".join(str(error).split())[:200]
        raise CheckpointError(f"{path}: tensors cannot be read ({reason})") from error
    found = found.get("state_dict", found) if isinstance(found, dict) else found
    if not isinstance(found, dict) or not all(isinstance(value, torch.Tensor) for value in found.values()):
        raise CheckpointError(f"{path}: found {type(found).__name__}, expected tensors by name")
    return found
