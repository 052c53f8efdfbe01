"""From files to scores: a task learnt with one seed or several, and scored on any number of files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hanmill.schemas.annotated_text import AnnotatorFactory
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.manifest import MANIFEST_NAME
from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.errors import ConfigError
from hanmill.trainer.finetuning.backbone import Backbone, load_weights
from hanmill.trainer.finetuning.heads import TaskModel
from hanmill.trainer.finetuning.loop import fit
from hanmill.trainer.finetuning.pretrained import load_backbone
from hanmill.trainer.finetuning.saved import Tuned, make_model, rows_for, score_file
from hanmill.trainer.finetuning.scores.intervals import interval
from hanmill.trainer.finetuning.task_learner import Scored, TaskLearner
from hanmill.trainer.finetuning.tasks.registry import find_task
from hanmill.trainer.finetuning.tasks.task import TaskConfig
from hanmill.trainer.finetuning.text_encoder import TextEncoder, guess_language
from hanmill.trainer.runs.log import Log

#: Scores of all seeds and files.
SCORES = "scores.json"


def finetune(
    config: TaskConfig, *, model: Path, train: Sequence[Path], dev: Path, tests: Mapping[str, Path], output: Path,
    seeds: int, annotators: AnnotatorFactory, shorten: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Learns the task with seeds ``config.fit.seed`` and on, scores each, and writes ``scores.json``.

    With ``shorten`` rows are no longer than the model takes, else longer ones are refused.
    One seed's run is ``output`` itself, those of several are ``seed-N`` in it. A run that exists is continued. Raises
    TrainerError.
    """
    task = find_task(config.task)
    backbone = load_backbone(model)
    encoder = TextEncoder(backbone.settings, annotators)
    if backbone.settings.kind == "chinesebert" and not any(map(any, backbone.settings.pinyin)):
        backbone = replace(backbone, settings=replace(backbone.settings, pinyin=encoder.default_pinyin()))
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
    positions = backbone.settings.encoder.positions
    if config.max_length > positions:
        if not shorten:
            raise ConfigError(f"--max-length: found {config.max_length}, expected at most the model's {positions}")
        config = replace(config, max_length=positions)
    rows = rows_for(encoder, language, config)
    whole = task.inputs(examples, labels, rows) if config.train_share == 1 else []
    scored = Scored(dev_examples, task.inputs(dev_examples, labels, rows_for(encoder, dev_language, config)))
    known = task.known(examples)
    data = data_hash([*train, dev], backbone)
    found: list[dict[str, Any]] = []
    for number in range(config.fit.seed, config.fit.seed + seeds):
        seeded = replace(config, fit=replace(config.fit, seed=number))
        run = output if seeds == 1 else output / f"seed-{number}"
        built = _begin(backbone, seeded, task.kind(labels), len(labels))
        used = whole or task.inputs(share_of(examples, config.train_share, number), labels, rows)
        learner = TaskLearner(task, seeded, backbone.settings, labels, known, built, used, scored)
        if not fit(learner, run, data):
            continue
        tuned = Tuned(task, seeded, backbone.settings, labels, known, built)
        found.append(_report(tuned, encoder, run, dev, tests, number, given))
    if not found:
        return {}
    return summary(output, task.name, config, model, found, backbone.remarks)


def _begin(backbone: Backbone, config: TaskConfig, kind: str, classes: int) -> TaskModel:
    torch.manual_seed(key_of("fine-tuning weights", config.fit.seed))
    model = make_model(backbone.settings, config, kind, classes)
    load_weights(model.encoder, backbone.weights, "model")
    return model


def share_of(examples: Sequence[Any], share: float, seed: int) -> list[Any]:
    """A part of the examples, another for each seed."""
    draw = np.random.default_rng(key_of("training share", seed)).permutation(len(examples))
    return [examples[place] for place in sorted(draw[: max(1, round(share * len(examples)))].tolist())]


def _report(
    tuned: Tuned, encoder: TextEncoder, run: Path, dev: Path, tests: Mapping[str, Path], seed: int, given: str
) -> dict[str, Any]:
    """Scores every file and writes what was predicted beside the run."""
    log = Log(run, active=True)
    scores: dict[str, Any] = {}
    device = Process.from_environment().device
    tuned.model.to(device)
    for name, path in {"dev": dev, **tests}.items():
        language = given or (tuned.config.form.language if name == "dev" else "")
        measures = score_file(tuned, encoder, path, run / "predicted" / name, device, language)
        scores[name] = measures
        log.write("test", 0, name=name, file=path.name, **measures)
    log.close()
    return {"seed": seed, "run": str(run), "scores": scores}


def summary(
    output: Path, task: str, config: TaskConfig, model: Path, found: list[dict[str, Any]], remarks: Sequence[str]
) -> dict[str, Any]:
    """Writes ``scores.json`` with the means over seeds, and returns what it says."""
    means: dict[str, Any] = {}
    for name in found[0]["scores"]:
        means[name] = {
            measure: asdict(interval([seed["scores"][name][measure] for seed in found]))
            for measure, value in found[0]["scores"][name].items()
            if isinstance(value, float)
        }
    value = {
        "task": task, "model": str(model), "metric": config.fit.metric, "means": means, "seeds": found,
        "remarks": list(remarks),
    }  # fmt: skip
    (output / SCORES).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return value


def data_hash(files: Sequence[Path], backbone: Backbone) -> str:
    """Of all that a run reads: its files and the encoder's weights."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(file_sha256(path / MANIFEST_NAME if path.is_dir() else path).encode())
    for name in sorted(backbone.weights):
        digest.update(name.encode())
        digest.update(backbone.weights[name].contiguous().numpy().tobytes())
    return digest.hexdigest()
