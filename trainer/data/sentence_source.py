"""Batches of sentences of several languages from a corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hanmill.trainer.configs.stage import StageConfig
from hanmill.trainer.data.batch_source import BatchSizes, HeldOut
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.lengths import Ranks
from hanmill.trainer.data.order import lanes_of
from hanmill.trainer.data.sentence_batch import UNKNOWN, SentenceBatch
from hanmill.trainer.data.sentence_batches import SentenceBatches, validation_bundles
from hanmill.trainer.data.sentence_format import Chunk, SentenceFormat
from hanmill.trainer.data.sentence_plan import SentencePlan, chunks_of, plan_sentences
from hanmill.trainer.errors import CorpusError


class SentenceSource:
    """Targets are bundles: the loss of a step is the mean over the forward passes of its global batch."""

    def __init__(
        self, corpus: Corpus, format_of: Callable[[StageConfig], SentenceFormat], stage: StageConfig, ranks: Ranks
    ) -> None:
        form = format_of(stage)
        if weighted := next((place for place in corpus.train if place.weight != 1), None):
            raise CorpusError(
                f"weight of the corpus of {weighted.path}: found {weighted.weight:g}, expected 1: every batch takes "
                "equally much of each language"
            )
        #: What does not depend on the stage is asked of ``_form``.
        self._corpus, self._form, self._ranks, self.format_of = corpus, form, ranks, format_of
        self._chunks = chunks_of(corpus.train, form.data.shuffle_row_groups)

    def epoch(self, stage: StageConfig, epoch: int) -> SentenceBatches:
        """Sentences of the training shards."""
        return SentenceBatches(
            self._chunks, self.format_of(stage), self._plan, epoch, self._ranks.rank, self._ranks.world
        )

    def lanes(self, stage: StageConfig) -> int:
        """Of ``data.lanes`` as many as divide the global batch."""
        data = self.format_of(stage).data
        return lanes_of(data.global_batch, data.lanes)

    def sizes(self, batches: list[SentenceBatch]) -> BatchSizes:
        """Bundles of every language, words, words and padding of all languages."""
        bundles = [bundle for batch in batches if batch.real for bundle in batch.bundles]
        words, cells = sum(len(bundle.places) for bundle in bundles), sum(bundle.ids.numel() for bundle in bundles)
        return BatchSizes(sum(batch.real for batch in batches), words, cells)

    def validation(self, stage: StageConfig, epoch: int) -> Iterator[HeldOut[SentenceBatch]]:
        """Sentences of the validation shards; the baseline is of the words on both sides."""
        chunks, plan = self._validation
        costs = self._unigrams
        found = validation_bundles(chunks, self._form, plan, self._ranks.rank, self._ranks.world)
        return (HeldOut(batch, _unigram_cost(costs, batch)) for batch in found)

    def spare(self, stage: StageConfig) -> SentenceBatch:
        """The first batch of the validation shards."""
        chunks, plan = self._validation
        return next(validation_bundles(chunks, self._form, plan, 0, 1))

    @cached_property
    def _plan(self) -> SentencePlan:
        return plan_sentences(self._chunks, self._form, self._ranks)

    @cached_property
    def _validation(self) -> tuple[list[Chunk], SentencePlan]:
        chunks = chunks_of(self._corpus.validation, self._form.data.shuffle_row_groups)
        return chunks, plan_sentences(chunks, self._form, self._ranks)

    @cached_property
    def _unigrams(self) -> list[npt.NDArray[np.float64]]:
        """Nats of each model id, add-one smoothed, a language each; words outside the vocabulary are unknown."""
        costs = []
        for item, sentences, words in zip(self._form.languages, self._plan.sentences, self._plan.words, strict=True):
            known = self._corpus.words(item.name)["count"].to_numpy()[1 : item.vocabulary - UNKNOWN].astype(np.float64)
            counts = np.concatenate(([sentences, max(0.0, words - known.sum())], known)) + 1
            costs.append(-np.log(counts / counts.sum()))
        return costs


def _unigram_cost(costs: Sequence[npt.NDArray[np.float64]], batch: SentenceBatch) -> float:
    total = 0.0
    for cost, bundle in zip(costs, batch.bundles, strict=True):
        total += float(sum(cost[side.numpy()].sum() for side in (bundle.following, bundle.preceding)))
    return total
