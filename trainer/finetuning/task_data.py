"""A task's files, read for one encoder, and the learners that are made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.errors import ConfigError
from hanmill.trainer.finetuning.backbone import Backbone, BackboneSettings, load_weights
from hanmill.trainer.finetuning.batches import Input
from hanmill.trainer.finetuning.heads import TaskModel
from hanmill.trainer.finetuning.saved import make_model, rows_for
from hanmill.trainer.finetuning.task_learner import Scored, TaskLearner
from hanmill.trainer.finetuning.tasks.registry import find_task
from hanmill.trainer.finetuning.tasks.task import Kind, Rows, Task, TaskConfig
from hanmill.trainer.finetuning.text_encoder import TextEncoder, guess_language


@dataclass(frozen=True, slots=True)
class TaskData:
    """``config`` says what the files are: the language of the development set, numbers or classes. ``labels`` are the
    classes by number, ``known`` the words of ``train``, ``rows`` how its rows are made.
    """

    task: Task[Any, Any]
    config: TaskConfig
    labels: tuple[str, ...]
    known: frozenset[str]
    train: list[Any]
    dev: list[Any]
    rows: Rows

    @property
    def kind(self) -> Kind:
        """Which head stands on the encoder."""
        return self.task.kind(self.labels)

    def inputs(self, examples: Sequence[Any]) -> list[Input]:
        """Rows of examples of the training set."""
        return self.task.inputs(examples, self.labels, self.rows)

    def scored(self, examples: Sequence[Any]) -> Scored:
        """Examples of the development set with their rows."""
        rows = rows_for(self.rows.encoder, self.config.form.language, self.config)
        return Scored(list(examples), self.task.inputs(examples, self.labels, rows))

    def model(self, backbone: Backbone, config: TaskConfig) -> TaskModel:
        """The encoder with these weights and a head that is drawn by the seed."""
        torch.manual_seed(key_of("fine-tuning weights", config.fit.seed))
        model = make_model(backbone.settings, config, self.kind, len(self.labels))
        load_weights(model.encoder, backbone.weights, "model")
        return model

    def learner(
        self, settings: BackboneSettings, config: TaskConfig, model: TaskModel, train: list[Input], dev: Scored
    ) -> TaskLearner:
        """As the loop takes it."""
        return TaskLearner(self.task, config, settings, self.labels, self.known, model, train, dev)


def read_task(config: TaskConfig, encoder: TextEncoder, train: Sequence[Path], dev: Path) -> TaskData:
    """Raises TrainerError where a file cannot be read or has nothing to learn."""
    task = find_task(config.task)
    examples = [example for path in train for example in task.read(path, config.form)]
    dev_examples = task.read(dev, config.form)
    given = config.form.language
    language, dev_language = (given or guess_language(task.texts(some)) for some in (examples, dev_examples))
    config = replace(config, form=replace(config.form, language=dev_language))
    labels = task.labels(examples, config.form)
    if task.kind(labels) in ("units", "classes") and len(labels) < 2:
        raise ConfigError(f"--train: labels found: {', '.join(labels) or 'none'}, expected at least two")
    if task.kind(labels) == "numbers":
        metric = config.fit.metric if config.fit.metric in ("pearson", "spearman") else "spearman"
        form = replace(config.form, labels="numbers")
        config = replace(config, form=form, fit=replace(config.fit, metric=metric))
    rows = rows_for(encoder, language, config)
    return TaskData(task, config, labels, task.known(examples), examples, dev_examples, rows)


def draw_some(examples: Sequence[Any], count: int, seed: int) -> list[Any]:
    """So many of the examples in their order, or all; others for each seed."""
    draw = np.random.default_rng(key_of("training share", seed)).permutation(len(examples))
    return [examples[place] for place in sorted(draw[:count].tolist())]


def share_of(examples: Sequence[Any], share: float, seed: int) -> list[Any]:
    """A part of the examples, another for each seed."""
    return draw_some(examples, max(1, round(share * len(examples))), seed)
