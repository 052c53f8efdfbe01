"""How many sentences of how many words a row group holds, by language: what the footer of its shard says of it.

The footer's entry ``hanmill`` has under ``lengths`` one mapping a row group, from the language as the rows name it to
``{"characters": 120, "sentences": {"3": 1, "14": 5}}``: one sentence of three words and five of fourteen, 120
characters together. A reader can plan an epoch from it without reading a row.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hanmill.schemas.errors import HanmillError

#: Entry of the footer's key-value metadata, and the field of its JSON.
FOOTER, FIELD = b"hanmill", "lengths"

Ints = npt.NDArray[np.int64]


class LengthsError(HanmillError):
    """Lengths of sentences and words that do not add up, or a footer that is not one of ours."""


@dataclass(frozen=True, slots=True)
class SentenceLengths:
    """Of one language in one row group: characters, and the number of sentences of each number of words."""

    characters: int
    sentences: Mapping[int, int]

    @property
    def count(self) -> int:
        """All sentences."""
        return sum(self.sentences.values())


def measure_lengths(table: pa.Table) -> dict[str, SentenceLengths]:
    """Of a table with the columns ``lang``, ``sent_lens`` and ``word_lens``, by language. Raises LengthsError."""
    sentences, counts = flatten(table["sent_lens"])
    words, _ = words_of_sentences(table)
    codes, languages = _languages(table["lang"])
    owner = np.repeat(codes, counts)
    found = {}
    for code, language in sorted(enumerate(languages), key=lambda item: item[1]):
        mine = owner == code
        sizes, times = np.unique(words[mine], return_counts=True)
        by_words = dict(zip(sizes.tolist(), times.tolist(), strict=True))
        found[language] = SentenceLengths(int(sentences[mine].sum()), by_words)
    return found


def _languages(column: pa.ChunkedArray) -> tuple[Ints, list[str]]:
    """The language of each row as a number, and the languages by number, each once and all in use."""
    rows = column.cast(pa.string()).combine_chunks().dictionary_encode()
    return rows.indices.to_numpy().astype(np.int64), rows.dictionary.to_pylist()


def lengths_to_json(lengths: Mapping[str, SentenceLengths]) -> dict[str, Any]:
    """One item of the footer's list."""
    return {
        language: {
            "characters": found.characters,
            "sentences": {str(words): count for words, count in found.sentences.items()},
        }
        for language, found in lengths.items()
    }


def lengths_of_footer(metadata: Mapping[bytes, bytes] | None) -> list[dict[str, SentenceLengths]] | None:
    """One mapping a row group from a file's key-value metadata; None where the shard was written without lengths.

    Raises LengthsError where the entry is there and cannot be understood.
    """
    entry = (metadata or {}).get(FOOTER)
    if entry is None:
        return None
    try:
        groups = json.loads(entry).get(FIELD)
        if groups is None:
            return None
        return [
            {
                language: SentenceLengths(
                    int(item["characters"]), {int(words): int(count) for words, count in item["sentences"].items()}
                )
                for language, item in group.items()
            }
            for group in groups
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LengthsError(f"{FIELD} of the footer: cannot be understood ({error!r})") from error


def words_of_sentences(table: pa.Table) -> tuple[Ints, Ints]:
    """Words of each sentence, int64 [sentences], and of each document, int64 [documents].

    A word that runs over a sentence's end belongs to the sentence it begins in. Raises LengthsError where the
    sentences of a document have other characters than its words.
    """
    sentences, sentence_counts = flatten(table["sent_lens"])
    words, word_counts = flatten(table["word_lens"])
    sentence_ends, word_ends = np.cumsum(sentences, dtype=np.int64), np.cumsum(words, dtype=np.int64)
    document_ends = np.concatenate(([0], sentence_ends))[np.cumsum(sentence_counts)]
    if not np.array_equal(document_ends, np.concatenate(([0], word_ends))[np.cumsum(word_counts)]):
        raise LengthsError(
            f"characters of the sentences: {int(sentences.sum()):,}, of the words: {int(words.sum()):,}; "
            "documents whose sums differ"
        )
    begun = np.searchsorted(word_ends - words, sentence_ends, "left")
    return np.diff(begun, prepend=0), word_counts


def flatten(column: pa.ChunkedArray) -> tuple[npt.NDArray[Any], Ints]:
    """Values of all lists end to end, and the length of each list (0 for null)."""
    array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    return array.flatten().to_numpy(zero_copy_only=False), lengths.astype(np.int64)
