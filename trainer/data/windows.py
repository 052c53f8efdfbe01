"""Documents of one row group as rows of equal length: UnihanLM's stream and ChineseBERT's packed inputs.

How many rows come out depends on the sentence lengths, the seed and the epoch alone, so the plan of an epoch needs
only one small column.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trainer.data.documents import Documents, Ints, Sentences

#: ``Windows.unit`` of a position that may not be masked.
NO_UNIT = -1


@dataclass(frozen=True, slots=True)
class Specials:
    """Model ids below the characters. Character id c ≥ 1 becomes ``count + c - 1``; 0 becomes ``unknown``."""

    count: int
    padding: int
    unknown: int
    mask: int
    begin: int
    end: int

    def model_ids(self, characters: int) -> npt.NDArray[np.int32]:
        """Model id of each character id, int32 [characters]."""
        ids = np.arange(self.count - 1, self.count - 1 + characters, dtype=np.int32)
        ids[0] = self.unknown
        return ids

    def vocabulary_size(self, characters: int) -> int:
        """Specials and characters, for a table of ``characters`` rows (row 0 is the unknown character)."""
        return self.count + characters - 1


@dataclass(frozen=True, slots=True)
class Windows:
    """Rows of one row group, each array [rows, window].

    ``ids`` int32, model ids. ``segment`` int32: tokens see those of equal segment; 0 is padding. ``unit`` int32:
    number of the token's word, ``NO_UNIT`` where it may not be masked. ``pinyin`` uint16. ``language`` uint8.
    """

    ids: npt.NDArray[np.int32]
    segment: npt.NDArray[np.int32]
    unit: npt.NDArray[np.int32]
    pinyin: npt.NDArray[np.uint16]
    language: npt.NDArray[np.uint8]


def count_stream(sentences: Sentences, window: int, phase: int) -> int:
    """Rows that ``cut_stream`` makes."""
    tokens = int(sentences.lengths.sum()) + len(sentences.lengths)
    return (1 if phase and tokens else 0) + -(-max(0, tokens - phase) // window)


def cut_stream(
    documents: Documents, model_ids: npt.NDArray[np.int32], specials: Specials, window: int, phase: int, bounded: bool
) -> Windows:
    """All sentences, each closed by ``specials.end``, cut into windows; the first holds ``phase`` tokens.

    This is XLM's stream. With ``bounded`` each document in a window is a segment of its own. The first token of
    a row is never masked, as there; the closing token may be.
    """
    sentences = documents.sentences
    characters, count = len(documents.char_ids), len(sentences.lengths)
    tokens = characters + count
    rows = count_stream(sentences, window, phase)
    place = np.arange(characters) + np.repeat(np.arange(count), sentences.lengths)
    document = np.repeat(sentences.document, sentences.lengths + 1)
    # A closing token is a unit of its own, beyond the numbers of the words.
    words = int(documents.word[-1]) + 1 if characters else 0
    ends = np.ones(tokens, bool)
    ends[place] = False
    ids = np.full(tokens, specials.end, np.int32)
    ids[place] = model_ids[documents.char_ids]
    unit = np.empty(tokens, np.int32)
    unit[place] = documents.word
    unit[ends] = words + np.arange(count)
    pinyin = np.zeros(tokens, np.uint16)
    pinyin[place] = documents.pinyin_ids
    segment = document + 1 if bounded else np.ones(tokens, np.int64)
    language = sentences.language[document]

    def cut(values: npt.NDArray, kind: type, fill: int) -> npt.NDArray:
        flat = np.full(rows * window, fill, kind)
        flat[: min(phase, tokens)] = values[:phase]
        first = window if phase else 0
        flat[first : first + max(0, tokens - phase)] = values[phase:]
        return flat.reshape(rows, window)

    units = cut(unit, np.int32, NO_UNIT)
    units[:, 0] = NO_UNIT
    return Windows(
        cut(ids, np.int32, specials.padding),
        cut(segment, np.int32, 0),
        units,
        cut(pinyin, np.uint16, 0),
        cut(language, np.uint8, 0),
    )


@dataclass(frozen=True, slots=True)
class Segments:
    """Runs of characters that become ``begin … end``: int64 arrays [segments], and how many rows hold them."""

    start: Ints
    length: Ints
    row: Ints
    rows: int


def pack_sentences(
    sentences: Sentences, window: int, single: float, draw: np.random.Generator, bounded: bool = True
) -> Segments:
    """Packs whole sentences into windows (ChineseBERT, section 4.2: packed and single input).

    An input takes, with probability ``single``, the next sentence alone, otherwise as many next sentences as the
    window holds; each stretch of one document (with ``bounded`` false: the whole input) is a segment and costs
    two special tokens. Single inputs share rows, each its own segment, so that they cost no padding. A sentence
    longer than the window is cut.
    """
    lengths, document = _cut_long(sentences, window - 2)
    if not bounded:
        document = np.zeros_like(document)
    start = np.cumsum(lengths) - lengths
    packed, alone = _choose(lengths, document, window, single, draw)
    # A stretch begins where the input or the document changes.
    first = np.ones(len(packed), bool)
    first[1:] = (np.diff(packed) != 0) | (np.diff(document) != 0)
    joined = ~alone
    heads = np.flatnonzero(first & joined)
    stretch = np.cumsum(first & joined)[joined] - 1
    stretch_length = np.bincount(stretch, lengths[joined], minlength=len(heads)).astype(np.int64)
    _, row = np.unique(packed[heads], return_inverse=True)
    rows = int(row[-1]) + 1 if len(row) else 0
    singles = np.flatnonzero(alone)
    single_row = _fill(lengths[singles] + 2, window)
    return Segments(
        np.concatenate((start[heads], start[singles])),
        np.concatenate((stretch_length, lengths[singles])),
        np.concatenate((row, rows + single_row)),
        rows + (int(single_row[-1]) + 1 if len(single_row) else 0),
    )


def lay_out(
    segments: Segments,
    documents: Documents,
    model_ids: npt.NDArray[np.int32],
    specials: Specials,
    window: int,
) -> Windows:
    """Writes packed segments into rows."""
    cost = segments.length + 2
    before = np.cumsum(cost) - cost
    row_start = np.zeros(segments.rows, np.int64)
    row_start[segments.row[::-1]] = before[::-1]
    offset = segments.row * window + before - row_start[segments.row]
    total = int(segments.length.sum())
    within = np.arange(total) - np.repeat(np.cumsum(segments.length) - segments.length, segments.length)
    source = np.repeat(segments.start, segments.length) + within
    place = np.repeat(offset + 1, segments.length) + within
    size = segments.rows * window
    ids = np.full(size, specials.padding, np.int32)
    ids[offset] = specials.begin
    ids[offset + cost - 1] = specials.end
    ids[place] = model_ids[documents.char_ids[source]]
    unit = np.full(size, NO_UNIT, np.int32)
    unit[place] = documents.word[source]
    pinyin = np.zeros(size, np.uint16)
    pinyin[place] = documents.pinyin_ids[source]
    segment = np.zeros(size, np.int32)
    tokens = np.repeat(offset - before, cost) + np.arange(int(cost.sum()))
    segment[tokens] = np.repeat(np.arange(1, len(cost) + 1), cost)
    language = np.zeros(size, np.uint8)
    sentence_language = documents.sentences.language[documents.sentences.document]
    language[place] = np.repeat(sentence_language, documents.sentences.lengths)[source]
    shape = (segments.rows, window)
    return Windows(
        ids.reshape(shape), segment.reshape(shape), unit.reshape(shape), pinyin.reshape(shape), language.reshape(shape)
    )


def _cut_long(sentences: Sentences, longest: int) -> tuple[Ints, Ints]:
    """Sentences without the empty ones, those above ``longest`` in pieces, and the document of each."""
    kept = sentences.lengths > 0
    lengths, document = sentences.lengths[kept], sentences.document[kept]
    pieces = -(-lengths // longest)
    cut = np.full(int(pieces.sum()), longest, np.int64)
    cut[np.cumsum(pieces) - 1] = lengths - (pieces - 1) * longest
    return cut, np.repeat(document, pieces)


def _choose(
    lengths: Ints, document: Ints, window: int, single: float, draw: np.random.Generator
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Input number of each sentence, and whether it is a single input."""
    count = len(lengths)
    # key[e] rises with e, and an input [s, e] fits when key[e] - characters before s - 2·document[s] ≤ window - 2.
    ends = np.cumsum(lengths)
    key = ends + 2 * document
    alone = np.zeros(count, bool)
    number = np.zeros(count, np.int64)
    fates = draw.random(count) < single
    limit = (window - 2 + ends - lengths + 2 * document).tolist()
    search = key.searchsorted
    cursor = inputs = 0
    heads: list[int] = []
    while cursor < count:
        heads.append(cursor)
        if fates[inputs]:
            alone[cursor] = True
            cursor += 1
        else:
            cursor = int(search(limit[cursor], "right"))
        inputs += 1
    number[heads] = 1
    return np.cumsum(number) - 1, alone


def _fill(costs: Ints, window: int) -> Ints:
    """Row of each item when items fill rows in order."""
    ends = np.cumsum(costs)
    row = np.zeros(len(costs), np.int64)
    cursor = 0
    while cursor < len(costs):
        cursor = int(ends.searchsorted(window + (ends[cursor] - costs[cursor]), "right"))
        if cursor < len(costs):
            row[cursor] = 1
    return np.cumsum(row)
