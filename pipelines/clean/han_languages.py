"""How much the Han characters of a text speak for literary Chinese, and for Japanese written without kana.

Each character has log-odds (``data/han_languages.tsv``, counted by ``pipelines/training/han_languages.py``); a text has
their sum, so that a long text is told more surely than a short one.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import numpy.typing as npt
import opencc

from hanmill.pipelines.text.character_classes import HAN_RANGES
from hanmill.pipelines.text.tsv import read_tsv


def han_languages(points: npt.NDArray[np.uint32], counts: npt.NDArray[np.int64]) -> list[tuple[float, float]]:
    """Log-odds of literary (prose or verse) against modern Chinese, and of Japanese against the nearer script.

    ``points`` is uint32 [characters] of texts end to end, ``counts`` int64 [texts] says how many each has; characters
    other than Han say nothing. Odds are tenths as float32: sums of millions are exact in any order.
    """
    sums = np.zeros((len(points) + 1, 4))
    np.cumsum(_odds().take(points, axis=0), axis=0, dtype=np.float64, out=sums[1:])
    ends = np.cumsum(counts)
    prose, verse, simplified, traditional = (sums[ends] - sums[ends - counts]).T
    return list(zip(np.maximum(prose, verse).tolist(), np.minimum(simplified, traditional).tolist(), strict=True))


def literary_phrase_odds(text: str) -> float:
    """What particles, constructions and formulas of a short text add to the odds of its characters.

    >>> literary_phrase_odds("如是我聞，一時佛在舍衛國。") > 5, literary_phrase_odds("他常念般若心經。")
    (True, 0.0)
    """
    return sum((odds for pattern, odds in _phrases() if pattern.search(text)), 0.0)


@cache
def _phrases() -> tuple[tuple[re.Pattern[str], float], ...]:
    rows = read_tsv("hanmill.pipelines.clean", "literary_phrases.tsv", 2)
    simplified = opencc.OpenCC("t2s").convert("\n".join(pattern for pattern, _ in rows)).split("\n")
    return tuple(
        (re.compile(f"{pattern}|{simple}"), float(odds))
        for (pattern, odds), simple in zip(rows, simplified, strict=True)
    )


@cache
def _odds() -> npt.NDArray[np.float32]:
    """float32 [0x110000, 4]: prose, verse (the same for every form of a character), Japanese against either script."""
    odds = np.zeros((0x110000, 4), np.float32)
    literary: dict[str, tuple[float, float]] = {}
    for character, *values in read_tsv("hanmill.pipelines.clean", "han_languages.tsv", 5):
        odds[ord(character)] = tuple(map(float, values))
        literary[character] = (float(values[0]), float(values[1]))
    han = [chr(code) for first, last in HAN_RANGES for code in range(first, last + 1)]
    # One call for all of them, a line each: a phrase never crosses a line.
    folded = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    for character, simple in zip(han, folded, strict=True):
        odds[ord(character), :2] = literary.get(simple, (0.0, 0.0))
    odds.setflags(write=False)
    return odds
