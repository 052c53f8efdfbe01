"""ChineseBERT's packed inputs: whole sentences between their special tokens, several inputs a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from hanmill.trainer.data.boundaries import bound
from hanmill.trainer.data.corpus import Ints, RowGroupPlace
from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.data.documents import Documents, Sentences, read_documents, read_sentences
from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.data.packing import FRAME, Segments, pack_sentences
from hanmill.trainer.data.row_format import RowFormat
from hanmill.trainer.data.specials import Specials
from hanmill.trainer.data.windows import NO_UNIT, Windows


@dataclass(frozen=True, kw_only=True)
class PackedFormat(RowFormat):
    """``begin … end`` around each input; a batch says the reading of each token.

    ``single`` is the share of inputs of one sentence. ``syllables`` is the size of the syllable table;
    ``default_pinyin`` uint16 [characters] the reading of each character without context.
    """

    single: float
    syllables: int
    default_pinyin: npt.NDArray[np.uint16]

    def count(self, places: Sequence[RowGroupPlace], epoch: int) -> Ints:
        """From the column of sentence lengths: how inputs share rows depends on each of them."""
        counts = np.zeros((len(places), 2), np.int64)
        for number, sentences in enumerate(read_sentences(places, self.data.languages)):
            counts[number] = self._pack(sentences, places[number], epoch).rows, len(sentences.lengths)
        return counts

    def windows(self, place: RowGroupPlace, epoch: int) -> Windows:
        """All rows of a row group."""
        documents = read_documents(place, self.data.languages, len(self.model_ids), self.syllables)
        segments = self._pack(documents.sentences, place, epoch)
        return lay_out(segments, documents, self.model_ids, self.specials, self.data.window)

    def batch(self, windows: Windows, groups: Ints, rows: Ints, epoch: int) -> MaskedBatch:
        """Masks rows; ``language`` is None."""
        masked = self.mask(windows, groups, rows, epoch)
        pinyin = windows.pinyin.astype(np.int64)
        pinyin[masked.fates.masked] = 0
        # The old character's reading would give it away.
        pinyin[masked.fates.replaced] = self.default_pinyin[masked.replacements]
        boundaries = bound(windows.segment)
        return MaskedBatch(
            ids=torch.from_numpy(masked.ids),
            positions=boundaries.positions,
            segments=boundaries.segments,
            pinyin=torch.from_numpy(pinyin),
            language=None,
            places=torch.from_numpy(masked.places),
            targets=torch.from_numpy(masked.targets),
            cu_seqlens=boundaries.cu_seqlens,
        )

    def closing_tokens(self, sentences: int) -> int:
        """None: special tokens are not masked."""
        return 0

    def _pack(self, sentences: Sentences, place: RowGroupPlace, epoch: int) -> Segments:
        draw = np.random.default_rng(key_of("single", self.seed_of(epoch), epoch, place.ordinal))
        return pack_sentences(sentences, self.data.window, self.single, draw, self.data.document_boundaries)


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
