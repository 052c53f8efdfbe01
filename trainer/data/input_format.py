"""How a model takes its documents: rows of a row group, and rows masked into a batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from trainer.config import DataConfig, MaskingConfig
from trainer.data.batch import Batch
from trainer.data.corpus import RowGroupPlace
from trainer.data.counter_random import key_of, keys_of
from trainer.data.documents import Sentences, read_documents, read_sentences
from trainer.data.packing import Segments, pack_sentences
from trainer.data.windows import Specials, Windows, count_stream, cut_stream, lay_out
from trainer.objectives.masking import draw_characters, draw_fates

Ints = npt.NDArray[np.int64]

#: ``epoch`` of the validation rows, whose cuts and masks never change.
VALIDATION = -1


@dataclass(frozen=True)
class InputFormat:
    """Everything between a row group and a batch; plain data, so that loader processes can have it.

    ``model_ids`` int32 [characters] maps character ids to model ids (in UnihanLM's cluster stage to those of the
    representatives). ``single`` is None for a stream, else the share of single inputs. ``syllables`` is the size
    of the syllable table; ``default_pinyin`` uint16 [characters] is None for a model without pinyin.
    """

    specials: Specials
    model_ids: npt.NDArray[np.int32]
    data: DataConfig
    masking: MaskingConfig
    single: float | None
    syllables: int
    default_pinyin: npt.NDArray[np.uint16] | None
    with_language: bool
    seed: int

    def count(self, place: RowGroupPlace, epoch: int) -> tuple[int, int]:
        """Rows that ``windows`` will make of a row group, and its sentences; reads sentence lengths only."""
        sentences = read_sentences(place, self.data.languages)
        if self.single is None:
            rows = count_stream(sentences, self.data.window, self._phase(place, epoch))
        else:
            rows = self._pack(sentences, place, epoch).rows
        return rows, len(sentences.lengths)

    def windows(self, place: RowGroupPlace, epoch: int) -> Windows:
        """All rows of a row group."""
        documents = read_documents(place, self.data.languages, len(self.model_ids), self.syllables)
        window, bounded = self.data.window, self.data.document_boundaries
        if self.single is None:
            phase = self._phase(place, epoch)
            return cut_stream(documents, self.model_ids, self.specials, window, phase, bounded)
        segments = self._pack(documents.sentences, place, epoch)
        return lay_out(segments, documents, self.model_ids, self.specials, window)

    def batch(self, windows: Windows, groups: Ints, rows: Ints, epoch: int) -> Batch:
        """Masks gathered rows. ``groups`` and ``rows`` [n] name them: row-group ordinal and row inside it."""
        group_keys = keys_of("words", self.seed, epoch, last=groups)
        row_keys = keys_of("row", self.seed, epoch, last=groups * (1 << 32) + rows)
        fates = draw_fates(windows.unit, group_keys, row_keys, self.masking)
        places = np.flatnonzero(fates.chosen)
        ids = windows.ids.astype(np.int64)
        targets = ids.ravel()[places]
        new = draw_characters(fates.replaced, row_keys, len(self.model_ids))
        ids[fates.masked] = self.specials.mask
        ids[fates.replaced] = self.model_ids[new]
        pinyin = None
        if self.default_pinyin is not None:
            pinyin = windows.pinyin.astype(np.int64)
            pinyin[fates.masked] = 0
            # The old character's reading would give it away.
            pinyin[fates.replaced] = self.default_pinyin[new]
        boundaries = segment_boundaries(windows.segment)
        # Positions restart in each segment.
        starts = np.repeat(boundaries[:-1], np.diff(boundaries))
        positions = (np.arange(ids.size) - starts).reshape(ids.shape)
        whole = len(boundaries) == len(ids) + 1 and bool((windows.segment[:, :1] != 0).all())
        return Batch(
            torch.from_numpy(ids),
            torch.from_numpy(positions),
            None if whole else torch.from_numpy(windows.segment),
            None if pinyin is None else torch.from_numpy(pinyin),
            torch.from_numpy(windows.language.astype(np.int64)) if self.with_language else None,
            torch.from_numpy(places),
            torch.from_numpy(targets),
            None if whole else torch.from_numpy(boundaries.astype(np.int32)),
        )

    def empty(self) -> Batch:
        """One row of padding without targets, for a rank that has no row left in a micro-batch."""
        shape = (1, self.data.window)
        windows = Windows(
            np.full(shape, self.specials.padding, np.int32),
            np.zeros(shape, np.int32),
            np.full(shape, -1, np.int32),
            np.zeros(shape, np.uint16),
            np.zeros(shape, np.uint8),
        )
        nothing = np.zeros(1, np.int64)
        return self.batch(windows, nothing, nothing, VALIDATION)

    def _phase(self, place: RowGroupPlace, epoch: int) -> int:
        # A cut elsewhere in every epoch, so that no token is always the last of its row.
        return 0 if epoch == VALIDATION else key_of("phase", self.seed, epoch, place.ordinal) % self.data.window

    def _pack(self, sentences: Sentences, place: RowGroupPlace, epoch: int) -> Segments:
        draw = np.random.default_rng(key_of("single", self.seed, epoch, place.ordinal))
        return pack_sentences(sentences, self.data.window, self.single or 0.0, draw, self.data.document_boundaries)


def gather(parts: list[tuple[npt.NDArray[np.bool_], Windows, Ints]], count: int, window: int) -> Windows:
    """Rows from several row groups as one: each part says which places it fills, and with which of its rows."""
    gathered = Windows(
        np.empty((count, window), np.int32),
        np.empty((count, window), np.int32),
        np.empty((count, window), np.int32),
        np.empty((count, window), np.uint16),
        np.empty((count, window), np.uint8),
    )
    for here, windows, rows in parts:
        gathered.ids[here] = windows.ids[rows]
        gathered.segment[here] = windows.segment[rows]
        gathered.unit[here] = windows.unit[rows]
        gathered.pinyin[here] = windows.pinyin[rows]
        gathered.language[here] = windows.language[rows]
    return gathered


def segment_boundaries(segment: npt.NDArray[np.int32]) -> Ints:
    """Where segments begin in the flattened rows [rows, window], and the end of the last: int64, rising from 0.

    A stretch of padding is a segment too; none goes on in the next row. This is the ``cu_seqlens`` of
    variable-length attention.
    """
    begins = np.ones(segment.shape, bool)
    begins[:, 1:] = segment[:, 1:] != segment[:, :-1]
    return np.append(np.flatnonzero(begins), segment.size)
