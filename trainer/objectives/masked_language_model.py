"""Masked language modelling (Devlin et al. 2019): the cross-entropy of the masked tokens."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.objectives.objective import ValidationLoss


class MaskedLanguageModelling:
    """For a model that gives the logits [targets, vocabulary] of a MaskedBatch."""

    def loss_sum(self, replica: nn.Module, batch: MaskedBatch) -> torch.Tensor:
        """Nats, single precision, of all places to predict; 0 where there are none."""
        return functional.cross_entropy(replica(batch).float(), batch.targets, reduction="sum")

    def validation_loss(self, model: nn.Module, batch: MaskedBatch) -> ValidationLoss:
        """The same. A batch without targets takes its forward pass too: other ranks of a sharded model wait for it."""
        return ValidationLoss(float(self.loss_sum(model, batch)), len(batch.targets))
