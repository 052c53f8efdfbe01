"""The ``words.LANG`` and ``identical.A-B`` tables (MLMA, section 3.3: identical strings of two languages)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hanmill.pipelines.dedup.minhash import mix
from hanmill.schemas.corpus import IDENTICAL, WORDS

#: How often a word stands in some documents of a language.
WORD_COUNTS = pa.schema(
    [
        pa.field("lang", pa.string(), nullable=False),
        pa.field("word", pa.string(), nullable=False),
        pa.field("count", pa.uint64(), nullable=False),
    ]
)

_BASE = 0x9E3779B97F4A7C15


def word_counts(counts: Mapping[str, Counter[str]]) -> pa.Table:
    """WORD_COUNTS of counters by language, sorted by language and word."""
    rows = [(lang, word, number) for lang in sorted(counts) for word, number in sorted(counts[lang].items())]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, WORD_COUNTS, strict=True)], WORD_COUNTS
    )


def add_word_counts(tables: Iterable[pa.Table]) -> pa.Table:
    """WORD_COUNTS with every word once, its counts added up, sorted by language and word.

    Holds the sum and one table at a time.
    """
    total = WORD_COUNTS.empty_table()
    for table in tables:
        both = pa.concat_tables([total, table])
        grouped = both.group_by(["lang", "word"], use_threads=False).aggregate([("count", "sum")])
        total = grouped.rename_columns(WORD_COUNTS.names).cast(WORD_COUNTS)
    return total.sort_by([("lang", "ascending"), ("word", "ascending")])


def commonest_words(counts: pa.Table, size: int) -> pa.Table:
    """The ``size`` commonest words of each language, by falling count and then by code points."""
    parts = [_commonest(counts, lang, size) for lang in sorted(counts["lang"].unique().to_pylist())]
    return pa.concat_tables([WORD_COUNTS.empty_table(), *parts])


def word_tables(counts: pa.Table, size: int) -> Iterator[tuple[str, pa.Table]]:
    """Language and WORDS table, of the ``size`` commonest words of each."""
    for lang in sorted(counts["lang"].unique().to_pylist()):
        chosen = _commonest(counts, lang, size)
        yield (
            lang,
            pa.table(
                [
                    pa.array(range(len(chosen) + 1), pa.uint32()),
                    pa.array(["", *chosen["word"].to_pylist()], pa.string()),
                    pa.array([0, *chosen["count"].to_pylist()], pa.uint64()),
                ],
                WORDS,
            ),
        )


def word_keys(counts: pa.Table) -> npt.NDArray[np.uint64]:
    """uint64 [rows]: a hash of each word, by which counts are cut into partitions; equal words have equal ones.

    Bytes of UTF-8 are folded by a polynomial in the ring of 64 bits and mixed.
    """
    words = counts["word"].combine_chunks().cast(pa.large_string())
    data = np.frombuffer(words.buffers()[2] or b"", np.uint8).astype(np.uint64)
    ends = np.frombuffer(words.buffers()[1], np.int64)[words.offset : words.offset + len(words) + 1]
    powers = np.cumprod(np.full(int(np.diff(ends).max(initial=0)), _BASE, np.uint64), dtype=np.uint64)
    places = np.arange(ends[0], ends[-1]) - np.repeat(ends[:-1], np.diff(ends))
    terms = (data[ends[0] : ends[-1]] + np.uint64(1)) * powers[places]
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(terms, dtype=np.uint64)])
    keys: npt.NDArray[np.uint64] = mix(sums[ends[1:] - ends[0]] - sums[ends[:-1] - ends[0]])
    return keys


def identical_tables(words: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """``identical.A-B`` for every pair of languages: words with one spelling, in the order of the first's ids."""
    ids = {lang: {word: index for index, word in enumerate(table["word"].to_pylist())} for lang, table in words.items()}
    tables = {}
    for first, second in combinations(sorted(words), 2):
        shared = [
            (word, index, ids[second][word]) for word, index in ids[first].items() if word and word in ids[second]
        ]
        columns = list(zip(*shared, strict=True)) or [(), (), ()]
        arrays = [pa.array(column, field.type) for column, field in zip(columns, IDENTICAL, strict=True)]
        tables[f"identical.{first}-{second}"] = pa.table(arrays, IDENTICAL)
    return tables


def _commonest(counts: pa.Table, lang: str, size: int) -> pa.Table:
    mine = counts.filter(pc.field("lang") == lang)
    return mine.sort_by([("count", "descending"), ("word", "ascending")]).slice(0, size)
