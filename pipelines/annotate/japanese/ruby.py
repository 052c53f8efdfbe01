"""Readings that the source gives (ruby) laid over the dictionary's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hanmill.pipelines.annotate.japanese.kana import is_kana
from hanmill.pipelines.annotate.japanese.repeat_marks import kana_written_out
from hanmill.pipelines.annotate.japanese.romaji import katakana
from hanmill.pipelines.annotate.words import Words, words_of
from hanmill.pipelines.extract.document import Reading


def apply_ruby(text: str, words: Words, spans: Sequence[Reading]) -> Words:
    """Words whose readings follow the ruby of ``text`` (spans in code points of it).

    Words that one span covers together become one word (大和|撫子 with やまとなでしこ). Inside a word the spans give
    their part and kana give their own; where anything else is left over the dictionary's reading stays.
    """
    if not spans or words.readings is None:
        return words
    visible = np.cumsum([not character.isspace() for character in text])
    before = np.concatenate(([0], visible))
    placed = []
    last = 0
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if not 0 <= span.start < span.end <= len(text):
            continue
        start, end = int(before[span.start]), int(before[span.end])
        if last <= start < end and span.reading:
            placed.append((start, end, kana_written_out(katakana("".join(span.reading.split())))))
            last = end
    return _overlay("".join(text.split()), words, words.readings, placed)


def _overlay(compact: str, words: Words, dictionary: Sequence[str], placed: Sequence[tuple[int, int, str]]) -> Words:
    ends = np.cumsum(words.lengths)
    kept = np.ones(len(ends), dtype=bool)
    for start, end, _ in placed:
        first, last = np.searchsorted(ends, [start, end - 1], side="right")
        kept[first:last] = False
    bounds = [0, *ends[kept].tolist()]
    groups = [0, *(np.flatnonzero(kept) + 1).tolist()]
    surfaces, readings = [], []
    index = 0
    for start, end, first, last in zip(bounds, bounds[1:], groups, groups[1:], strict=False):
        inside = []
        while index < len(placed) and placed[index][1] <= end:
            inside.append(placed[index])
            index += 1
        given = _spelled(compact, start, end, inside) if inside else None
        surfaces.append(compact[start:end])
        readings.append("".join(dictionary[first:last]) if given is None else given)
    return words_of(surfaces, readings)


def _spelled(compact: str, start: int, end: int, inside: Sequence[tuple[int, int, str]]) -> str | None:
    """The reading of ``compact[start:end]`` from its spans and its own kana; None where something is left over."""
    reading = ""
    for span_start, span_end, given in [*inside, (end, end, "")]:
        rest = compact[start:span_start]
        if rest and not is_kana(rest):
            return None
        reading += katakana(rest) + given
        start = span_end
    return reading
