"""UnihanLM's and XLM's stream: all sentences end to end, cut into windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from hanmill.trainer.data.boundaries import bound
from hanmill.trainer.data.corpus import Ints, RowGroupPlace
from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.data.documents import Documents, read_documents
from hanmill.trainer.data.lengths import read_lengths
from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.data.order import VALIDATION
from hanmill.trainer.data.row_format import RowFormat
from hanmill.trainer.data.specials import Specials
from hanmill.trainer.data.windows import NO_UNIT, Windows


@dataclass(frozen=True, kw_only=True)
class StreamFormat(RowFormat):
    """Sentences closed by ``specials.end``; a batch says the language of each token."""

    def count(self, places: Sequence[RowGroupPlace], epoch: int) -> Ints:
        """From the footers of the shards: no row is read."""
        counts = np.zeros((len(places), 2), np.int64)
        for number, lengths in enumerate(read_lengths(places)):
            mine = [
                found
                for language, found in lengths.items()
                if self.data.takes(language) and places[number].takes(language)
            ]
            sentences = sum(found.count for found in mine)
            tokens = sum(found.characters for found in mine) + sentences
            counts[number] = count_windows(tokens, self.data.window), sentences
        return counts

    def windows(self, place: RowGroupPlace, epoch: int) -> Windows:
        """All rows of a row group, beginning elsewhere in every epoch."""
        documents = read_documents(place, self.data.languages, len(self.model_ids))
        window, bounded = self.data.window, self.data.document_boundaries
        return cut_stream(documents, self.model_ids, self.specials, window, self._begin(place, epoch), bounded)

    def batch(self, windows: Windows, groups: Ints, rows: Ints, epoch: int) -> MaskedBatch:
        """Masks rows; ``pinyin`` is None."""
        masked = self.mask(windows, groups, rows, epoch)
        boundaries = bound(windows.segment)
        return MaskedBatch(
            ids=torch.from_numpy(masked.ids),
            positions=boundaries.positions,
            segments=boundaries.segments,
            pinyin=None,
            language=torch.from_numpy(windows.language.astype(np.int64)),
            places=torch.from_numpy(masked.places),
            targets=torch.from_numpy(masked.targets),
            cu_seqlens=boundaries.cu_seqlens,
        )

    def closing_tokens(self, sentences: int) -> int:
        """Each sentence has one, and it may be masked."""
        return sentences

    def _begin(self, place: RowGroupPlace, epoch: int) -> int | None:
        # A cut elsewhere in every epoch, so that no token is always the last of its row.
        return None if epoch == VALIDATION else key_of("phase", self.seed, epoch, place.ordinal)


def count_windows(tokens: int, window: int) -> int:
    """Rows that ``cut_stream`` makes of ``tokens``, closing tokens included."""
    return -(-tokens // window)


def cut_stream(
    documents: Documents, model_ids: npt.NDArray[np.int32], specials: Specials, window: int, begin: int | None,
    bounded: bool,
) -> Windows:  # fmt: skip
    """All sentences, each closed by ``specials.end``, cut into windows.

    This is XLM's stream, as a ring: the first window begins at token ``begin`` (modulo their number), the last goes on
    with what the first began with, so that no row has padding, which would need a mask. With None, and where one row
    holds everything, the stream has an end, and the last row is padded: no token comes twice. With ``bounded`` each
    document in a window is a segment of its own. The first token of a row is never masked, as in XLM; the closing token
    may be.
    """
    sentences = documents.sentences
    characters, count = len(documents.char_ids), len(sentences.lengths)
    tokens = characters + count
    rows = count_windows(tokens, window)
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
    ring = None if begin is None or rows < 2 else (begin % tokens + np.arange(rows * window)) % tokens

    def cut(values: npt.NDArray[Any], kind: type, fill: int) -> npt.NDArray[Any]:
        if ring is not None:
            return values[ring].astype(kind).reshape(rows, window)
        flat: npt.NDArray[Any] = np.full(rows * window, fill, kind)
        flat[:tokens] = values
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
