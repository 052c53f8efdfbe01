"""Documents of one row group as rows of equal length: UnihanLM's stream and ChineseBERT's packed inputs.

How many rows come out depends on the sentence lengths, the seed and the epoch alone, so the plan of an epoch needs
only one small column.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trainer.data.documents import Documents, Sentences
from trainer.data.packing import FRAME, Segments

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


def lay_out(
    segments: Segments,
    documents: Documents,
    model_ids: npt.NDArray[np.int32],
    specials: Specials,
    window: int,
) -> Windows:
    """Writes packed segments into rows."""
    cost = segments.length + FRAME
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
