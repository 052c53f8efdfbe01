"""A task that is learnt from the encoder as it is while it is pretrained."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from hanmill.trainer.configs.bounds import at_least
from hanmill.trainer.configs.task_form import FormConfig

#: What each task is scored by, larger being better: the first is its own. Of numbers it is Spearman's correlation.
MEASURES: dict[str, tuple[str, ...]] = {
    "segmentation": ("f1", "precision", "recall", "oov_recall", "iv_recall"),
    "entities": ("f1", "precision", "recall", "accuracy"),
    "pos": ("accuracy",),
    "sentence": ("accuracy", "macro_f1", "spearman", "pearson"),
    "pair": ("accuracy", "macro_f1", "spearman", "pearson"),
    "reading": ("f1", "exact"),
}
_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class ScoredTaskConfig:
    """A task whose scores say how good the encoder has become: a copy of it is fine-tuned for a fixed, small budget.

    ``train`` and ``dev`` are files as ``hanmill finetune`` takes them, by the folder that the command runs in. The task
    is learnt anew before the first step of a stage, after every ``every`` steps and at its end, always from the same
    ``examples`` of ``train``, in the same order and with the same draws, and scored on the same ``dev_examples`` of
    ``dev``; where ``epochs`` are several, the best counts. ``preset`` gives what ``--preset`` does; ``batch`` and
    ``learning_rate`` go before it. ``encoder: frozen`` learns the layer above alone, which is cheaper. ``name``,
    by default the task's, stands in the log and in ``loop.best``: ``NAME.f1``.
    """

    task: Literal["segmentation", "entities", "pos", "sentence", "pair", "reading"]
    train: str
    dev: str
    name: str = ""
    every: int = 1000
    examples: int = 2000
    dev_examples: int = 500
    epochs: int = 1
    preset: str = "bert"
    batch: int | None = None
    learning_rate: float | None = None
    encoder: Literal["learns", "frozen"] = "learns"
    seed: int = 1
    form: FormConfig = field(default_factory=FormConfig)

    def __post_init__(self) -> None:
        at_least(self, 1, "every", "examples", "dev_examples", "epochs")
        if self.batch is not None:
            at_least(self, 1, "batch")
        if self.learning_rate is not None and not self.learning_rate > 0:
            raise ValueError("learning_rate above 0")
        if self.name and not _NAME.fullmatch(self.name):
            raise ValueError("name of ASCII letters, digits, - and _")

    @property
    def title(self) -> str:
        """The name in the log."""
        return self.name or self.task

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of what it may be scored by, as ``loop.best`` has them."""
        return tuple(f"{self.title}.{measure}" for measure in MEASURES[self.task])
