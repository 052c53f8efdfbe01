"""What a task is: how its files are read, how its examples become rows, and how what a model says of them is scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from hanmill.trainer.configs.fit import FitConfig
from hanmill.trainer.configs.task_form import FormConfig
from hanmill.trainer.finetuning.batches import Input
from hanmill.trainer.finetuning.text_encoder import TextEncoder

Floats = npt.NDArray[np.float32]
Kind = Literal["units", "classes", "numbers", "answers"]
E = TypeVar("E")
P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class TaskConfig:
    """A fine-tuning. ``max_length`` is the longest row in tokens, ``train_share`` the part of the training set used."""

    task: str
    fit: FitConfig
    dropout: float = 0.1
    max_length: int = 256
    train_share: float = 1.0
    form: FormConfig = field(default_factory=FormConfig)

    def __post_init__(self) -> None:
        if self.max_length < 8:
            raise ValueError("max_length of at least 8")
        if not 0 < self.train_share <= 1:
            raise ValueError("train_share above 0 and at most 1")


@dataclass(frozen=True, slots=True)
class Rows:
    """How rows of one file are made: its language, and the number that the model gives it."""

    encoder: TextEncoder
    language: str
    language_id: int
    max_length: int


class Task(Protocol[E, P]):
    """A task over examples E, for which P is predicted. ``labels`` are its classes by number, of the training set."""

    @property
    def name(self) -> str:
        """As the command line has it."""
        ...

    def kind(self, labels: Sequence[str]) -> Kind:
        """Which head stands on the encoder."""
        ...

    def read(self, path: Path, form: FormConfig, *, labelled: bool = True) -> list[E]:
        """Examples of a file. Raises TaskFileError naming file and line."""
        ...

    def texts(self, examples: Sequence[E]) -> list[str]:
        """What tells the language."""
        ...

    def labels(self, train: Sequence[E], form: FormConfig) -> tuple[str, ...]:
        """Classes by number."""
        ...

    def inputs(self, examples: Sequence[E], labels: Sequence[str], rows: Rows) -> list[Input]:
        """One row or more of each example."""
        ...

    def decode(
        self, examples: Sequence[E], labels: Sequence[str], inputs: Sequence[Input], outputs: Sequence[Floats]
    ) -> list[P]:
        """What the logits of the rows say of each example."""
        ...

    def score(
        self, examples: Sequence[E], predicted: Sequence[P], form: FormConfig, known: frozenset[str]
    ) -> dict[str, float]:
        """Measures; ``known`` are the words of the training set."""
        ...

    def known(self, train: Sequence[E]) -> frozenset[str]:
        """Words of the training set, where the task is scored by them."""
        ...

    def write(self, path: Path, examples: Sequence[E], predicted: Sequence[P]) -> Path:
        """In the form that the canonical scorer reads; the file, whose name begins with that of ``path``."""
        ...

    def record(self, example: E, predicted: P) -> dict[str, Any]:
        """Text and labels with offsets, for JSON lines."""
        ...


def language_number(languages: Sequence[str], language: str) -> int:
    """Which of a model's languages one is, by primary subtag; 0 where it is none."""
    subtags = [name.split("-")[0].lower() for name in languages]
    primary = language.split("-")[0].lower()
    return subtags.index(primary) if primary in subtags else 0
