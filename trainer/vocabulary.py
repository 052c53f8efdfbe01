"""What a run's token ids stand for, kept beside its checkpoints so that export needs no corpus."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from trainer.errors import CheckpointError

_NAME = "vocabulary.json"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """``tokens`` by model id; ``pinyin`` the eight symbol ids of each token's reading without context, or empty."""

    tokens: tuple[str, ...]
    pinyin: tuple[tuple[int, ...], ...]

    def save(self, run: Path) -> None:
        """Writes ``vocabulary.json``."""
        value = {"tokens": self.tokens, "pinyin": self.pinyin}
        (run / _NAME).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, run: Path) -> Vocabulary:
        """Reads ``vocabulary.json``. Raises CheckpointError naming the file."""
        path = run / _NAME
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
            return cls(tuple(value["tokens"]), tuple(tuple(spelling) for spelling in value["pinyin"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(f"{path}: found no vocabulary of a run ({error})") from error
