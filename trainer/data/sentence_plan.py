"""How many bundles each language has, from the lengths of its sentences alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hanmill.schemas.sentence_lengths import SentenceLengths
from hanmill.trainer.data.corpus import Ints, RowGroupPlace
from hanmill.trainer.data.lengths import Ranks, read_lengths, share
from hanmill.trainer.data.sentence_format import Chunk, SentenceDataConfig, SentenceFormat, cut_by_tokens


@dataclass(frozen=True, slots=True)
class SentencePlan:
    """Bundles of each chunk, int64 [languages, chunks], and each language's sentences and words in the corpus."""

    bundles: Ints
    sentences: tuple[int, ...]
    words: tuple[int, ...]


def chunks_of(places: Sequence[RowGroupPlace], size: int) -> list[Chunk]:
    """Row groups in runs of ``size``."""
    return [tuple(places[start : start + size]) for start in range(0, len(places), size)]


def plan_sentences(chunks: Sequence[Chunk], form: SentenceFormat, ranks: Ranks) -> SentencePlan:
    """Holds for every epoch. Each rank counts a share of the chunks; every rank must call, and has the same plan."""

    def count(mine: Sequence[Chunk]) -> Ints:
        counts = np.zeros((len(mine), len(form.languages), 3), np.int64)
        lengths = read_lengths([place for chunk in mine for place in chunk])
        for number, chunk in enumerate(mine):
            groups = [next(lengths) for _ in chunk]
            for language, item in enumerate(form.languages):
                counts[number, language] = _count([g[item.name] for g in groups if item.name in g], form.data)
        return counts

    found = share(chunks, count, ranks)
    totals = found.sum(axis=0).tolist()
    return SentencePlan(
        np.ascontiguousarray(found[:, :, 0].T), tuple(row[1] for row in totals), tuple(row[2] for row in totals)
    )


def _count(groups: Sequence[SentenceLengths], data: SentenceDataConfig) -> tuple[int, int, int]:
    """Bundles, sentences and words of one language in one chunk."""
    longest = max((words for group in groups for words in group.sentences), default=0)
    counts = np.zeros(longest + 1, np.int64)
    for group in groups:
        for words, sentences in group.sentences.items():
            counts[words] += sentences
    lengths = np.arange(longest + 1)
    kept = (lengths >= data.shortest) & (lengths <= data.longest)
    rising = np.repeat(lengths[kept], counts[kept])
    bundles = len(cut_by_tokens(rising, data.tokens)) + 1 if len(rising) else 0
    return bundles, int(counts.sum()), int((counts * lengths).sum())
