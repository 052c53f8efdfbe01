"""Learning to tag: epochs over sentences, the best on the development set kept. One process; runs resume by epoch."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from schemas.typed_mapping import to_mapping
from trainer.checkpoint import Checkpoint, Checkpoints, Progress
from trainer.chunks import Score, score
from trainer.config_file import ModelName, dump_config
from trainer.data.counter_random import key_of
from trainer.data.tagged_batch import EncodedSentence, collate
from trainer.data.tagged_file import TaggedSentence
from trainer.errors import CheckpointError, ConfigError, TrainingDiverged
from trainer.metrics import Log
from trainer.process import Process
from trainer.tagging_config import FitConfig, TaggingConfig

_BEST, _WEIGHTS, _VOCABULARIES = "best.json", "best.safetensors", "vocabularies.json"
#: Sentences scored at a time.
_SCORED = 64


@dataclass(frozen=True, slots=True)
class Tagging:
    """A tagger ready to learn.

    ``model`` gives the summed loss of a TaggedBatch and has ``decode``; ``learnt`` is the part of it that learns and
    is saved. ``vocabularies`` holds at least ``tags``, by id.
    """

    name: ModelName
    config: TaggingConfig
    model: nn.Module
    learnt: nn.Module
    encode: Callable[[TaggedSentence], EncodedSentence]
    vocabularies: dict[str, tuple[str, ...]]


def fit(tagging: Tagging, train: list[TaggedSentence], dev: list[TaggedSentence], run: Path, data: str) -> Score:
    """Trains, or continues the run in ``run``, and leaves the model as it was in its best epoch.

    ``data`` is a hash of all that the run reads. Writes ``config.yaml``, ``vocabularies.json``, ``log.jsonl``,
    ``checkpoints/``, ``best.safetensors`` and ``best.json``. Raises CheckpointError where the run had another
    configuration or other data, ConfigError under several processes, and TrainingDiverged.
    """
    settings: FitConfig = tagging.config.fit
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
            (run / _VOCABULARIES).write_text(json.dumps(tagging.vocabularies, ensure_ascii=False), encoding="utf-8")
            log.write("start", 0, model=tagging.name, parameters=sum(p.numel() for p in tagging.learnt.parameters()))
        encoded = [tagging.encode(sentence) for sentence in train]
        baseline = tag_costs(train)
        for epoch in range(first, settings.epochs):
            best = read_best(run)
            if best and epoch - best["epoch"] > settings.patience:
                break
            rate = settings.learning_rate * settings.decay**epoch
            step = _run_epoch(tagging, encoded, optimizer, rate, epoch, step, log, device)
            found_score, loss = evaluate(tagging, dev, device)
            unigram = _mean_cost(baseline, dev)
            log.write(
                "validation", step, stage="tagging", step=step, loss=loss, unigram=unigram,
                **measures(found_score, settings),
            )  # fmt: skip
            reached = getattr(found_score, settings.metric)
            if best is None or reached > best["reached"]:
                weights = {name: w.detach().cpu().contiguous() for name, w in tagging.learnt.state_dict().items()}
                save_file(weights, run / _WEIGHTS)
                (run / _BEST).write_text(json.dumps({"epoch": epoch, "reached": reached}), encoding="utf-8")
            progress = Progress(step=step, epoch=epoch + 1)
            weights = tagging.learnt.state_dict()
            state = optimizer.state_dict()
            checkpoints.save(Checkpoint(tagging.name, to_mapping(tagging.config), data, progress, weights, state))
    finally:
        log.close()
    load_best(tagging, run)
    return evaluate(tagging, dev, device)[0]


@torch.no_grad()
def predict(tagging: Tagging, sentences: Sequence[TaggedSentence], device: torch.device) -> list[list[str]]:
    """Tags of each sentence."""
    return [tags for tags, _ in _scored(tagging, sentences, device)]


@torch.no_grad()
def evaluate(tagging: Tagging, sentences: Sequence[TaggedSentence], device: torch.device) -> tuple[Score, float]:
    """Chunks and tokens, and the loss in nats a token."""
    found = _scored(tagging, sentences, device)
    loss = sum(cost for _, cost in found) / max(1, sum(len(sentence.tags) for sentence in sentences))
    return score((sentence.tags for sentence in sentences), (tags for tags, _ in found)), loss


def measures(found: Score, settings: FitConfig) -> dict[str, float]:
    """What a log says of a score; tags without chunks have an accuracy alone."""
    chunked = {"f1": found.f1, "precision": found.precision, "recall": found.recall, "chunks": found.gold}
    return (chunked if settings.metric == "f1" else {}) | {"accuracy": found.accuracy}


def write_predictions(path: Path, sentences: Sequence[TaggedSentence], predicted: Sequence[Sequence[str]]) -> None:
    """Word, gold tag and predicted tag a line, as ``conlleval`` reads them."""
    with path.open("w", encoding="utf-8") as file:
        for sentence, tags in zip(sentences, predicted, strict=True):
            for word, gold, tag in zip(sentence.words, sentence.tags, tags, strict=True):
                file.write(f"{word.replace(' ', '_')} {gold} {tag}\n")
            file.write("\n")


def read_best(run: Path) -> dict[str, float] | None:
    """``epoch`` and ``reached`` of the best epoch so far; None before the first."""
    path = run / _BEST
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def read_vocabularies(run: Path) -> dict[str, tuple[str, ...]]:
    """Raises CheckpointError naming the file."""
    path = run / _VOCABULARIES
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        return {name: tuple(items) for name, items in value.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise CheckpointError(f"{path}: found no vocabularies of a tagger ({error})") from error


def read_weights(run: Path) -> dict[str, torch.Tensor]:
    """The best weights of a run. Raises CheckpointError naming the file."""
    path = run / _WEIGHTS
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path}: found no weights of a tagger ({error})") from error


def load_best(tagging: Tagging, run: Path) -> None:
    """Gives the model the weights of the best epoch."""
    tagging.learnt.load_state_dict(read_weights(run))


def tag_costs(sentences: Sequence[TaggedSentence]) -> Callable[[str], float]:
    """Nats of a tag under its add-one smoothed share of the training tags: what a tagger that sees nothing pays."""
    counts = Counter(tag for sentence in sentences for tag in sentence.tags)
    total = sum(counts.values()) + len(counts) + 1
    return lambda tag: float(-np.log((counts[tag] + 1) / total))


def _mean_cost(cost: Callable[[str], float], sentences: Sequence[TaggedSentence]) -> float:
    costs = [cost(tag) for sentence in sentences for tag in sentence.tags]
    return sum(costs) / max(1, len(costs))


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


def _scored(
    tagging: Tagging, sentences: Sequence[TaggedSentence], device: torch.device
) -> list[tuple[list[str], float]]:
    """Predicted tags of each sentence, and its share of the loss of its batch."""
    tagging.model.eval()
    tags = tagging.vocabularies["tags"]
    # Neighbours of one length waste no padding.
    order = sorted(range(len(sentences)), key=lambda place: len(sentences[place].words))
    results: dict[int, tuple[list[str], float]] = {}
    for start in range(0, len(order), _SCORED):
        places = order[start : start + _SCORED]
        batch = collate([tagging.encode(sentences[place]) for place in places]).to(device)
        cost = float(tagging.model(batch)) / len(places)
        for place, ids in zip(places, tagging.model.decode(batch), strict=True):
            results[place] = ([tags[number] for number in ids], cost)
    return [results[place] for place in range(len(sentences))]
