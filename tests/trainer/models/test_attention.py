"""Attention inside segments: the mask, the kernel's boundaries, and which of them is used where."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from hanmill.trainer.data.boundaries import segment_boundaries
from hanmill.trainer.models.attention import Boundaries, attend, attention_mask, find_boundaries

SEGMENTS = torch.tensor([[1] * 5 + [2] * 3 + [0] * 2, [2] * 4 + [7] * 6, [3] * 10], dtype=torch.int32)
CPU = torch.device("cpu")


@pytest.fixture
def projected() -> tuple[torch.Tensor, ...]:
    torch.manual_seed(4)
    return torch.randn(3, 10, 3, 2, 8).unbind(2)


def test_mask() -> None:
    mask = attention_mask(torch.tensor([[1, 1, 2, 0]]))
    assert mask.shape == (1, 1, 4, 4)
    assert mask[0, 0].int().tolist() == [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]


def test_boundaries_cut_the_flattened_rows_where_the_mask_does(projected: tuple[torch.Tensor, ...]) -> None:
    ends = segment_boundaries(SEGMENTS.numpy())
    # The second segment of the first row and the first of the second have one number and stay apart.
    assert ends.tolist() == [0, 5, 8, 10, 14, 20, 30]
    masked = attend(*projected, Boundaries(attention_mask(SEGMENTS), None), 0.0).flatten(0, 1)
    query, key, value = (part.flatten(0, 1) for part in projected)
    for start, end in itertools.pairwise(ends):
        one = [part[start:end].transpose(0, 1) for part in (query, key, value)]
        alone = scaled_dot_product_attention(*one).transpose(0, 1)
        torch.testing.assert_close(masked[start:end], alone)


def test_whole_rows_need_no_mask(projected: tuple[torch.Tensor, ...]) -> None:
    everything = torch.ones(3, 10, dtype=torch.int32)
    masked = attend(*projected, Boundaries(attention_mask(everything), None), 0.0)
    torch.testing.assert_close(attend(*projected, find_boundaries(None, None, CPU, 0.0), 0.0), masked)


def test_a_processor_masks() -> None:
    ends = torch.from_numpy(segment_boundaries(SEGMENTS.numpy()).astype(np.int32))
    found = find_boundaries(SEGMENTS, ends, CPU, 0.0)
    assert found.cu_seqlens is None
    assert found.mask is not None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="the variable-length kernel runs on GPUs alone")
def test_the_kernel_equals_the_mask(projected: tuple[torch.Tensor, ...]) -> None:
    device = torch.device("cuda", 0)
    ends = torch.from_numpy(segment_boundaries(SEGMENTS.numpy()).astype(np.int32)).to(device)
    segments = SEGMENTS.to(device)
    halves = [part.to(device, torch.bfloat16) for part in projected]
    with torch.autocast("cuda", torch.bfloat16):
        boundaries = find_boundaries(segments, ends, device, 0.0)
        assert boundaries.cu_seqlens is not None
        assert find_boundaries(segments, ends, device, 0.1).cu_seqlens is None
        found = attend(*halves, boundaries, 0.0)
    expected = attend(*halves, Boundaries(attention_mask(segments), None), 0.0)
    torch.testing.assert_close(found, expected, rtol=2e-2, atol=2e-2)
