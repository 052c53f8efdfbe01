"""Numbers by key and counter: uniform, independent, and the same whatever stands beside them."""

from __future__ import annotations

import numpy as np
import pytest

from hanmill.trainer.data.counter_random import integers, key_of, keys_of, mix, random_words, uniform


def test_mix_is_splitmix64() -> None:
    # First outputs of SplitMix64 from seed 1234567, as published with the generator.
    gamma = 0x9E3779B97F4A7C15
    states = np.array([(1234567 + gamma * step) % 2**64 for step in range(1, 4)], np.uint64)
    assert mix(states).tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_uniform_over_counters_and_keys() -> None:
    keys = keys_of("漢字", 1, last=np.arange(300))
    draws = uniform(random_words(keys[:, None], np.arange(300), 0))
    assert draws.min() >= 0
    assert draws.max() < 1
    assert draws.mean() == pytest.approx(0.5, abs=0.005)
    histogram = np.histogram(draws, 20, (0, 1))[0] / draws.size
    assert np.abs(histogram - 0.05).max() < 0.003
    assert abs(np.corrcoef(draws[:, 0], draws[:, 1])[0, 1]) < 0.2
    assert abs(np.corrcoef(draws[:-1].ravel(), draws[1:].ravel())[0, 1]) < 0.02


def test_streams_differ_and_batches_do_not_matter() -> None:
    keys = keys_of("row", 7, last=np.arange(10))
    whole = random_words(keys, np.arange(10), 1)
    assert (random_words(keys[3:5], np.arange(3, 5), 1) == whole[3:5]).all()
    assert (random_words(keys, np.arange(10), 2) != whole).all()
    assert key_of("a", 1) != key_of("a", 2)


def test_integers_cover_their_range() -> None:
    words = random_words(keys_of("x", last=np.arange(20000)), np.zeros(20000, np.int64), 0)
    found = np.bincount(integers(words, 5), minlength=5) / 20000
    assert len(found) == 5
    assert found == pytest.approx([0.2] * 5, abs=0.02)
