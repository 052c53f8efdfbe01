"""What a run's token ids stand for, kept beside its checkpoints so that export needs no corpus."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hanmill.trainer.errors import CheckpointError

_CHARACTERS, _WORDS = "vocabulary.json", "words.json"


class Vocabulary(Protocol):
    """What the ids of a model stand for."""

    def save(self, run: Path) -> None:
        """Writes it beside the run's checkpoints."""
        ...


@dataclass(frozen=True, slots=True)
class CharacterVocabulary:
    """``tokens`` by model id; ``pinyin`` the eight symbol ids of each token's reading without context, or empty."""

    tokens: tuple[str, ...]
    pinyin: tuple[tuple[int, ...], ...]

    def save(self, run: Path) -> None:
        """Writes ``vocabulary.json``."""
        value = {"tokens": self.tokens, "pinyin": self.pinyin}
        (run / _CHARACTERS).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, run: Path) -> CharacterVocabulary:
        """Reads ``vocabulary.json``. Raises CheckpointError naming the file."""
        path = run / _CHARACTERS
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
            return cls(tuple(value["tokens"]), tuple(tuple(spelling) for spelling in value["pinyin"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(f"{path}: found no vocabulary of a run ({error})") from error


@dataclass(frozen=True, slots=True)
class WordVocabularies:
    """The words of each language by model id; ids 0 and 1, the end and the unknown word, are empty."""

    words: dict[str, tuple[str, ...]]

    def save(self, run: Path) -> None:
        """Writes ``words.json``."""
        (run / _WORDS).write_text(json.dumps(self.words, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, run: Path) -> WordVocabularies:
        """Reads ``words.json``. Raises CheckpointError naming the file."""
        path = run / _WORDS
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
            return cls({language: tuple(words) for language, words in value.items()})
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise CheckpointError(f"{path}: found no word vocabularies of a run ({error})") from error
