"""A safetensors file with the permissions of any other new file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file


def save_tensors(tensors: Mapping[str, torch.Tensor], path: Path, metadata: Mapping[str, str] | None = None) -> None:
    """Writes what ``safetensors`` does, which by itself lets nobody but its owner read the file.

    Raises OSError and SafetensorError.
    """
    path.touch()
    permissions = path.stat().st_mode
    save_file(dict(tensors), path, metadata={"format": "pt", **(metadata or {})})
    path.chmod(permissions)
