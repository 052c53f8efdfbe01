"""What stands on the encoder: a class for each unit, a class or number for a text, an answer in a text."""

from __future__ import annotations

from typing import cast

import torch
from torch import nn
from torch.nn import functional

from hanmill.trainer.finetuning.batches import TaskBatch
from hanmill.trainer.models.bert import BERT
from hanmill.trainer.models.chinesebert import ChineseBERT
from hanmill.trainer.models.unihanlm import UnihanLM

Encoder = BERT | ChineseBERT | UnihanLM
#: Modules of pretraining that no task uses.
_IDLE = ("head", "head_norm", "output_bias")


class TaskModel(nn.Module):
    """An encoder and a linear layer over its last states, with dropout before it.

    ``outputs`` is the number of classes, 1 for numbers, 2 for answers. A text is read from its first token, through
    BERT's pooler where the encoder has one, as ``transformers`` has it.
    """

    def __init__(self, encoder: Encoder, kind: str, outputs: int, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.kind = kind
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(encoder.characters.embedding_dim, outputs)
        nn.init.normal_(self.classifier.weight, std=0.02)
        nn.init.zeros_(self.classifier.bias)
        self.pools = kind in ("classes", "numbers") and hasattr(encoder, "pooler")
        for name, parameter in encoder.named_parameters():
            module = name.split(".")[0]
            if module in _IDLE:
                parameter.requires_grad_(False)
            elif module == "pooler":
                parameter.requires_grad_(self.pools)

    def logits(self, batch: TaskBatch) -> torch.Tensor:
        """Of units [targets, classes]; of texts [rows, classes]; of answers [rows, window, 2]."""
        hidden = self.encoder.encode(batch.inputs)
        if self.kind == "units":
            return self._classify(hidden.flatten(0, 1)[batch.places])
        if self.kind == "answers":
            return self._classify(hidden)
        first = hidden[:, 0]
        if self.pools:
            first = torch.tanh(cast(nn.Linear, self.encoder.pooler)(first))
        return self._classify(first)

    def _classify(self, states: torch.Tensor) -> torch.Tensor:
        return cast(torch.Tensor, self.classifier(self.dropout(states)))

    def loss(self, logits: torch.Tensor, batch: TaskBatch) -> torch.Tensor:
        """Summed over targets; of an answer the mean of both its ends. Units of class -100 do not count."""
        logits = logits.float()
        if self.kind == "numbers":
            return functional.mse_loss(logits.flatten(), batch.targets, reduction="sum")
        if self.kind != "answers":
            return functional.cross_entropy(logits, batch.targets, reduction="sum")
        segments = cast(torch.Tensor, batch.inputs.segments)
        logits = logits.masked_fill(segments.eq(0)[..., None], -torch.inf)
        starts, ends = (
            functional.cross_entropy(logits[..., end], batch.targets[:, end], reduction="sum") for end in (0, 1)
        )
        return (starts + ends) / 2

    def forward(self, batch: TaskBatch) -> torch.Tensor:
        """The loss."""
        return self.loss(self.logits(batch), batch)
