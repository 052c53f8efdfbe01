"""Which characters were read otherwise than they are alone, and how often: what context does to a corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hanmill.pipelines.build.shown import OTHER_READINGS
from hanmill.schemas.corpus import NO_SYLLABLE, UNKNOWN_CHARACTER

#: Character id and syllable id.
Reading = tuple[int, int]
_SYLLABLES = 1 << 16


def other_readings(table: pa.Table, alone: npt.NDArray[np.uint16]) -> Counter[Reading]:
    """Counts by character and syllable in training rows, where it is not the character's own.

    ``alone`` is uint16 [characters]: the syllable of each character of the table of characters.
    """
    read = table.filter(pc.is_valid(table["pinyin_ids"]))
    characters = read["char_ids"].combine_chunks().flatten().to_numpy().astype(np.int64)
    syllables = read["pinyin_ids"].combine_chunks().flatten().to_numpy().astype(np.int64)
    known = (characters != UNKNOWN_CHARACTER) & (syllables != NO_SYLLABLE)
    other = known & (syllables != alone[characters])
    pairs, counts = np.unique(characters[other] * _SYLLABLES + syllables[other], return_counts=True)
    found = zip((pairs // _SYLLABLES).tolist(), (pairs % _SYLLABLES).tolist(), strict=True)
    return Counter(dict(zip(found, counts.tolist(), strict=True)))


def commonest(counts: Counter[Reading]) -> list[list[int]]:
    """Character, syllable and times of the commonest, for a footer."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:OTHER_READINGS]
    return [[character, syllable, times] for (character, syllable), times in ordered]


def counted(rows: Iterable[Sequence[int]]) -> Counter[Reading]:
    """The inverse of ``commonest``."""
    return Counter({(row[0], row[1]): row[2] for row in rows})
