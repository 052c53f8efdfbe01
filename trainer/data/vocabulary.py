"""What a run's token ids stand for, kept beside its checkpoints so that export needs no corpus."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hanmill.schemas.recipe import NormalizeRecipe, ReadingsRecipe, SegmentRecipe
from hanmill.schemas.typed_mapping import SettingError, from_mapping, to_mapping
from hanmill.trainer.errors import CheckpointError
from hanmill.trainer.runs.sealed_json import read_sealed, write_sealed

_CHARACTERS, _WORDS = "vocabulary.json", "words.json"


class Vocabulary(Protocol):
    """What the ids of a model stand for."""

    def save(self, run: Path) -> None:
        """Writes it beside the run's checkpoints."""
        ...

    @classmethod
    def load(cls, run: Path) -> Vocabulary:
        """Reads it. Raises CheckpointError naming the file."""
        ...


@dataclass(frozen=True, slots=True)
class CharacterVocabulary:
    """``tokens`` by model id; ``pinyin`` the eight symbol ids of each token's reading without context, or empty.

    ``normalize`` is what the corpus did to its text, ``segment`` and ``readings`` who cut and read it.
    ``representative`` is the model id of the first character of each
    token's cluster, where the run has a stage of clusters, else empty. ``unseen`` are ids of characters that no
    document in the run's languages has: their rows are as they were drawn.
    """

    tokens: tuple[str, ...]
    pinyin: tuple[tuple[int, ...], ...]
    normalize: NormalizeRecipe = field(default_factory=NormalizeRecipe)
    segment: SegmentRecipe = field(default_factory=SegmentRecipe)
    readings: ReadingsRecipe = field(default_factory=ReadingsRecipe)
    representative: tuple[int, ...] = ()
    unseen: tuple[int, ...] = ()

    def save(self, run: Path) -> None:
        """Writes ``vocabulary.json``, with its digest."""
        write_sealed(run / _CHARACTERS, to_mapping(self))

    @classmethod
    def load(cls, run: Path) -> CharacterVocabulary:
        """Reads ``vocabulary.json``. Raises CheckpointError naming the file."""
        path = run / _CHARACTERS
        try:
            return from_mapping(cls, read_sealed(path))
        except SettingError as error:
            raise CheckpointError(f"{path}: found no vocabulary of a run ({error})") from error


@dataclass(frozen=True, slots=True)
class WordVocabularies:
    """The words of each language by model id; ids 0 and 1, the end and the unknown word, are empty."""

    words: dict[str, tuple[str, ...]]

    def save(self, run: Path) -> None:
        """Writes ``words.json``, with its digest."""
        write_sealed(run / _WORDS, self.words)

    @classmethod
    def load(cls, run: Path) -> WordVocabularies:
        """Reads ``words.json``. Raises CheckpointError naming the file."""
        path = run / _WORDS
        try:
            return cls({language: tuple(words) for language, words in read_sealed(path).items()})
        except TypeError as error:
            raise CheckpointError(f"{path}: found no word vocabularies of a run ({error})") from error
