"""What one forward pass of a masked language model takes."""

from __future__ import annotations

from typing import NamedTuple

import torch


class MaskedBatch(NamedTuple):
    """Tensors of one micro-batch; ``rows`` × ``window`` unless said otherwise.

    ``ids`` int64, what the model sees. ``positions`` int64, from 0 in each segment. ``segments`` int32: a token
    attends to those of equal number (0 is padding); None where every row is one whole segment. ``pinyin`` int64
    syllable ids and ``language`` int64, each None for a model without. ``places`` int64 [targets] indexes the
    flattened rows; ``targets`` int64 [targets] are the model ids to predict there. ``cu_seqlens`` int32
    [segments + 1], None with ``segments``, says the same of the flattened rows: where each segment begins, stretches
    of padding included, and where the last ends. ``types`` int64, the token type of each token; None: all of type 0.
    """

    ids: torch.Tensor
    positions: torch.Tensor
    segments: torch.Tensor | None
    pinyin: torch.Tensor | None
    language: torch.Tensor | None
    places: torch.Tensor
    targets: torch.Tensor
    cu_seqlens: torch.Tensor | None = None
    types: torch.Tensor | None = None

    def to(self, device: torch.device) -> MaskedBatch:
        """The same batch on a device."""
        tensors = {name: tensor for name, tensor in self._asdict().items() if tensor is not None}
        return self._replace(**{name: tensor.to(device, non_blocking=True) for name, tensor in tensors.items()})
