"""A task on an encoder, as the fine-tuning loop takes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from hanmill.schemas.typed_mapping import to_mapping
from hanmill.trainer.configs.fit import FitConfig
from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.finetuning.backbone import BackboneSettings
from hanmill.trainer.finetuning.batches import Input, collate
from hanmill.trainer.finetuning.heads import TaskModel
from hanmill.trainer.finetuning.learner import LearnerBatch
from hanmill.trainer.finetuning.prediction import run_rows
from hanmill.trainer.finetuning.pretrained import ENCODER
from hanmill.trainer.finetuning.tasks.task import Task, TaskConfig
from hanmill.trainer.pretraining.optimizer import build_optimizer, learning_rate
from hanmill.trainer.runs.sealed_json import write_sealed

#: What a run says of its task: configuration, classes, words of the training set.
TASK = "task.json"
#: Batches whose rows are sorted by length together, so that little is padding.
_SORTED_TOGETHER = 32


@dataclass(frozen=True, slots=True)
class Scored:
    """Examples of a file and their rows."""

    examples: list[Any]
    inputs: list[Input]


@dataclass(frozen=True, slots=True)
class TaskLearner:
    """``known`` are the words of the training set, for tasks that are scored by them."""

    task: Task[Any, Any]
    config: TaskConfig
    settings: BackboneSettings
    labels: tuple[str, ...]
    known: frozenset[str]
    model: TaskModel
    train: list[Input]
    dev: Scored

    @property
    def name(self) -> str:
        """Of its checkpoints."""
        return f"finetuned-{self.task.name}"

    @property
    def fit(self) -> FitConfig:
        """How it learns."""
        return self.config.fit

    @property
    def learnt(self) -> nn.Module:
        """Encoder and head."""
        return self.model

    def begin(self, run: Path) -> None:
        """Writes ``encoder.json`` and ``task.json``, all that scoring and export need beside the weights."""
        write_sealed(run / ENCODER, to_mapping(self.settings))
        value = {"config": to_mapping(self.config), "labels": list(self.labels), "known": sorted(self.known)}
        write_sealed(run / TASK, value)

    def optimizer(self, steps: int) -> torch.optim.Optimizer:
        """AdamW, norms and biases undecayed."""
        return build_optimizer(self.model, self.fit.stage(self.name, steps))

    def rate(self, step: int, steps: int, epoch: int) -> float:
        """Up over the warm-up, then down to zero at the end of the last epoch."""
        return learning_rate(self.fit.stage(self.name, steps), min(step, steps))

    def batches(self, epoch: int) -> list[list[int]]:
        """A new order in each epoch; rows of about one length stand together in a batch."""
        draw = np.random.default_rng(key_of("fine-tuning", self.fit.seed, epoch))
        order = draw.permutation(len(self.train)).tolist()
        block = self.fit.batch * _SORTED_TOGETHER
        found: list[list[int]] = []
        for start in range(0, len(order), block):
            near = sorted(order[start : start + block], key=lambda place: len(self.train[place].ids))
            found += [near[first : first + self.fit.batch] for first in range(0, len(near), self.fit.batch)]
        return [found[place] for place in draw.permutation(len(found)).tolist()]

    def batch(self, places: list[int]) -> LearnerBatch:
        """The loss is a mean over targets: units, texts, questions."""
        rows = [self.train[place] for place in places]
        kind = self.task.kind(self.labels)
        batch = collate(rows, self.settings.special, pinyin=self.settings.kind == "chinesebert", kind=kind)
        return LearnerBatch(batch, len(batch.targets), len(batch.targets), sum(len(row.ids) for row in rows))

    def evaluate(self, device: torch.device) -> dict[str, float]:
        """Loss and measures on the development set."""
        predicted, loss = predict(self, self.dev, device)
        measures = self.task.score(self.dev.examples, predicted, self.config.form, self.known)
        return {"loss": loss} | measures


def predict(tuned: TaskLearner, scored: Scored, device: torch.device) -> tuple[list[Any], float]:
    """What the model says of each example, and its loss."""
    kind, pinyin = tuned.task.kind(tuned.labels), tuned.settings.kind == "chinesebert"
    outputs, loss = run_rows(tuned.model, scored.inputs, tuned.settings.special, kind, pinyin, device)
    return tuned.task.decode(scored.examples, tuned.labels, scored.inputs, outputs), loss
