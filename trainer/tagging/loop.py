"""Learning to tag: epochs over sentences, the best on the development set kept. One process; runs resume by epoch."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch

from hanmill.schemas.typed_mapping import to_mapping
from hanmill.trainer.configs.config_file import dump_config
from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.data.tagged_batch import EncodedSentence, collate
from hanmill.trainer.data.tagged_file import TaggedSentence
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.errors import ConfigError, TrainingDiverged
from hanmill.trainer.runs.checkpoint import Checkpoint, Checkpoints, Progress
from hanmill.trainer.runs.log import Log
from hanmill.trainer.tagging.chunks import Score
from hanmill.trainer.tagging.evaluation import evaluate, mean_cost, measures, tag_costs
from hanmill.trainer.tagging.saved import load_best, read_best, save_best, save_vocabularies
from hanmill.trainer.tagging.taggers import Tagging


def fit(tagging: Tagging, train: list[TaggedSentence], dev: list[TaggedSentence], run: Path, data: str) -> Score:
    """Trains, or continues the run in ``run``, and leaves the model as it was in its best epoch.

    ``data`` is a hash of all that the run reads. Writes ``config.yaml``, ``vocabularies.json``, ``log.jsonl``,
    ``checkpoints/``, ``best.safetensors`` and ``best.json``. Raises CheckpointError where the run had another
    configuration or other data, ConfigError under several processes, and TrainingDiverged.
    """
    settings = tagging.config.fit
    process = Process.from_environment()
    if process.world > 1:
        raise ConfigError(f"processes found: {process.world}; a tagger learns on 1")
    device = process.device
    tagging.model.to(device)
    optimizer = torch.optim.Adam(tagging.learnt.parameters(), lr=settings.learning_rate)
    checkpoints = Checkpoints(run / "checkpoints", 1)
    first, step = 0, 0
    if found := checkpoints.newest():
        path, checkpoint = found
        checkpoint.check(path, tagging.name, tagging.config, data)
        tagging.learnt.load_state_dict(checkpoint.weights)
        optimizer.load_state_dict(checkpoint.optimizer)
        first, step = checkpoint.progress.epoch, checkpoint.progress.step
    log = Log(run, active=True)
    try:
        if not first:
            (run / "config.yaml").write_text(dump_config(tagging.config), encoding="utf-8")
            save_vocabularies(run, tagging)
            log.write("start", 0, model=tagging.name, parameters=sum(p.numel() for p in tagging.learnt.parameters()))
        encoded = [tagging.format.encode(sentence) for sentence in train]
        baseline = tag_costs(train)
        for epoch in range(first, settings.epochs):
            best = read_best(run)
            if best and epoch - best["epoch"] > settings.patience:
                break
            rate = settings.learning_rate * settings.decay**epoch
            step = _run_epoch(tagging, encoded, optimizer, rate, epoch, step, log, device)
            found_score, loss = evaluate(tagging, dev, device)
            unigram = mean_cost(baseline, dev)
            log.write(
                "validation", step, stage="tagging", step=step, loss=loss, unigram=unigram,
                **measures(found_score, settings),
            )  # fmt: skip
            reached = getattr(found_score, settings.metric)
            if best is None or reached > best["reached"]:
                save_best(run, tagging.learnt, epoch, reached)
            progress = Progress(step=step, epoch=epoch + 1)
            weights = tagging.learnt.state_dict()
            state = optimizer.state_dict()
            checkpoints.save(Checkpoint(tagging.name, to_mapping(tagging.config), data, progress, weights, state))
    finally:
        log.close()
    load_best(tagging, run)
    return evaluate(tagging, dev, device)[0]


def _run_epoch(
    tagging: Tagging, encoded: list[EncodedSentence], optimizer: torch.optim.Optimizer, rate: float, epoch: int,
    step: int, log: Log, device: torch.device,
) -> int:  # fmt: skip
    """One pass in an order of (seed, epoch). Returns the number of updates so far."""
    settings = tagging.config.fit
    for group in optimizer.param_groups:
        group["lr"] = rate
    order = np.random.default_rng(key_of("tagging", settings.seed, epoch)).permutation(len(encoded))
    tagging.model.train()
    loss_sum = torch.zeros((), dtype=torch.float64, device=device)
    tokens, started = 0, time.perf_counter()
    for number, start in enumerate(range(0, len(order), settings.batch)):
        # Dropout as a function of the step, so that a resumed run draws what the first would have drawn.
        torch.manual_seed(key_of("tagging dropout", settings.seed, epoch, number))
        batch = collate([encoded[place] for place in order[start : start + settings.batch]]).to(device)
        loss = tagging.model(batch)
        (loss / len(batch.lengths)).backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        loss_sum += loss.detach()
        tokens += int(batch.lengths.sum())
        step += 1
    mean = float(loss_sum) / max(1, tokens)
    if not np.isfinite(mean):
        raise TrainingDiverged(f"epoch {epoch + 1}: found loss {mean:.4g}, expected a finite number")
    log.write(
        "train", step, stage="tagging", step=step, loss=mean, learning_rate=rate, epoch=epoch,
        tokens_per_second=tokens / max(1e-9, time.perf_counter() - started),
    )  # fmt: skip
    return step
