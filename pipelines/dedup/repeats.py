"""Lines and passages that stand in too many documents, taken out of a text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanmill.pipelines.dedup.lines import line_hashes
from hanmill.pipelines.dedup.passages import ODD, repeated_sentences, windows
from hanmill.pipelines.dedup.schema import REPEATED_LINES, REPEATED_TEXT
from hanmill.pipelines.extract.document import Reading
from hanmill.schemas.recipe import DeduplicateRecipe


@dataclass(frozen=True, slots=True)
class Repeats:
    """``keys``: sorted uint64, hashes of what stands in too many documents; ``lines`` and ``characters`` (of a passage,
    0: none) say what was counted."""

    keys: npt.NDArray[np.uint64]
    lines: bool
    characters: int


@dataclass(frozen=True, slots=True)
class Shortened:
    """What is left of a text, and its readings. ``rule`` says what took the last of it where it is empty."""

    text: str
    readings: tuple[Reading, ...]
    rule: str | None = None


def repeat_keys(text: str, settings: DeduplicateRecipe) -> npt.NDArray[np.uint64]:
    """The hashes of a text's lines (even) and windows (odd) that the settings count, each once."""
    found = [np.zeros(0, np.uint64)]
    if settings.lines:
        found.append(line_hashes(text))
    if settings.text_characters:
        found.append(windows(text, settings.text_characters).hashes)
    hashes = np.unique(np.concatenate(found))
    counted: npt.NDArray[np.uint64] = hashes[hashes != 0]
    return counted


def too_often(counts: pa.Table, settings: DeduplicateRecipe) -> pa.Table:
    """Those of LINES that stand in more documents than the settings allow."""
    is_window = counts["key"].to_numpy() & ODD == ODD
    allowed = np.where(is_window, settings.text_documents, settings.lines)
    return counts.filter(pa.array(counts["count"].to_numpy() > allowed))


def without_repeats(text: str, readings: Sequence[Reading], repeats: Repeats) -> Shortened:
    """The text without its repeated lines and passages, and the readings of what is left, moved along.

    Lines go whole, and of passages whole sentences. A text of which nothing else is left becomes empty.
    """
    lines = text.split("\n")
    gone = np.zeros(len(text), bool)
    if repeats.characters:
        gone = repeated_sentences(text, repeats.characters, repeats.keys)
    by_line = np.isin(line_hashes(text), repeats.keys) if repeats.lines else np.zeros(len(lines), bool)
    if not gone.any() and not by_line.any():
        return Shortened(text, tuple(readings))
    kept, starts, moved_to = [], [], []
    start = place = 0
    for line, repeated in zip(lines, by_line.tolist(), strict=True):
        end = start + len(line)
        stays = "".join(compress(line, ~gone[start:end]))
        starts.append(start)
        # A line of which nothing is left goes with its end; an empty one was there.
        moved_to.append(None if repeated or (line.strip() and not stays.strip()) else place)
        if moved_to[-1] is not None:
            kept.append(stays)
            place += len(stays) + 1
        start = end + 1
    if not any(map(str.strip, kept)):
        lines_alone = all(repeated or not line.strip() for line, repeated in zip(lines, by_line, strict=True))
        return Shortened("", (), REPEATED_LINES if lines_alone else REPEATED_TEXT)
    before = np.r_[0, np.cumsum(gone)]
    moved = []
    for reading in readings:
        number = bisect_left(starts, reading.start + 1) - 1
        target = moved_to[number]
        # A reading never runs over the end of a line.
        inside = reading.end <= starts[number] + len(lines[number])
        if target is not None and inside and before[reading.start] == before[reading.end]:
            shift = target - starts[number] - int(before[reading.start] - before[starts[number]])
            moved.append(Reading(reading.start + shift, reading.end + shift, reading.reading))
    return Shortened("\n".join(kept), tuple(moved))
