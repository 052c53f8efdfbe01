"""How good the encoder has become for tasks: a copy of it learns each, and the run goes on as if it had not."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from hanmill.schemas.annotated_text import AnnotatorFactory
from hanmill.trainer.configs.scored_task import MEASURES, ScoredTaskConfig
from hanmill.trainer.configs.stage import StageConfig
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.vocabulary import CharacterVocabulary
from hanmill.trainer.distributed.parallel import gather
from hanmill.trainer.distributed.process import Patience, Process
from hanmill.trainer.errors import ConfigError, TrainerError, TrainingDiverged
from hanmill.trainer.finetuning.backbone import Backbone, BackboneSettings
from hanmill.trainer.finetuning.batches import Input
from hanmill.trainer.finetuning.loop import fit_in_memory
from hanmill.trainer.finetuning.presets import find_preset
from hanmill.trainer.finetuning.task_data import TaskData, draw_some, read_task
from hanmill.trainer.finetuning.task_learner import Scored
from hanmill.trainer.finetuning.tasks.registry import METRICS
from hanmill.trainer.finetuning.tasks.task import TaskConfig
from hanmill.trainer.finetuning.text_encoder import TextEncoder
from hanmill.trainer.model_spec import PretrainingConfig, PretrainingSpec


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A task's rows, made once."""

    config: ScoredTaskConfig
    data: TaskData
    settings: BackboneSettings
    train: list[Input]
    dev: Scored

    def measures(self, backbone: Backbone, process: Process) -> dict[str, float]:
        """Of a copy that learns the task; none where its loss is no number: the run itself need not end for that."""
        model = self.data.model(backbone, self.data.config)
        if self.config.encoder == "frozen":
            model.encoder.requires_grad_(False)
        learner = self.data.learner(self.settings, self.data.config, model, self.train, self.dev)
        try:
            return fit_in_memory(learner, process)
        except TrainingDiverged:
            return {}


class TaskScores:
    """The tasks of a run. Each is learnt by one rank, alone, so that scores do not depend on the number of ranks.

    Files are read and refused when it is made. Raises TrainerError naming the task.
    """

    def __init__(
        self, spec: PretrainingSpec[Any, Any], config: PretrainingConfig, corpus: Corpus,
        annotators: AnnotatorFactory | None, process: Process, patience: Patience,
    ) -> None:  # fmt: skip
        self._spec, self._process, self._patience = spec, process, patience
        self._tasks = config.loop.tasks
        self._prepared: dict[int, _Prepared] = {}
        if not self._tasks:
            return
        vocabulary = spec.vocabulary(config, corpus)
        if spec.backbone_settings is None or not isinstance(vocabulary, CharacterVocabulary):
            raise ConfigError(
                f"loop.tasks: found {self._tasks[0].title} for {spec.name}, expected none: tasks are learnt on "
                "encoders over characters, unihanlm and chinesebert"
            )
        if annotators is None:
            raise ConfigError("loop.tasks: found no reader of raw text, expected that of the command `hanmill train`")
        self._vocabulary = vocabulary
        self._settings = spec.backbone_settings(config, vocabulary)
        encoder = TextEncoder(self._settings, annotators)
        for number in self._mine(range(len(self._tasks))):
            task = self._tasks[number]
            try:
                self._prepared[number] = _prepare(task, encoder)
                _check_best(config.loop.best, task, self._prepared[number].data)
            except TrainerError as error:
                raise ConfigError(f"loop.tasks, {task.title}: {error}") from error

    def score(self, model: nn.Module, stage: StageConfig, step: int) -> dict[str, float]:
        """Measures of the tasks whose turn it is after ``step`` updates of the stage, by ``NAME.MEASURE``.

        Every rank must call. The model is read alone. Each task's own measure stands first; NaN where the task was
        not learnt. ``seconds`` is how long the run waited.
        """
        due = [number for number, task in enumerate(self._tasks) if step % task.every == 0 or step == stage.steps]
        if not due:
            return {}
        started = time.perf_counter()
        mine = self._mine(due)
        weights = gather(model.state_dict(), keep=bool(mine))
        reached: dict[int, dict[str, float]] = {}
        if mine:
            backbone = Backbone(self._settings, self._spec.backbone_weights(weights, stage, self._vocabulary))
            cuda = [self._process.device] if self._process.device.type == "cuda" else []
            # What is drawn here is drawn by nobody else.
            with torch.random.fork_rng(cuda):
                reached = {number: self._prepared[number].measures(backbone, self._process) for number in mine}
        # Ranks without a task may wait longer than for a step.
        self._patience.wait()
        found: dict[str, float] = {}
        for number in due:
            names = MEASURES[self._tasks[number].task]
            own = reached.get(number)
            values = self._process.sum(*(0.0 if own is None else float(own.get(name, math.nan)) for name in names))
            named = dict(zip(self._tasks[number].measures, values, strict=True))
            kept = {name: value for name, value in named.items() if math.isfinite(value)}
            found |= kept or {self._tasks[number].measures[0]: math.nan}
        return found | {"seconds": round(time.perf_counter() - started, 3)}

    def _mine(self, numbers: Sequence[int]) -> list[int]:
        return [number for number in numbers if number % self._process.world == self._process.rank]


def _prepare(task: ScoredTaskConfig, encoder: TextEncoder) -> _Prepared:
    preset = find_preset(task.preset)
    fit = preset.fit(
        METRICS[task.task], epochs=task.epochs, batch=task.batch, rate=task.learning_rate, seed=task.seed
    )  # fmt: skip
    length = min(preset.max_length, encoder.settings.encoder.positions)
    config = TaskConfig(task.task, fit, preset.dropout, length, form=task.form)
    data = read_task(config, encoder, [Path(task.train)], Path(task.dev))
    train = draw_some(data.train, task.examples, task.seed)
    dev = draw_some(data.dev, task.dev_examples, task.seed)
    return _Prepared(task, data, encoder.settings, data.inputs(train), data.scored(dev))


def _check_best(best: str, task: ScoredTaskConfig, data: TaskData) -> None:
    """Texts are scored as classes or as numbers, which their labels tell."""
    if task.task not in ("sentence", "pair") or best not in task.measures:
        return
    numbers = task.measures[2:], "numbers"
    classes = task.measures[:2], "classes"
    names, kind = numbers if data.kind == "numbers" else classes
    if best not in names:
        raise ConfigError(f"loop.best: found {best}, expected one of {', '.join(names)}: its labels are {kind}")
