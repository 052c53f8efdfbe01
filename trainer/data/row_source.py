"""Batches of rows from a corpus, in the format of each stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from hanmill.trainer.configs.stage import StageConfig
from hanmill.trainer.data.batch_source import BatchSizes, HeldOut
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.lengths import Ranks
from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.data.mixture import Mixture
from hanmill.trainer.data.order import lanes_of
from hanmill.trainer.data.recent import Recent
from hanmill.trainer.data.row_batches import Plan, RowBatches, count_tokens, plan_epoch, validation_rows
from hanmill.trainer.data.row_format import RowFormat
from hanmill.trainer.errors import CorpusError


class RowSource:
    """``format_of`` gives the format of a stage, which names its shape."""

    def __init__(
        self, corpus: Corpus, languages: tuple[str, ...], format_of: Callable[[StageConfig], RowFormat], ranks: Ranks
    ) -> None:
        if corpus.size < 2:
            raise CorpusError(f"{corpus.folder}: characters in the table: {corpus.size - 1}, needed: at least 1")
        corpus.check_languages(languages)
        self.format_of = format_of
        self._corpus, self._ranks = corpus, ranks
        self._plans: Recent[tuple[int, int], Plan] = Recent(2)
        self._counted: int | None = None
        self._mixtures: Recent[tuple[float, int], Mixture] = Recent(1)

    def epoch(self, stage: StageConfig, epoch: int) -> RowBatches:
        """Rows of the training shards."""
        form, ranks = self.format_of(stage), self._ranks
        places = self._mixture(form).places(epoch)
        return RowBatches(places, form, self._plan(form, epoch).counts, epoch, ranks.rank, ranks.world)

    def lanes(self, stage: StageConfig) -> int:
        """Of ``data.lanes`` as many as divide the global batch."""
        data = self.format_of(stage).data
        return lanes_of(data.global_batch, data.lanes)

    def sizes(self, batches: list[MaskedBatch]) -> BatchSizes:
        """Masked tokens, tokens, tokens and padding."""
        targets, cells = sum(len(batch.targets) for batch in batches), sum(batch.ids.numel() for batch in batches)
        return BatchSizes(targets, count_tokens(batches), cells)

    def validation(self, stage: StageConfig, epoch: int) -> Iterator[HeldOut[MaskedBatch]]:
        """A share of the validation shards."""
        form, ranks = self.format_of(stage), self._ranks
        closings = form.closing_tokens(self._sentences(form, epoch))
        counts = unigram_counts(form, self._corpus.counts(form.data.languages), closings)
        return (
            HeldOut(batch, unigram_loss(counts, batch.targets.numpy()) * len(batch.targets))
            for batch in validation_rows(self._corpus.validation, form, ranks.rank, ranks.world)
        )

    def spare(self, stage: StageConfig) -> MaskedBatch:
        """The first batch of the validation shards."""
        return next(validation_rows(self._corpus.validation, self.format_of(stage), 0, 1))

    def _sentences(self, form: RowFormat, epoch: int) -> int:
        """Of the whole corpus, each counted once."""
        if self._mixture(form).plain:
            return self._plan(form, epoch).sentences
        if self._counted is None:
            self._counted = plan_epoch(self._corpus.train, form, 0, self._ranks).sentences
        return self._counted

    def _mixture(self, form: RowFormat) -> Mixture:
        data = form.data
        return self._mixtures.get(
            (data.temperature, form.seed),
            lambda key: Mixture(self._corpus.train, data.languages, *key, self._ranks),
        )

    def _plan(self, form: RowFormat, epoch: int) -> Plan:
        return self._plans.get(
            (form.data.window, epoch),
            lambda key: plan_epoch(self._mixture(form).places(epoch), form, epoch, self._ranks),
        )


def unigram_loss(counts: npt.NDArray[np.int64], targets: npt.NDArray[np.int64]) -> float:
    """Mean nats a target under add-one smoothed ``counts`` [vocabulary]: what a model that ignores context pays.

    0 where there are no targets.
    """
    smoothed = counts.astype(np.float64) + 1
    return float(-np.log(smoothed / smoothed.sum())[targets].mean()) if len(targets) else 0.0


def unigram_counts(form: RowFormat, characters: npt.NDArray[np.int64], closings: int) -> npt.NDArray[np.int64]:
    """Occurrences of each model id, int64 [vocabulary]; ``closings`` of them are sentence ends."""
    counts = np.zeros(form.specials.vocabulary_size(len(characters)), np.int64)
    np.add.at(counts, form.model_ids, characters)
    counts[form.specials.end] += closings
    return counts
