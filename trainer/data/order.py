"""The order of an epoch: which row of which row group stands at which place, by seed and epoch alone."""

from __future__ import annotations

import numpy as np

from hanmill.trainer.data.corpus import Ints
from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.data.recent import Recent
from hanmill.trainer.errors import CorpusError

#: ``epoch`` of the validation rows, whose cuts and masks never change.
VALIDATION = -1
#: Seed of everything that is drawn for validation, so that runs of any ``loop.seed`` are measured alike.
VALIDATION_SEED = 1


class EpochOrder:
    """Rows of one epoch in shuffled order, cut into global batches.

    Row groups are permuted and joined into blocks of ``shuffle_row_groups``; rows are permuted inside a block. The
    row of rows is then cut into ``lanes`` equal stretches that are read side by side, and every batch takes an
    equal share from each. So a batch mixes blocks from all over the corpus, and a rank that owns some slots of
    the batch opens only their blocks. Rows beyond the last whole batch wait for another epoch.

    ``counts`` are the rows of each row group (by ordinal). World size and loader processes appear nowhere.
    """

    def __init__(
        self, counts: Ints, global_batch: int, lanes: int, shuffle_row_groups: int, seed: int, epoch: int
    ) -> None:
        self._counts = counts
        self._key = (seed, epoch)
        groups = np.random.default_rng(key_of("row groups", seed, epoch)).permutation(len(counts))
        self._blocks = [
            groups[start : start + shuffle_row_groups] for start in range(0, len(groups), shuffle_row_groups)
        ]
        sizes = np.array([int(counts[block].sum()) for block in self._blocks], np.int64)
        self._ends = np.cumsum(sizes)
        self._lanes = lanes_of(global_batch, lanes)
        self._share = global_batch // self._lanes
        self.rows = int(sizes.sum())
        #: Global batches in the epoch, the same for every rank.
        self.batches = self.rows // self._lanes // self._share
        if not self.batches:
            raise CorpusError(f"rows in an epoch: {self.rows:,}; rows in one global batch: {global_batch:,}")
        self._permutations: Recent[int, tuple[Ints, Ints]] = Recent(2 * self._lanes)

    def lanes_of(self, slots: Ints) -> int:
        """How many blocks the slots of a rank are read from at a time."""
        return len(np.unique(slots // self._share))

    def rows_of(self, batch: int, slots: Ints) -> tuple[Ints, Ints]:
        """Row-group ordinal and row inside it for each slot (0 … global batch - 1) of a batch."""
        stretch = self.rows // self._lanes
        places = (slots // self._share) * stretch + batch * self._share + slots % self._share
        blocks = np.searchsorted(self._ends, places, "right")
        groups = np.empty(len(slots), np.int64)
        rows = np.empty(len(slots), np.int64)
        for block in np.unique(blocks):
            here = blocks == block
            block_groups, block_rows = self._permutations.get(int(block), self._permute)
            inside = places[here] - (self._ends[block] - len(block_rows))
            groups[here], rows[here] = block_groups[inside], block_rows[inside]
        return groups, rows

    def _permute(self, block: int) -> tuple[Ints, Ints]:
        members = self._blocks[block]
        counts = self._counts[members]
        groups = np.repeat(members, counts)
        rows = np.arange(len(groups)) - np.repeat(np.cumsum(counts) - counts, counts)
        order = np.random.default_rng(key_of("rows", *self._key, block)).permutation(len(groups))
        return groups[order], rows[order]


def lanes_of(global_batch: int, lanes: int) -> int:
    """The stretches of an epoch that are read side by side: at most ``lanes``, each with an equal share of a batch."""
    return max(lane for lane in range(1, min(lanes, global_batch) + 1) if global_batch % lane == 0)


def slots_of(global_batch: int, rank: int, world: int, micro_batch: int) -> list[Ints]:
    """The slots of one rank, as its micro-batches. Every rank has equally many; sizes differ by at most one."""
    largest = -(-global_batch // world)
    pieces = -(-largest // micro_batch)
    mine = np.array_split(np.arange(global_batch), world)[rank]
    return np.array_split(mine, pieces)
