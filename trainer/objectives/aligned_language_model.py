"""L_lm + L_reg (Bao et al. 2019, section 2.3): language models of several languages, and their alignment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from hanmill.trainer.data.sentence_batch import SentenceBatch
from hanmill.trainer.objectives.objective import ValidationLoss


@dataclass(frozen=True, slots=True)
class AlignedLanguageModelling:
    """For a model that gives ``words`` [languages] and ``alignment``, scalar, of a SentenceBatch.

    ``weighting`` ``paper`` adds the languages' losses, ``code`` takes their mean.
    """

    weighting: Literal["paper", "code"]

    def loss_sum(self, replica: nn.Module, batch: SentenceBatch) -> torch.Tensor:
        """Of one bundle of each language, which is one target."""
        words, alignment = replica(batch)
        loss: torch.Tensor = (words.sum() if self.weighting == "paper" else words.mean()) + alignment
        return loss

    def validation_loss(self, model: nn.Module, batch: SentenceBatch) -> ValidationLoss:
        """Nats of every word, forwards and backwards, over the whole vocabulary, without alignment."""
        nats, targets = 0.0, 0
        for bundle, mean in zip(batch.bundles, model(batch).words.tolist(), strict=True):
            nats += mean * len(bundle.places)
            targets += 2 * len(bundle.places)
        return ValidationLoss(nats, targets)
