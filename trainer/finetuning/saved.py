"""Fine-tuned models as folders: read, and asked of files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from hanmill.schemas.annotated_text import AnnotatorFactory
from hanmill.schemas.typed_mapping import SettingError, from_mapping
from hanmill.trainer.errors import CheckpointError, ConfigError
from hanmill.trainer.finetuning.backbone import BackboneSettings
from hanmill.trainer.finetuning.heads import TaskModel
from hanmill.trainer.finetuning.prediction import run_rows
from hanmill.trainer.finetuning.pretrained import ENCODER, read_settings
from hanmill.trainer.finetuning.task_learner import TASK
from hanmill.trainer.finetuning.tasks.registry import find_task
from hanmill.trainer.finetuning.tasks.task import Rows, Task, TaskConfig, language_number
from hanmill.trainer.finetuning.text_encoder import TextEncoder, guess_language
from hanmill.trainer.models.chinesebert import ChineseBERT
from hanmill.trainer.runs.checkpoint import best_checkpoint, run_folder
from hanmill.trainer.runs.sealed_json import read_sealed


@dataclass(frozen=True, slots=True)
class Tuned:
    """A fine-tuned model: ``labels`` are its classes by number, ``known`` the words of its training set."""

    task: Task[Any, Any]
    config: TaskConfig
    settings: BackboneSettings
    labels: tuple[str, ...]
    known: frozenset[str]
    model: TaskModel


def make_model(settings: BackboneSettings, config: TaskConfig, kind: str, classes: int) -> TaskModel:
    """Encoder and head, their weights drawn."""
    outputs = {"numbers": 1, "answers": 2}.get(kind, classes)
    return TaskModel(settings.build(), kind, outputs, config.dropout)


def load_tuned(folder: Path, task: str | None = None) -> Tuned:
    """The best checkpoint of a fine-tuned run; of several seeds, the one that is best on the development set.

    Raises CheckpointError naming the folder, ConfigError where it is of another task.
    """
    run = _best_seed(run_folder(folder))
    if not (run / TASK).is_file() or not (run / ENCODER).is_file():
        raise CheckpointError(f"{folder}: found no {TASK}, expected a run of `hanmill finetune`")
    value = read_sealed(run / TASK)
    try:
        config = from_mapping(TaskConfig, value["config"])
        labels, known = tuple(value["labels"]), frozenset(value["known"])
    except (SettingError, KeyError, TypeError) as error:
        raise CheckpointError(f"{run / TASK}: found no task of a fine-tuned run ({error})") from error
    if task is not None and config.task != task:
        raise ConfigError(f"{folder}: fine-tuned for {config.task}, asked for {task}")
    found = find_task(config.task)
    settings = read_settings(run)
    model = make_model(settings, config, found.kind(labels), len(labels))
    weights = best_checkpoint(folder if run == run_folder(folder) else run)[1].weights
    if isinstance(model.encoder, ChineseBERT):
        model.encoder.pinyin.spelling = weights["encoder.pinyin.spelling"].clone()
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(f"{run}: weights do not fit: {' '.join(str(error).split())[:200]}") from error
    return Tuned(found, config, settings, labels, known, model.eval())


def is_tuned(folder: Path) -> bool:
    """Whether a folder is a fine-tuned run, one of its checkpoints, or several seeds of one."""
    return (_best_seed(run_folder(folder)) / TASK).is_file()


def rows_for(encoder: TextEncoder, language: str, config: TaskConfig) -> Rows:
    """How rows of a file in one language are made."""
    number = language_number(encoder.settings.languages, language)
    return Rows(encoder, language, number, config.max_length)


def score_file(
    tuned: Tuned, encoder: TextEncoder, path: Path, target: Path, device: torch.device, language: str = ""
) -> dict[str, Any]:
    """Scores a file, and writes what was predicted in the canonical scorer's form under a name like ``target``.

    Without a ``language`` the file's text tells it.
    """
    form = tuned.config.form if path.is_file() else replace(tuned.config.form, language=language)
    examples = tuned.task.read(path, form)
    language = language or guess_language(tuned.task.texts(examples))
    inputs = tuned.task.inputs(examples, tuned.labels, rows_for(encoder, language, tuned.config))
    kind, pinyin = tuned.task.kind(tuned.labels), tuned.settings.kind == "chinesebert"
    outputs, _ = run_rows(tuned.model, inputs, tuned.settings.special, kind, pinyin, device)
    predicted = tuned.task.decode(examples, tuned.labels, inputs, outputs)
    target.parent.mkdir(parents=True, exist_ok=True)
    tuned.task.write(target, examples, predicted)
    form = replace(tuned.config.form, language=language)
    return {"language": language} | tuned.task.score(examples, predicted, form, tuned.known)


def predict_file(
    tuned: Tuned, annotators: AnnotatorFactory, path: Path, device: torch.device, language: str = ""
) -> Iterator[dict[str, Any]]:
    """An object an example: its text, and labels with offsets. The file needs no labels."""
    encoder = TextEncoder(tuned.settings, annotators)
    tuned.model.to(device)
    examples = tuned.task.read(path, tuned.config.form, labelled=False)
    language = language or guess_language(tuned.task.texts(examples))
    kind, pinyin = tuned.task.kind(tuned.labels), tuned.settings.kind == "chinesebert"
    for start in range(0, len(examples), _PREDICTED):
        part: Sequence[Any] = examples[start : start + _PREDICTED]
        inputs = tuned.task.inputs(part, tuned.labels, rows_for(encoder, language, tuned.config))
        outputs, _ = run_rows(tuned.model, inputs, tuned.settings.special, kind, pinyin, device)
        predicted = tuned.task.decode(part, tuned.labels, inputs, outputs)
        yield from (tuned.task.record(example, one) for example, one in zip(part, predicted, strict=True))


#: Examples predicted at a time.
_PREDICTED = 512


def _best_seed(folder: Path) -> Path:
    seeds = [path for path in sorted(folder.glob("seed-*")) if (path / TASK).is_file()]
    if not seeds:
        return folder
    return max(seeds, key=lambda path: best_checkpoint(path)[1].progress.best or 0.0)
