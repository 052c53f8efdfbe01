"""JSON files that carry the digest of their own content, so that a changed byte is found when they are read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hanmill.schemas.hashing import canonical_json, settings_hash
from hanmill.trainer.errors import DamagedCheckpoint

_DIGEST = "sha256"


def write_sealed(path: Path, value: Mapping[str, Any]) -> None:
    """Writes ``value`` with ``sha256``, the digest of the rest as canonical JSON; flushed to the disk."""
    with path.open("w", encoding="utf-8") as file:
        file.write(canonical_json({**value, _DIGEST: settings_hash(value)}))
        file.flush()
        os.fsync(file.fileno())


def read_sealed(path: Path) -> dict[str, Any]:
    """What ``write_sealed`` was given. Raises DamagedCheckpoint naming the file and both digests."""
    try:
        content = path.read_bytes()
        value = json.loads(content)
        expected = value.pop(_DIGEST)
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise DamagedCheckpoint(f"{path}: cannot be read ({reason}), expected JSON with its own sha256") from error
    found = settings_hash(value)
    # Bytes that JSON passes over (a blank more, another way to write a number) count as damage too.
    if found != expected or canonical_json({**value, _DIGEST: expected}).encode() != content:
        raise DamagedCheckpoint(f"{path}: sha256 found: {found}, or bytes beside the content; expected {expected}")
    return dict(value)
