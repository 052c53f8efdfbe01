"""The ``words.LANG`` and ``identical.A-B`` tables (MLMA, section 3.3: identical strings of two languages)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.corpus import IDENTICAL, WORDS
from schemas.location import Location, parquet_source


def merge_word_counts(shards: Iterable[Location]) -> dict[str, Counter[str]]:
    """Language to word to count, summed over the ``word_counts`` shards."""
    total: dict[str, Counter[str]] = defaultdict(Counter)
    for shard in shards:
        table = pq.read_table(parquet_source(shard))
        for lang, word, count in zip(*(table[n].to_pylist() for n in ("lang", "word", "count")), strict=True):
            total[lang][word] += count
    return total


def words_table(counts: Mapping[str, int], size: int) -> pa.Table:
    """The WORDS table of one language: the ``size`` commonest, by falling count and then by code points."""
    chosen = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:size]
    columns = [
        pa.array(range(len(chosen) + 1), pa.uint32()),
        pa.array(["", *(word for word, _ in chosen)], pa.string()),
        pa.array([0, *(count for _, count in chosen)], pa.uint64()),
    ]
    return pa.table(columns, WORDS)


def identical_tables(words: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """``identical.A-B`` for every pair of languages: words with one spelling, in the order of the first's ids."""
    ids = {lang: {word: index for index, word in enumerate(table["word"].to_pylist())} for lang, table in words.items()}
    tables = {}
    for first, second in combinations(sorted(words), 2):
        shared = [
            (word, index, ids[second][word]) for word, index in ids[first].items() if word and word in ids[second]
        ]
        columns = list(zip(*shared, strict=True)) if shared else [[], [], []]
        arrays = [pa.array(column, field.type) for column, field in zip(columns, IDENTICAL, strict=True)]
        tables[f"identical.{first}-{second}"] = pa.table(arrays, IDENTICAL)
    return tables
