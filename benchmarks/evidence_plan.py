"""What the evidence consists of: budgets, what is compared, and one measured value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Budget:
    """How much is spent.

    ``steps`` of pretraining in all, each of ``tokens``, in rows of ``window`` tokens, which are the longest of
    fine-tuning too: short rows teach a small model soonest. ``seeds`` of each run; ``shares`` of the training sets and
    ``epochs`` of fine-tuning; ``words`` steps of MLMA, and ``sentences`` at most that a tagger over words learns from.
    ``whole`` adds pairs of sentences, reading comprehension and further variants.
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


BUDGETS = {
    budget.name: budget
    for budget in (
        Budget("test", 6, 512, 16, 2, (0.02,), 1, 4, 60),
        Budget("glance", 600, 512, 16, 3, (0.25,), 3, 200, 1000),
        Budget("small", 3000, 512, 16, 3, (0.25,), 4, 400, 3000),
        Budget("full", 16000, 2048, 64, 5, (0.1, 0.3, 1.0), 8, 2000, 20000, whole=True),
    )
}


@dataclass(frozen=True)
class Variant:
    """A way to pretrain: ``config`` over the built-in ``tiny``; ``corpus`` by its name in ``evidence_work``."""

    name: str
    model: str
    config: dict[str, Any] = field(default_factory=dict)
    corpus: str = "clusters"
    pretrained: bool = True


@dataclass(frozen=True)
class TaskRun:
    """A fine-tuning of every variant: files by their names in ``evidence_tasks.tsv``, options of ``finetune``."""

    name: str
    task: str
    train: str
    dev: str
    tests: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    measure: str = "f1"


@dataclass(frozen=True)
class Comparison:
    """Variants beside ``control``, the one they are compared with; ``paper`` says whose claim is looked at."""

    name: str
    title: str
    paper: str
    control: str


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
