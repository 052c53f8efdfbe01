"""A word from its characters or character bigrams, by a bidirectional LSTM."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from hanmill.trainer.data.tagged_batch import PADDING


class WordPieces(nn.Module):
    """Last states of both directions, joined: ``2 · hidden`` features a word."""

    def __init__(self, vocabulary: int, embedding: int, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding, padding_idx=PADDING)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True, bidirectional=True)

    def forward(self, pieces: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
        """Ids [rows, length, pieces] to [rows, length, 2 · hidden], zeros where not ``valid`` [rows, length]."""
        words = pieces[valid]
        lengths = words.ne(PADDING).sum(1).cpu()
        packed = pack_padded_sequence(self.embedding(words), lengths, batch_first=True, enforce_sorted=False)
        _, (last, _) = self.lstm(packed)
        features = last.transpose(0, 1).flatten(1)
        return features.new_zeros(*valid.shape, features.shape[1]).masked_scatter(valid[..., None], features)


def run_lstm(lstm: nn.LSTM, features: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """A word LSTM over sentences [rows, length, features] that does not read padding; ``lengths`` on the host."""
    packed = pack_padded_sequence(features, lengths, batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(lstm(packed)[0], batch_first=True, total_length=features.shape[1])[0]
