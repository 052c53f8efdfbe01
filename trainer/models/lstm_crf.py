"""LSTM-CRF tagger over frozen MLMA layers (Bao et al. 2019, section 2.5, after Lample et al. 2016)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import nn

from hanmill.trainer.configs.bounds import at_least, below_one
from hanmill.trainer.configs.fit import FitConfig
from hanmill.trainer.data.tagged_batch import TaggedBatch
from hanmill.trainer.data.tagged_file import ColumnsConfig
from hanmill.trainer.models.crf import CRF
from hanmill.trainer.models.layer_sums import FullyWeightedSum, SelfWeightedSum
from hanmill.trainer.models.mlma import MLMA
from hanmill.trainer.models.word_pieces import WordPieces, run_lstm


@dataclass(frozen=True, slots=True)
class TaggerConfig:
    """LSTM-CRF over frozen MLMA layers (Bao et al. 2019, section 3.3).

    ``layer_sum`` is ``self`` (self-weighted) or ``fully`` (fully weighted). The paper has no characters where the
    scripts of the languages differ, nor for parts of speech. It says that the rate decays "by 0.1"; the authors'
    program multiplies it by 0.9, which is our default: 0.1 would end learning after two epochs.
    """

    fit: FitConfig
    columns: ColumnsConfig = field(default_factory=ColumnsConfig)
    layer_sum: Literal["self", "fully"] = "self"
    characters: bool = True
    character_embedding: int = 100
    character_hidden: int = 100
    word_hidden: int = 300
    dropout: float = 0.5

    def __post_init__(self) -> None:
        at_least(self, 1, "character_embedding", "character_hidden", "word_hidden")
        below_one(self, "dropout")


class LSTMCRF(nn.Module):
    """Layer sum ⊕ character LSTM, dropout, word LSTM, dropout, scores of tags, CRF.

    ``layers`` and ``size`` are those of the language model (7 and 1,024 for MLMA base). The language model is no part
    of the module: it never learns and is not saved with it. Sizes of LSTMs are those of one direction.
    """

    def __init__(self, config: TaggerConfig, layers: int, size: int, characters: int, tags: int) -> None:
        super().__init__()
        self.sum = {"self": SelfWeightedSum, "fully": FullyWeightedSum}[config.layer_sum](layers, size)
        self.characters = None
        if config.characters:
            self.characters = WordPieces(characters, config.character_embedding, config.character_hidden)
            size += 2 * config.character_hidden
        self.dropout = nn.Dropout(config.dropout)
        self.lstm = nn.LSTM(size, config.word_hidden, batch_first=True, bidirectional=True)
        self.scores = nn.Linear(2 * config.word_hidden, tags)
        self.crf = CRF(tags)

    def emissions(self, contextual: torch.Tensor, batch: TaggedBatch, valid: torch.Tensor) -> torch.Tensor:
        """Scores of tags, [rows, length, tags], from the layers [rows, length, layers, size]."""
        features = self.sum(contextual)
        if self.characters is not None:
            features = torch.cat((features, self.characters(batch.pieces, valid)), dim=2)
        return self.scores(self.dropout(run_lstm(self.lstm, self.dropout(features), batch.lengths)))


class MLMATagger(nn.Module):
    """The tagger beside the language model that it reads; ``language`` is that of rows which say none."""

    def __init__(self, tagger: LSTMCRF, language_model: MLMA, language: int) -> None:
        super().__init__()
        self.tagger = tagger
        self.language_model = language_model.requires_grad_(False)
        self.language = language

    def forward(self, batch: TaggedBatch) -> torch.Tensor:
        """Negative log-likelihood of all sentences, summed."""
        emissions, valid = self._emissions(batch)
        return self.tagger.crf(emissions, batch.tags, valid).sum()

    def decode(self, batch: TaggedBatch) -> list[list[int]]:
        """Best tags of each sentence."""
        return self.tagger.crf.decode(*self._emissions(batch))

    def _emissions(self, batch: TaggedBatch) -> tuple[torch.Tensor, torch.Tensor]:
        self.language_model.eval()
        with torch.no_grad():
            contextual = self._contextual(batch)
        valid = torch.arange(batch.words.shape[1]) < batch.lengths[:, None]
        valid = valid.to(batch.words.device)
        return self.tagger.emissions(contextual, batch, valid), valid

    def _contextual(self, batch: TaggedBatch) -> torch.Tensor:
        """The layers of each word, of each row by its own language."""
        own = [self.language if number is None else number for number in batch.languages] or [self.language]
        if len(set(own)) == 1:
            return self.language_model.contextual(batch.words, own[0])
        parts, order = [], []
        for language in sorted(set(own)):
            rows = [row for row, number in enumerate(own) if number == language]
            parts.append(self.language_model.contextual(batch.words[rows], language))
            order += rows
        return torch.cat(parts)[torch.tensor(order).argsort().to(batch.words.device)]
