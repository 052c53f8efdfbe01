"""The order of an epoch knows nothing of ranks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.trainer.data.order import EpochOrder, slots_of
from hanmill.trainer.errors import CorpusError


def order_of(
    counts: list[int], batch: int, seed: int = 1, epoch: int = 0, lanes: int = 4, blocks: int = 2
) -> EpochOrder:
    return EpochOrder(np.array(counts, np.int64), batch, lanes, blocks, seed, epoch)


def batch_rows(order: EpochOrder, batch: int, slots: np.ndarray) -> list[tuple[int, int]]:
    groups, rows = order.rows_of(batch, slots)
    return list(zip(groups.tolist(), rows.tolist(), strict=True))


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), st.integers(1, 12), st.integers(1, 9), st.integers(1, 4))
def test_rows_come_once_and_batches_are_whole(counts: list[int], batch: int, lanes: int, blocks: int) -> None:
    if sum(counts) < batch:
        with pytest.raises(CorpusError, match="rows in one global batch"):
            order_of(counts, batch, lanes=lanes, blocks=blocks)
        return
    order = order_of(counts, batch, lanes=lanes, blocks=blocks)
    seen = [place for number in range(order.batches) for place in batch_rows(order, number, np.arange(batch))]
    assert len(seen) == len(set(seen)) == order.batches * batch
    assert all(0 <= row < counts[group] for group, row in seen)
    assert sum(counts) - len(seen) < 2 * batch


@given(st.integers(1, 24), st.integers(1, 5), st.integers(1, 7))
def test_ranks_share_a_batch_without_gap_or_overlap(batch: int, world: int, micro: int) -> None:
    shares = [slots_of(batch, rank, world, micro) for rank in range(world)]
    # As many forward passes on each rank, or one would wait for another's gradient.
    assert len({len(share) for share in shares}) == 1
    assert np.concatenate([np.concatenate(share) for share in shares]).tolist() == list(range(batch))
    assert all(len(piece) <= micro for share in shares for piece in share)


def test_seed_and_epoch_change_the_order() -> None:
    slots = np.arange(8)
    counts = [30, 20, 25]
    first = batch_rows(order_of(counts, 8), 0, slots)
    assert first == batch_rows(order_of(counts, 8), 0, slots)
    assert first != batch_rows(order_of(counts, 8, seed=2), 0, slots)
    assert first != batch_rows(order_of(counts, 8, epoch=1), 0, slots)


def test_a_rank_reads_only_its_lanes() -> None:
    order = order_of([100] * 8, 8, lanes=4)
    assert order.lanes_of(np.arange(8)) == 4
    assert order.lanes_of(np.arange(2)) == 1


def test_a_batch_mixes_distant_row_groups() -> None:
    order = order_of([100] * 8, 8, lanes=4, blocks=2)
    groups, _ = order.rows_of(0, np.arange(8))
    assert len(set(groups.tolist())) >= 4
