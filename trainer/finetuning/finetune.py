"""From files to scores: a task learnt with one seed or several, and scored on any number of files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from hanmill.schemas.annotated_text import AnnotatorFactory
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.manifest import MANIFEST_NAME
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.errors import ConfigError
from hanmill.trainer.finetuning.backbone import Backbone
from hanmill.trainer.finetuning.loop import fit
from hanmill.trainer.finetuning.pretrained import load_backbone
from hanmill.trainer.finetuning.saved import Tuned, score_file
from hanmill.trainer.finetuning.scores.intervals import interval
from hanmill.trainer.finetuning.task_data import read_task, share_of
from hanmill.trainer.finetuning.tasks.task import TaskConfig
from hanmill.trainer.finetuning.text_encoder import TextEncoder
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
    backbone = load_backbone(model)
    encoder = TextEncoder(backbone.settings, annotators)
    if backbone.settings.kind == "chinesebert" and not any(map(any, backbone.settings.pinyin)):
        backbone = replace(backbone, settings=replace(backbone.settings, pinyin=encoder.default_pinyin()))
    given = config.form.language
    positions = backbone.settings.encoder.positions
    if config.max_length > positions:
        if not shorten:
            raise ConfigError(f"--max-length: found {config.max_length}, expected at most the model's {positions}")
        config = replace(config, max_length=positions)
    task_data = read_task(config, encoder, train, dev)
    config = task_data.config
    whole = task_data.inputs(task_data.train) if config.train_share == 1 else []
    scored = task_data.scored(task_data.dev)
    data = data_hash([*train, dev], backbone)
    found: list[dict[str, Any]] = []
    for number in range(config.fit.seed, config.fit.seed + seeds):
        seeded = replace(config, fit=replace(config.fit, seed=number))
        run = output if seeds == 1 else output / f"seed-{number}"
        built = task_data.model(backbone, seeded)
        used = whole or task_data.inputs(share_of(task_data.train, config.train_share, number))
        learner = task_data.learner(backbone.settings, seeded, built, used, scored)
        if not fit(learner, run, data):
            continue
        tuned = Tuned(task_data.task, seeded, backbone.settings, task_data.labels, task_data.known, built)
        found.append(_report(tuned, encoder, run, dev, tests, number, given))
    if not found:
        return {}
    return summary(output, config.task, config, model, found, backbone.remarks)


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
