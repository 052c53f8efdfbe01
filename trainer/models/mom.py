"""Mixed Orthographic Model (Johnson et al. 2019): words in their script beside romanised character bigrams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

import torch
from torch import nn
from torch.nn import functional

from hanmill.trainer.configs.bounds import at_least, below_one
from hanmill.trainer.configs.fit import FitConfig
from hanmill.trainer.data.tagged_batch import PADDING, TaggedBatch
from hanmill.trainer.data.tagged_file import ColumnsConfig
from hanmill.trainer.models.word_pieces import WordPieces, run_lstm


@dataclass(frozen=True, slots=True)
class MOMConfig:
    """Mixed Orthographic Model (Johnson et al. 2019, section 4.2).

    Words seen once in training share the unknown word's embedding, which else would never learn.
    """

    fit: FitConfig
    columns: ColumnsConfig = field(default_factory=ColumnsConfig)
    character_embedding: int = 50
    character_hidden: int = 100
    word_embedding: int = 64
    word_hidden: int = 300
    dropout: float = 0.5

    def __post_init__(self) -> None:
        at_least(self, 1, "character_embedding", "character_hidden", "word_embedding", "word_hidden")
        below_one(self, "dropout")


#: Layer groups of figure 1 by the modules they hold.
GROUPS: dict[str, tuple[str, ...]] = {"char": ("pieces",), "word": ("words", "lstm"), "dense": ("dense",)}
#: The seven combinations of table 4.
COMBINATIONS = tuple(group for size in (1, 2, 3) for group in combinations(GROUPS, size))


class MOM(nn.Module):
    """Bigram LSTM ⊕ word embedding, dropout, word LSTM, dense layer, softmax over tags.

    The paper leaves open whether its LSTM sizes are of one direction: here they are. The dense layer gives the
    scores of the tags.
    """

    def __init__(self, config: MOMConfig, words: int, pieces: int, tags: int) -> None:
        super().__init__()
        self.pieces = WordPieces(pieces, config.character_embedding, config.character_hidden)
        self.words = nn.Embedding(words, config.word_embedding, padding_idx=PADDING)
        self.dropout = nn.Dropout(config.dropout)
        width = config.word_embedding + 2 * config.character_hidden
        self.lstm = nn.LSTM(width, config.word_hidden, batch_first=True, bidirectional=True)
        self.dense = nn.Linear(2 * config.word_hidden, tags)

    def emissions(self, batch: TaggedBatch) -> torch.Tensor:
        """Scores of tags, [rows, length, tags]."""
        valid = batch.words != PADDING
        features = torch.cat((self.words(batch.words), self.pieces(batch.pieces, valid)), dim=2)
        return self.dense(run_lstm(self.lstm, self.dropout(features), batch.lengths))

    def forward(self, batch: TaggedBatch) -> torch.Tensor:
        """Cross-entropy of all words, summed."""
        valid = batch.words != PADDING
        return functional.cross_entropy(self.emissions(batch)[valid], batch.tags[valid], reduction="sum")

    @torch.no_grad()
    def decode(self, batch: TaggedBatch) -> list[list[int]]:
        """Best tag of each word."""
        rows = self.emissions(batch).argmax(2).tolist()
        return [row[:length] for row, length in zip(rows, batch.lengths.tolist(), strict=True)]


Vocabularies = Mapping[str, tuple[str, ...]]


@torch.no_grad()
def transfer(
    target: MOM, source: Mapping[str, torch.Tensor], groups: Iterable[str], ours: Vocabularies, theirs: Vocabularies
) -> dict[str, int]:
    """Copies layer groups of a trained model (section 3.3), and returns the rows copied of each table.

    ``ours`` and ``theirs`` are the vocabularies ``words``, ``pieces`` and ``tags`` of both models. Of embeddings and
    of the dense layer only the rows of words, bigrams and tags that both training sets hold are copied; padding is
    zero in both. Raises ValueError naming a weight whose size differs.
    """
    shared = {name: _shared(ours[name], theirs[name]) for name in ("words", "pieces", "tags")}
    tables = {
        "words.weight": "words",
        "pieces.embedding.weight": "pieces",
        "dense.weight": "tags",
        "dense.bias": "tags",
    }
    prefixes = tuple(f"{module}." for group in groups for module in GROUPS[group])
    copied: dict[str, int] = {}
    for name, weight in target.state_dict().items():
        if not name.startswith(prefixes):
            continue
        other = source[name]
        if weight.shape[1:] != other.shape[1:] or (name not in tables and weight.shape != other.shape):
            raise ValueError(f"{name}: size of the source {tuple(other.shape)}, of the target {tuple(weight.shape)}")
        if name not in tables:
            weight.copy_(other)
            continue
        mine, its = shared[tables[name]]
        weight[mine] = other[its]
        copied[name] = len(mine)
    return copied


def _shared(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[list[int], list[int]]:
    places = {item: number for number, item in enumerate(theirs) if item}
    both = [(number, places[item]) for number, item in enumerate(ours) if item in places]
    return [mine for mine, _ in both], [its for _, its in both]
