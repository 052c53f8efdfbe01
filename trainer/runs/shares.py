"""Tensors in shares, one a rank: the same rows of each tensor that a sharded model has on the rank.

A replicated model has every row on every rank, of which each writes its own; so both make the same files, nothing is
sent, and ranks write equally many bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class Share:
    """``number`` from 0 of ``world`` shares."""

    number: int = 0
    world: int = 1

    def __str__(self) -> str:
        """As file names have it."""
        return f"{self.number:05d}-of-{self.world:05d}"

    def rows(self, shape: Sequence[int]) -> slice | None:
        """Which rows of a tensor of this shape are in the share; None where none are.

        As ``torch.chunk`` and FSDP cut: all shares have equally many but the last ones. A tensor without rows is in
        the first share.
        """
        if not shape:
            return None if self.number else slice(0, 1)
        size = -(-shape[0] // self.world)
        found = slice(self.number * size, min((self.number + 1) * size, shape[0]))
        # A tensor of no rows at all is in the first share too, so that its type is kept.
        return found if found.start < found.stop or not (shape[0] or self.number) else None


#: Of a process alone.
WHOLE = Share()


@dataclass(frozen=True, slots=True)
class Part:
    """What a process reads of a checkpoint: the rows of one share, of whatever number; the tensors named ``whole``, and
    those without rows, whole.
    """

    share: Share = WHOLE
    whole: frozenset[str] = frozenset()

    def rows(self, name: str, shape: Sequence[int]) -> slice:
        """Of a tensor, a single number being one row; none where the share has none."""
        if not shape or name in self.whole:
            return slice(0, shape[0] if shape else 1)
        return self.share.rows(shape) or slice(0, 0)


#: For a process that holds all of a model.
EVERYTHING = Part()


@dataclass(frozen=True, slots=True)
class Rows:
    """A share of a tensor of this shape, in host memory; None where the share has nothing of it."""

    tensor: torch.Tensor | None
    shape: tuple[int, ...]


def own_rows(state: Any, share: Share) -> Any:
    """A copy of mappings and lists with a share of every tensor, replicated or sharded by rows, in its place."""
    if isinstance(state, Mapping):
        return {key: own_rows(value, share) for key, value in state.items()}
    if isinstance(state, (list, tuple)):
        return [own_rows(value, share) for value in state]
    if not isinstance(state, torch.Tensor):
        return state
    shape = tuple(state.shape)
    rows = share.rows(shape)
    if rows is None:
        return Rows(None, shape)
    # A DTensor, told by what is asked of it: its class is slow to import.
    own = state.to_local() if hasattr(state, "to_local") else state[rows] if shape else state
    copied = own.detach().to("cpu", copy=True, memory_format=torch.contiguous_format)
    assert not shape or len(copied) == rows.stop - rows.start, "sharded otherwise than by rows"
    return Rows(copied, shape)
