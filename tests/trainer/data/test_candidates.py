"""The sample of a vocabulary."""

from __future__ import annotations

import numpy as np

from hanmill.trainer.data.candidates import draw_candidates


def test_candidates_are_different_and_repeatable() -> None:
    one, tries = draw_candidates(np.random.default_rng(5), 200_000, 8192)
    assert len(np.unique(one)) == 8192
    assert one.min() >= 0
    assert one.max() < 200_000
    assert tries > 8192
    other, again = draw_candidates(np.random.default_rng(5), 200_000, 8192)
    assert np.array_equal(one, other)
    assert again == tries
    assert draw_candidates(np.random.default_rng(5), 60, 60)[0].size == 0
