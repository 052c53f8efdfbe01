"""Which tokens are predicted, and what the model sees in their place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from hanmill.trainer.configs.stage import Shape
from hanmill.trainer.data.counter_random import Words, integers, random_words, uniform
from hanmill.trainer.data.windows import NO_UNIT

# Independent uses of the same counters.
_ROW_KIND, _CHOICE, _FATE, _REPLACEMENT = range(4)
#: Where units that are characters count from, so that they share no number with a word.
_CHARACTERS = np.uint64(1 << 40)


@dataclass(frozen=True, slots=True)
class MaskingConfig:
    """Masked-token sampling.

    ``rate`` is the probability of each unit; of the chosen units ``mask`` become the mask token and ``random``
    another character, the rest stay. ``whole_word`` is the share of rows whose units are words, the others'
    are characters. ``decide`` says whether the fate is drawn once a unit or for each of its tokens.
    """

    rate: float = 0.15
    mask: float = 0.8
    random: float = 0.1
    whole_word: float = 0.0
    decide: Literal["unit", "token"] = "unit"

    def __post_init__(self) -> None:
        if not 0 < self.rate < 1:
            raise ValueError("rate between 0 and 1")
        if self.mask < 0 or self.random < 0 or self.mask + self.random > 1:
            raise ValueError("mask + random of at most 1")
        if not 0 <= self.whole_word <= 1:
            raise ValueError("whole_word from 0 to 1")

    def shaped(self, shape: Shape) -> MaskingConfig:
        """With the rate of a stage, where it says one."""
        return self if shape.mask_rate is None else replace(self, rate=shape.mask_rate)


@dataclass(frozen=True, slots=True)
class Fates:
    """Boolean [rows, window] each: predicted, shown as the mask token, shown as another character."""

    chosen: npt.NDArray[np.bool_]
    masked: npt.NDArray[np.bool_]
    replaced: npt.NDArray[np.bool_]


class MaskedRows(NamedTuple):
    """``ids`` int64 [rows, window] as the model sees them; ``places`` int64 [targets] of the flattened rows to predict
    and ``targets`` int64 [targets] what stood there; ``replacements`` int64, the characters put in the place of others
    in the order of ``numpy.nonzero``.
    """

    ids: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    fates: Fates
    replacements: npt.NDArray[np.int64]


def draw_fates(unit: npt.NDArray[np.int32], group_keys: Words, row_keys: Words, config: MaskingConfig) -> Fates:
    """Chooses units and decides 80/10/10.

    ``unit`` int32 [rows, window] numbers the words of a row group, ``NO_UNIT`` where nothing may be masked;
    ``group_keys`` and ``row_keys`` uint64 [rows] are keys of the row's row group and of the row. Each unit is
    chosen with probability ``rate`` on its own, so long words are as likely as short ones (samplers that fill a
    budget by whole words favour the short) and the share of tokens is ``rate`` on average.
    """
    rows, window = unit.shape
    counters = unit.astype(np.uint64)
    keys = group_keys[:, None]
    position = np.arange(window, dtype=np.uint64)
    by_word = uniform(random_words(row_keys, np.zeros(rows, np.uint64), _ROW_KIND)) < config.whole_word
    if not by_word.all():
        # A character is told apart by row and column, which the row key and this counter give.
        counters[~by_word] = position + _CHARACTERS
        keys = np.where(by_word[:, None], keys, row_keys[:, None])
    chosen = (uniform(random_words(keys, counters, _CHOICE)) < config.rate) & (unit != NO_UNIT)
    at = np.nonzero(chosen)
    if config.decide == "token":
        fate_keys, fate_counters = row_keys[at[0]], position[at[1]] + _CHARACTERS
    else:
        fate_keys, fate_counters = np.broadcast_to(keys, unit.shape)[at], counters[at]
    fate = uniform(random_words(fate_keys, fate_counters, _FATE))
    masked, replaced = np.zeros_like(chosen), np.zeros_like(chosen)
    masked[at] = fate < config.mask
    replaced[at] = (fate >= config.mask) & (fate < config.mask + config.random)
    return Fates(chosen, masked, replaced)


def draw_characters(replaced: npt.NDArray[np.bool_], row_keys: Words, characters: int) -> npt.NDArray[np.int64]:
    """A character id in [1, characters) for each replaced token, in the order of ``numpy.nonzero``.

    Special tokens are never drawn; XLM and others draw from the whole vocabulary.
    """
    rows, columns = np.nonzero(replaced)
    return 1 + integers(random_words(row_keys[rows], columns, _REPLACEMENT), max(1, characters - 1))
