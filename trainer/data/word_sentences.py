"""Sentences as words, of one language, from some row groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from trainer.data.corpus import RowGroupPlace
from trainer.data.row_group import Ints, flatten, read_row_group
from trainer.data.sentence_batch import SPECIALS, UNKNOWN
from trainer.errors import CorpusError


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


def read_lengths(places: Sequence[RowGroupPlace], languages: Sequence[str]) -> list[Ints]:
    """Words of each sentence of each language, int64 [sentences]; reads no words.

    A word that runs over a sentence's end belongs to the sentence it begins in. Raises CorpusError.
    """
    lengths = [[np.empty(0, np.int64)] for _ in languages]
    for place in places:
        table = read_row_group(place, ["lang", "sent_lens", "word_lens"])
        for found, language in zip(lengths, languages, strict=True):
            found.append(_words_of_sentences(place, _of_language(table, language))[0])
    return [np.concatenate(found) for found in lengths]


def read_words(
    places: Sequence[RowGroupPlace], language: str, vocabulary: int, table_size: int, shortest: int, longest: int
) -> WordSentences:
    """The sentences of one language that have ``shortest`` to ``longest`` words, with their words.

    ``vocabulary`` is the number of model ids, ``table_size`` of rows in the corpus's word table; words beyond the
    vocabulary become the unknown word. Raises CorpusError where a row group contradicts the manifest or the table.
    """
    words, starts, lengths = [np.empty(0, np.int32)], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    before = 0
    for place in places:
        columns = ["uid", "lang", "sent_lens", "word_lens", "word_ids"]
        table = _of_language(read_row_group(place, columns), language)
        found, counts = _words_of_sentences(place, table)
        ids, sizes = flatten(table["word_ids"])
        if not np.array_equal(sizes, counts):
            row = int(np.flatnonzero(sizes != counts)[0])
            raise CorpusError(
                f"{place.path}: row group {place.index}, uid {table['uid'][row].as_py()}: word_ids has "
                f"{int(sizes[row]):,}, word_lens has {int(counts[row]):,}; the recipe `mlma` writes word_ids"
            )
        if len(ids) and int(ids.max()) >= table_size:
            raise CorpusError(
                f"{place.path}: row group {place.index}: word_ids up to {int(ids.max()):,}, "
                f"rows of words.{language}: {table_size:,}"
            )
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


def _of_language(table: pa.Table, language: str) -> pa.Table:
    return table.filter(pc.equal(table["lang"].cast(pa.string()), language))


def _words_of_sentences(place: RowGroupPlace, table: pa.Table) -> tuple[Ints, Ints]:
    """Words of each sentence, and words of each document."""
    sentences, sentence_counts = flatten(table["sent_lens"])
    words, word_counts = flatten(table["word_lens"])
    sentence_ends, word_ends = np.cumsum(sentences, dtype=np.int64), np.cumsum(words, dtype=np.int64)
    document_ends = np.concatenate(([0], sentence_ends))[np.cumsum(sentence_counts)]
    if not np.array_equal(document_ends, np.concatenate(([0], word_ends))[np.cumsum(word_counts)]):
        raise CorpusError(
            f"{place.path}: row group {place.index}: characters of the sentences: {int(sentences.sum()):,}, of the "
            f"words: {int(words.sum()):,}; documents whose sums differ"
        )
    begun = np.searchsorted(word_ends - words, sentence_ends, "left")
    return np.diff(begun, prepend=0), word_counts
