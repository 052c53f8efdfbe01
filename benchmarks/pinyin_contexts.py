"""Short contexts of polyphones, written for hanmill, for the ``context`` model to learn beside marked sentences.

``pinyin_contexts.tsv`` holds patterns: one character between two ``▁`` and its reading; of ``(a|b)`` one is taken, and
what a ``?`` follows may be left out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

TABLE = Path(__file__).with_name("pinyin_contexts.tsv")
#: Of one pattern so many lines are drawn.
MOST_OF_A_PATTERN = 60
_CHOICE = re.compile(r"\(([^()]*)\)(\??)")
_SEED = 1


def marked_contexts() -> Iterator[tuple[str, str]]:
    """Lines with a marked character, and its pinyin with ü as ``u:``, in a fixed order."""
    draw = random.Random(_SEED)
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            pattern, reading = line.split("\t")
            for text in sorted({_drawn(pattern, draw) for _ in range(3 * MOST_OF_A_PATTERN)})[:MOST_OF_A_PATTERN]:
                yield text, reading.replace("v", "u:")


def _drawn(pattern: str, draw: random.Random) -> str:
    def one(found: re.Match[str]) -> str:
        choices = found[1].split("|")
        chosen: str = draw.choice([*choices, *[""] * len(choices)] if found[2] else choices)
        return chosen

    return _CHOICE.sub(one, pattern)
