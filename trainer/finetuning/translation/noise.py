"""The noise of denoising (Lample et al. 2018): tokens out of order, missing and blanked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class NoiseConfig:
    """A token moves by fewer than ``shuffle`` places; it is missing with chance ``dropped``, blank with ``blank``."""

    shuffle: float = 3.0
    dropped: float = 0.1
    blank: float = 0.1

    def __post_init__(self) -> None:
        if self.shuffle < 0 or not 0 <= self.dropped < 1 or not 0 <= self.blank < 1:
            raise ValueError("shuffle of at least 0, dropped and blank from 0 to below 1")


def add_noise(ids: list[int], config: NoiseConfig, mask: int, draw: np.random.Generator) -> list[int]:
    """The tokens of a sentence, without special ones, made worse; one at least is left."""
    number = len(ids)
    order = np.argsort(np.arange(number) + draw.uniform(0, config.shuffle, number), kind="stable")
    kept = draw.random(number) >= config.dropped
    if number and not kept.any():
        kept[draw.integers(number)] = True
    blank = draw.random(number) < config.blank
    return [mask if blank[place] else ids[place] for place in order.tolist() if kept[place]]
