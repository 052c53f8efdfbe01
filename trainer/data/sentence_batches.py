"""MLMA's batches, in an order of their own, and its validation bundles.

A global batch is ``global_batch`` bundles of every language. Each language runs through its own epochs, so that a
small one begins again while a large one is still in its first; the epoch of the run is that of the longest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hanmill.trainer.data.corpus import Ints
from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.data.order import VALIDATION, EpochOrder, slots_of
from hanmill.trainer.data.recent import Recent
from hanmill.trainer.data.sentence_batch import SentenceBatch, bundle_of, empty_bundle
from hanmill.trainer.data.sentence_format import Chunk, SentenceFormat
from hanmill.trainer.data.sentence_plan import SentencePlan
from hanmill.trainer.data.word_sentences import WordSentences
from hanmill.trainer.errors import CorpusError


class SentenceBatches:
    """Item b is the list of bundles of one rank in global batch b of an epoch: a pure function of b."""

    def __init__(
        self, chunks: Sequence[Chunk], form: SentenceFormat, plan: SentencePlan, epoch: int, rank: int, world: int
    ) -> None:
        self._chunks, self._form, self._plan, self._epoch = chunks, form, plan, epoch
        self._pieces = slots_of(form.data.global_batch, rank, world, 1)
        for item, found in zip(form.languages, plan.bundles.sum(axis=1).tolist(), strict=True):
            if found < form.data.global_batch:
                raise CorpusError(
                    f"language {item.name}: bundles of sentences in an epoch: {found:,}; in one global batch: "
                    f"{form.data.global_batch:,}"
                )
        self._orders: Recent[tuple[int, int], EpochOrder] = Recent(2 * len(form.languages))
        self._lengths = [self._order((language, 0)).batches for language in range(len(form.languages))]
        open_chunks = len(form.languages) * (form.data.lanes + 1)
        self._open: Recent[tuple[int, int, int], tuple[WordSentences, list[Ints]]] = Recent(open_chunks)

    def __len__(self) -> int:
        """Global batches in the epoch: those of the language that has most."""
        return max(self._lengths)

    def __getitem__(self, batch: int) -> list[SentenceBatch]:
        """The bundles of this rank."""
        return [self._bundle(batch, piece) if len(piece) else self._form.empty() for piece in self._pieces]

    def _bundle(self, batch: int, slots: Ints) -> SentenceBatch:
        found = []
        for language, length in enumerate(self._lengths):
            # Batches since the beginning of the run tell where this language stands.
            epoch, own = divmod(self._epoch * len(self) + batch, length)
            chunks, rows = self._order((language, epoch)).rows_of(own, slots)
            chunk, row = int(chunks[0]), int(rows[0])
            sentences, bundles = self._open.get((language, epoch, chunk), self._read)
            found.append(self._form.bundle(sentences, bundles[row], language, epoch, own, int(slots[0])))
        return SentenceBatch(tuple(found))

    def _order(self, key: tuple[int, int]) -> EpochOrder:
        return self._orders.get(key, self._make_order)

    def _make_order(self, key: tuple[int, int]) -> EpochOrder:
        language, epoch = key
        data, form = self._form.data, self._form
        seed = key_of("language", form.seed, form.languages[language].name)
        return EpochOrder(self._plan.bundles[language], data.global_batch, data.lanes, 1, seed, epoch)

    def _read(self, key: tuple[int, int, int]) -> tuple[WordSentences, list[Ints]]:
        language, epoch, chunk = key
        sentences = self._form.read(self._chunks[chunk], language)
        return sentences, self._form.bundles(sentences.lengths, epoch, chunk, language)


def validation_bundles(
    chunks: Sequence[Chunk], form: SentenceFormat, plan: SentencePlan, rank: int, world: int
) -> Iterator[SentenceBatch]:
    """About ``validation_bundles`` bundles of each language, spread over the chunks; one language a batch."""
    numbers = range(len(form.languages))
    for language in numbers:
        ends = np.cumsum(plan.bundles[language])
        total = int(plan.bundles[language].sum())
        wanted = min(total, form.data.validation_bundles)
        for place in (np.arange(wanted) * total // max(1, wanted))[rank::world]:
            chunk = int(np.searchsorted(ends, place, "right"))
            row = int(place - (ends[chunk] - plan.bundles[language, chunk]))
            sentences = form.read(chunks[chunk], language)
            chosen = form.bundles(sentences.lengths, VALIDATION, chunk, language)[row]
            # Without candidates the whole vocabulary is scored.
            bundle = bundle_of(sentences.padded(chosen), np.empty(0, np.int64), 0)
            yield SentenceBatch(tuple(bundle if number == language else empty_bundle() for number in numbers))
