"""What a tagger predicts, and how good that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from hanmill.trainer.configs.fit import FitConfig
from hanmill.trainer.data.tagged_batch import collate
from hanmill.trainer.data.tagged_file import TaggedSentence
from hanmill.trainer.tagging.chunks import Score, score
from hanmill.trainer.tagging.taggers import Tagging

#: Sentences scored at a time.
_SCORED = 64


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


def tag_costs(sentences: Sequence[TaggedSentence]) -> Callable[[str], float]:
    """Nats of a tag under its add-one smoothed share of the training tags: what a tagger that sees nothing pays."""
    counts = Counter(tag for sentence in sentences for tag in sentence.tags)
    total = sum(counts.values()) + len(counts) + 1
    return lambda tag: float(-np.log((counts[tag] + 1) / total))


def mean_cost(cost: Callable[[str], float], sentences: Sequence[TaggedSentence]) -> float:
    """Nats a token."""
    costs = [cost(tag) for sentence in sentences for tag in sentence.tags]
    return sum(costs) / max(1, len(costs))


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
        batch = collate([tagging.format.encode(sentences[place]) for place in places]).to(device)
        cost = float(tagging.model(batch)) / len(places)
        for place, ids in zip(places, tagging.model.decode(batch), strict=True):
            results[place] = ([tags[number] for number in ids], cost)
    return [results[place] for place in range(len(sentences))]
