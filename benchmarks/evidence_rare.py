"""What a model pays for rare characters of a corpus, those with a commoner variant apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
from torch.nn import functional

from hanmill.corpus import read_documents
from hanmill.trainer.data.corpus import Corpus, primary_subtag
from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.finetuning.pretrained import load_backbone
from hanmill.trainer.models.unihanlm import UnihanLM

#: Rare is what the training shards have this often at most, and once at least.
_RARE = 200
_MOST_PLACES = 3000
_ROWS = 64
VARIANTS, OTHERS = "rare, with a commoner variant", "rare, others"


@dataclass(frozen=True, slots=True)
class Place:
    """A rare character, the middle one of ``text``, whose language and ``kind`` are told."""

    text: str
    language: str
    kind: str


def rare_places(corpus: Path, window: int) -> list[Place]:
    """Rare characters of the validation shards, ``window`` characters of one document about each."""
    table = Corpus(corpus)
    counts, representative, characters = table.counts(), table.representative, table.characters
    kinds = {}
    for number in range(1, table.size):
        if 0 < counts[number] <= _RARE:
            has_commoner = counts[representative[number]] > _RARE
            kinds[characters[number]] = VARIANTS if has_commoner else OTHERS

    def found() -> Iterator[Place]:
        for document in read_documents(corpus, part="validation"):
            text = "".join(character.text for character in document.characters)
            for place in range(window // 2, len(text) - window // 2 + 1):
                if kind := kinds.get(text[place]):
                    start = place - window // 2
                    yield Place(text[start : start + window], primary_subtag(document.lang), kind)

    return list(islice(found(), _MOST_PLACES))


@torch.no_grad()
def rare_losses(run: Path, places: list[Place]) -> dict[str, float]:
    """Mean nats of a run of UnihanLM for the character in the middle, masked, by kind.

    A run that knows clusters alone gives members of one the same share of what it gives the cluster.
    """
    backbone = load_backbone(run)
    settings, model = backbone.settings, backbone.module()
    if not isinstance(model, UnihanLM):
        raise TypeError(f"{run}: found a run of {settings.kind}, expected one of unihanlm")
    model.eval()
    ids = {token: number for number, token in enumerate(settings.tokens)}
    nats: dict[str, list[float]] = {}
    for first in range(0, len(places), _ROWS):
        rows = places[first : first + _ROWS]
        seen = torch.tensor([[ids.get(c, settings.special.unknown) for c in row.text] for row in rows])
        window = seen.shape[1]
        at = torch.arange(len(rows)) * window + window // 2
        targets = seen.flatten()[at]
        masked = seen.flatten().index_fill(0, at, settings.special.mask).view_as(seen)
        language = torch.tensor([settings.languages.index(row.language) for row in rows])[:, None].expand_as(seen)
        positions = torch.arange(window).expand_as(seen)
        batch = MaskedBatch(masked, positions, None, None, language, at, targets)
        paid = functional.cross_entropy(model(batch).float(), targets, reduction="none")
        for row, value in zip(rows, paid.tolist(), strict=True):
            nats.setdefault(row.kind, []).append(value)
    return {kind: sum(values) / len(values) for kind, values in sorted(nats.items())}
