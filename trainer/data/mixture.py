"""Which row groups an epoch reads, and how often: by the weights of corpora and the temperature of languages.

A row group's place in a shuffled line of its corpus and language is a number u from 0 to 1. In epoch e at rate r it
is read ⌈(e + 1)·r - u⌉ - ⌈e·r - u⌉ times: once for each whole number k with e·r ≤ k + u < (e + 1)·r. So a rate of 2.5
reads everything twice and another half a third time in every epoch, and a rate of 0.1 has read everything once after
ten. It is a function of (seed, epoch) and of the corpus alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from hanmill.trainer.data.corpus import Ints, RowGroupPlace, primary_subtag
from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.data.lengths import Ranks, read_lengths, share

Floats = npt.NDArray[np.float64]


class Mixture:
    """The row groups of each epoch. Every rank must make one: with a temperature they measure languages together."""

    def __init__(
        self, places: Sequence[RowGroupPlace], languages: tuple[str, ...], temperature: float, seed: int, ranks: Ranks
    ) -> None:
        self._places, self._seed = tuple(places), seed
        #: Whether every epoch reads every row group once.
        self.plain = temperature == 1 and all(place.weight == 1 for place in places)
        if self.plain:
            return
        # Without a temperature the languages of a row group stay together, as one of no name.
        self._languages = languages if temperature != 1 else ()
        if self._languages:
            sizes = share(self._places, lambda mine: _characters(mine, languages), ranks).astype(np.float64)
        else:
            sizes = np.array([[place.characters] for place in places], np.float64)
        weights = np.array([place.weight for place in places])
        #: Times an epoch, [languages].
        self.rates = temperature_rates((sizes * weights[:, None]).sum(axis=0), temperature)
        self._rates = weights[:, None] * self.rates
        self._positions = np.zeros_like(sizes)
        parts = np.array([place.part for place in places])
        for column, name in enumerate(self._languages or ("",)):
            for part in np.unique(parts):
                here = np.flatnonzero(parts == part)
                self._positions[here, column] = _line_up(sizes[here, column], seed, int(part), name)

    def places(self, epoch: int) -> tuple[RowGroupPlace, ...]:
        """Row groups of an epoch. One that is read twice has another ordinal the second time, so other masks."""
        if self.plain:
            return self._places
        times = times_read(self._rates, self._positions, epoch)
        found = []
        for again in range(int(times.max(initial=0))):
            for number in np.flatnonzero((times > again).any(axis=1)):
                place = self._places[number]
                taken = None
                if self._languages:
                    taken = tuple(
                        name for name, count in zip(self._languages, times[number], strict=True) if count > again
                    )
                found.append(replace(place, ordinal=place.ordinal + again * len(self._places), languages=taken))
        return tuple(found)


def temperature_rates(sizes: Floats, temperature: float) -> Floats:
    """How often each of some languages of ``sizes`` is read while all together are read once, [languages].

    The share of a language is size^(1/T) over the sum of these: T = 1 keeps shares, a large T makes them equal. XLM's
    exponent is 1/T (Conneau and Lample 2019, section 3.1).
    """
    there = sizes > 0
    powers = np.where(there, np.where(there, sizes, 1.0) ** (1 / temperature), 0.0)
    rates: Floats = np.where(there, powers / powers.sum() * sizes.sum() / np.where(there, sizes, 1.0), 0.0)
    return rates if temperature != 1 else there.astype(np.float64)


def times_read(rates: Floats, positions: Floats, epoch: int) -> Ints:
    """⌈(e + 1)·r - u⌉ - ⌈e·r - u⌉, int64 of the arrays' shape."""
    times: Ints = (np.ceil((epoch + 1) * rates - positions) - np.ceil(epoch * rates - positions)).astype(np.int64)
    return times


def _line_up(sizes: Floats, seed: int, part: int, name: str) -> Floats:
    """Where each row group's middle lies in a shuffled line of all, from 0 to 1."""
    order = np.random.default_rng(key_of("mixture", seed, part, name)).permutation(len(sizes))
    ends = np.cumsum(sizes[order])
    positions = np.empty(len(sizes))
    positions[order] = (ends - sizes[order] / 2) / max(1.0, float(ends[-1]))
    return positions


def _characters(places: Sequence[RowGroupPlace], languages: tuple[str, ...]) -> Ints:
    counts = np.zeros((len(places), len(languages)), np.int64)
    for number, lengths in enumerate(read_lengths(places)):
        for language, found in lengths.items():
            if primary_subtag(language) in languages:
                counts[number, languages.index(primary_subtag(language))] += found.characters
    return counts
