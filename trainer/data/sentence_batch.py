"""What one forward pass of MLMA takes: sentences of every language."""

from __future__ import annotations

from typing import NamedTuple

import torch

#: Closes a sentence on both sides, as a target; as an input it is padding. Id 1 is the unknown word.
END, UNKNOWN, SPECIALS = 0, 1, 2


class SentenceBatch(NamedTuple):
    """One tensor a language in the order of the configuration.

    ``ids`` int64 [rows, length], 0 on the right of shorter sentences. ``candidates`` int64 [sample] for the sampled
    softmax (empty: the whole vocabulary) and the draws it took to find them. ``real`` is 0 for the padding batch of
    a rank that has nothing left.
    """

    ids: tuple[torch.Tensor, ...]
    candidates: tuple[torch.Tensor, ...]
    tries: tuple[int, ...]
    real: int

    def to(self, device: torch.device) -> SentenceBatch:
        """The same batch on a device."""
        ids, candidates = (tuple(t.to(device, non_blocking=True) for t in part) for part in self[:2])
        return SentenceBatch(ids, candidates, self.tries, self.real)
