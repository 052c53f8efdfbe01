"""Sentences as words, of one language, from some row groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hanmill.schemas.sentence_lengths import LengthsError, flatten, words_of_sentences
from hanmill.trainer.data.corpus import Ints, RowGroupPlace
from hanmill.trainer.data.row_group import read_row_groups
from hanmill.trainer.data.sentence_batch import SPECIALS, UNKNOWN
from hanmill.trainer.errors import CorpusError


@dataclass(frozen=True, slots=True)
class WordSentences:
    """``ids`` int32 [words], model ids end to end; ``starts`` and ``lengths`` int64 [sentences] in words."""

    ids: npt.NDArray[np.int32]
    starts: Ints
    lengths: Ints

    def padded(self, chosen: Ints) -> Ints:
        """The chosen sentences as int64 [chosen, longest], 0 on the right."""
        lengths = self.lengths[chosen]
        columns = np.arange(int(lengths.max()) if len(chosen) else 0)
        inside = columns < lengths[:, None]
        rows = np.zeros(inside.shape, np.int64)
        rows[inside] = self.ids[(self.starts[chosen][:, None] + columns)[inside]]
        return rows


def read_words(
    places: Sequence[RowGroupPlace], language: str, vocabulary: int, table_size: int, shortest: int, longest: int
) -> WordSentences:
    """The sentences of one language that have ``shortest`` to ``longest`` words, with their words.

    ``vocabulary`` is the number of model ids, ``table_size`` of rows in the corpus's word table; words beyond the
    vocabulary become the unknown word. Raises CorpusError where a row group contradicts the manifest or the table.
    """
    words, starts, lengths = [np.empty(0, np.int32)], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    before = 0
    columns = ["uid", "lang", "sent_lens", "word_lens", "word_ids"]
    for place, rows in zip(places, read_row_groups(places, columns), strict=True):
        table = rows.filter(pc.equal(rows["lang"].cast(pa.string()), language))
        try:
            found, counts = words_of_sentences(table)
        except LengthsError as error:
            raise CorpusError(f"{place.path}: row group {place.index}: {error}") from error
        ids, sizes = flatten(table["word_ids"])
        if not np.array_equal(sizes, counts):
            row = int(np.flatnonzero(sizes != counts)[0])
            raise CorpusError(
                f"{place.path}: row group {place.index}, uid {table['uid'][row].as_py()}: word_ids has "
                f"{int(sizes[row]):,}, word_lens has {int(counts[row]):,}; the recipe `mlma` writes word_ids"
            )
        known = table_size if place.translation is None else len(place.translation.words[language])
        if len(ids) and int(ids.max()) >= known:
            raise CorpusError(
                f"{place.path}: row group {place.index}: word_ids up to {int(ids.max()):,}, "
                f"rows of words.{language}: {known:,}"
            )
        if place.translation is not None:
            ids = place.translation.words[language][ids]
        # Row 0 of the table is the unknown word, so every id moves up by one past END.
        model_ids = ids.astype(np.int32) + UNKNOWN
        model_ids[model_ids >= vocabulary] = UNKNOWN
        kept = (found >= shortest) & (found <= longest)
        words.append(model_ids)
        starts.append((np.cumsum(found) - found)[kept] + before)
        lengths.append(found[kept])
        before += len(model_ids)
    return WordSentences(np.concatenate(words), np.concatenate(starts), np.concatenate(lengths))


def vocabulary_size(table_size: int, largest: int) -> int:
    """Model ids of a language: the specials and the words of its table, at most ``largest``."""
    return min(table_size - 1 + SPECIALS, largest)
