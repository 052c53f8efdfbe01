"""What the evidence consists of: budgets, what is compared, and one measured value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Budget:
    """How much is spent.

    ``steps`` of pretraining in all, each of ``tokens``, in rows of ``window`` tokens, which are the longest of
    fine-tuning too: short rows teach a small model soonest. ``seeds`` of each run; ``shares`` of the training sets and
    ``epochs`` of fine-tuning; ``words`` steps of MLMA, and ``sentences`` at most that a tagger over words learns from.
    ``whole`` adds reading comprehension and further variants. ``mlma`` goes over its configuration, and the
    ``stage`` in it over its stage.
    ``joined`` steps teach ChineseBERT what it adds to a UnihanLM that it begins with; 0: it learns all from nothing.
    """

    name: str
    steps: int
    tokens: int
    window: int
    seeds: int
    shares: tuple[float, ...]
    epochs: int
    words: int
    sentences: int
    whole: bool = False
    joined: int = 0
    mlma: dict[str, Any] = field(default_factory=dict)


#: Few short sentences an update and fewer words: a small model takes more updates in the same time, and larger ones.
_SHORT = {
    "data": {"tokens": 128, "longest": 40},
    "vocabulary_size": 8000,
    "stage": {"learning_rate": 0.004, "schedule": "linear"},
}

BUDGETS = {
    budget.name: budget
    for budget in (
        Budget("test", 6, 512, 16, 2, (0.02,), 1, 4, 60),
        Budget("glance", 600, 512, 16, 3, (0.25,), 3, 200, 1000),
        Budget("small", 3000, 512, 16, 3, (0.25,), 4, 600, 2000, joined=400, mlma=_SHORT),
        Budget("full", 16000, 2048, 64, 5, (0.1, 0.3, 1.0), 8, 2000, 20000, whole=True),
    )
}


@dataclass(frozen=True)
class Variant:
    """A way to pretrain: ``config`` over the built-in ``tiny``; ``corpus`` by its name in ``evidence_work``.

    ``start`` is a model whose weights, of the same seed, it begins with.
    """

    name: str
    model: str
    config: dict[str, Any] = field(default_factory=dict)
    corpus: str = "clusters"
    pretrained: bool = True
    start: Variant | None = None


@dataclass(frozen=True)
class TaskRun:
    """A fine-tuning of every variant: files by their names in ``evidence_tasks.tsv``, options of ``finetune``.

    ``shares`` of the training set go before the budget's.
    """

    name: str
    task: str
    train: str
    dev: str
    tests: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    measure: str = "f1"
    shares: tuple[float, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Variants beside ``control``, the one they are compared with; ``paper`` says whose claim is looked at.

    ``note`` is what a reader must know of how it is looked at here, ``settings`` those of a budget that play a part.
    """

    name: str
    title: str
    paper: str
    control: str
    note: str = ""
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Value:
    """One measured value: of a variant, a seed, a task learnt from a share of its training set, scored on a file."""

    variant: str
    seed: int
    task: str
    share: float
    file: str
    measure: str
    value: float


@dataclass(frozen=True)
class Job:
    """What is measured at once: ``measure`` makes what is missing for it, or raises ``NotMade``."""

    variant: str
    seed: int
    task: str
    share: float
    measure: Callable[[], Sequence[Value]]


class NotMade(Exception):
    """What a value hangs on is not there, and was not to be made."""
