"""Whole sentences packed into rows, best fit, from their lengths alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hanmill.trainer.data.corpus import Ints
from hanmill.trainer.data.documents import Sentences

#: Tokens that open and close a segment.
FRAME = 2


@dataclass(frozen=True, slots=True)
class Segments:
    """Runs of characters that become ``begin … end``, those of a row together and rows rising.

    int64 arrays [segments]; ``rows`` hold them.
    """

    start: Ints
    length: Ints
    row: Ints
    rows: int


def pack_sentences(
    sentences: Sentences, window: int, single: float, draw: np.random.Generator, bounded: bool = True
) -> Segments:
    """Packs whole sentences into windows (ChineseBERT, section 4.2: packed and single input).

    An input takes, with probability ``single``, the next sentence alone, otherwise as many next sentences of its
    document (with ``bounded`` false: of all documents) as the window holds. Each input is a segment and costs two
    special tokens. Rows are filled with segments best fit, so that a short input costs no row of its own: a row of
    several inputs holds boundaries that attention respects. A sentence longer than the window is cut.
    """
    lengths, document = _cut_long(sentences, window - FRAME)
    if not bounded:
        document = np.zeros_like(document)
    heads = _heads(lengths, document, window - FRAME, single, draw)
    if not len(heads):
        nothing = np.zeros(0, np.int64)
        return Segments(nothing, nothing, nothing, 0)
    start = (np.cumsum(lengths) - lengths)[heads]
    length = np.add.reduceat(lengths, heads)
    row, rows = best_fit(length + FRAME, window)
    order = np.argsort(row, kind="stable")
    return Segments(start[order], length[order], row[order], rows)


def best_fit(costs: Ints, window: int) -> tuple[Ints, int]:
    """Row of each item, and the number of rows: best-fit decreasing (Johnson 1973).

    The longest items come first, equal ones in their order; each goes to the row with the least space that holds
    it, the one opened or filled last among equals. ``costs`` lie between 1 and ``window``.
    """
    order = np.argsort(-costs, kind="stable")
    row = np.empty(len(costs), np.int64)
    by_space: list[list[int]] = [[] for _ in range(window)]
    # Bit s is set where some row has s tokens left: the least that is enough is the lowest set bit above.
    spaces = rows = 0
    chosen = []
    for cost in costs[order].tolist():
        enough = spaces >> cost
        if enough:
            space = cost + (enough & -enough).bit_length() - 1
            number = by_space[space].pop()
            if not by_space[space]:
                spaces ^= 1 << space
        else:
            space, number = window, rows
            rows += 1
        chosen.append(number)
        left = space - cost
        by_space[left].append(number)
        spaces |= 1 << left
    row[order] = chosen
    return row, rows


def _cut_long(sentences: Sentences, longest: int) -> tuple[Ints, Ints]:
    """Sentences without the empty ones, those above ``longest`` in pieces, and the document of each."""
    kept = sentences.lengths > 0
    lengths, document = sentences.lengths[kept], sentences.document[kept]
    pieces = -(-lengths // longest)
    cut = np.full(int(pieces.sum()), longest, np.int64)
    cut[np.cumsum(pieces) - 1] = lengths - (pieces - 1) * longest
    return cut, np.repeat(document, pieces)


def _heads(lengths: Ints, document: Ints, longest: int, single: float, draw: np.random.Generator) -> Ints:
    """The first sentence of each input."""
    count = len(lengths)
    ends = np.cumsum(lengths)
    full = np.searchsorted(ends, ends - lengths + longest, "right")
    beyond: list[int] = np.minimum(full, np.searchsorted(document, document, "right")).tolist()
    alone: list[bool] = (draw.random(count) < single).tolist()
    heads = []
    cursor = 0
    while cursor < count:
        heads.append(cursor)
        cursor = cursor + 1 if alone[len(heads) - 1] else beyond[cursor]
    return np.array(heads, np.int64)
