"""How MLMA takes its documents: sentences of about one length, as many tokens of every language.

A *bundle* is what one forward pass takes of one language: sentences that fill about ``tokens`` places with padding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hanmill.trainer.configs.bounds import at_least
from hanmill.trainer.data.candidates import draw_candidates
from hanmill.trainer.data.corpus import Ints, RowGroupPlace
from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.data.order import VALIDATION, VALIDATION_SEED
from hanmill.trainer.data.sentence_batch import END, Bundle, SentenceBatch, bundle_of
from hanmill.trainer.data.word_sentences import WordSentences, read_words

#: Row groups inside which sentences are put together by length.
Chunk = tuple[RowGroupPlace, ...]


@dataclass(frozen=True, slots=True)
class SentenceDataConfig:
    """How sentences become batches.

    ``languages`` are those of the corpus, each with a table of words. A forward pass takes sentences of about
    one length from every language, together at most ``tokens`` places a language with padding; an optimiser
    step takes ``global_batch`` of such, over all ranks. Sentences of ``shortest`` to ``longest`` words are used;
    they are put together inside chunks of ``shuffle_row_groups`` row groups, of which ``lanes`` are read side
    by side. ``validation_bundles`` forward passes of each language are evaluated.
    """

    languages: tuple[str, ...]
    tokens: int = 4096
    global_batch: int = 1
    shortest: int = 3
    longest: int = 200
    shuffle_row_groups: int = 2
    lanes: int = 8
    workers: int = 0
    validation_bundles: int = 16

    def __post_init__(self) -> None:
        at_least(self, 1, "tokens", "global_batch", "shortest", "shuffle_row_groups", "lanes")
        at_least(self, 0, "workers", "validation_bundles")
        if not self.languages or len(set(self.languages)) < len(self.languages):
            raise ValueError("languages: at least one, each once")
        if self.longest < self.shortest:
            raise ValueError(f"longest ({self.longest}) of at least shortest ({self.shortest})")

    @property
    def memory_advice(self) -> str:
        """What to change where a step does not fit the device's memory."""
        return f"data.tokens {self.tokens:,} a language, which may be smaller in a new run"


@dataclass(frozen=True, slots=True)
class Language:
    """``name`` as in the corpus, rows of its word table, and how many model ids it has."""

    name: str
    table_size: int
    vocabulary: int


@dataclass(frozen=True)
class SentenceFormat:
    """Everything between row groups and bundles; plain data, so that loader processes can have it."""

    data: SentenceDataConfig
    languages: tuple[Language, ...]
    samples: int
    seed: int

    def read(self, chunk: Chunk, language: int) -> WordSentences:
        """The kept sentences of a chunk of row groups."""
        item, data = self.languages[language], self.data
        return read_words(chunk, item.name, item.vocabulary, item.table_size, data.shortest, data.longest)

    def bundles(self, lengths: Ints, epoch: int, chunk: int, language: int) -> list[Ints]:
        """Sentence numbers of each bundle; sentences of equal length are shuffled anew in every epoch."""
        seed = VALIDATION_SEED if epoch == VALIDATION else self.seed
        draw = np.random.default_rng(key_of("sentences", seed, epoch, chunk, language))
        order = np.lexsort((draw.random(len(lengths)), lengths))
        return np.split(order, cut_by_tokens(lengths[order], self.data.tokens))

    def bundle(self, sentences: WordSentences, chosen: Ints, language: int, *place: int) -> Bundle:
        """Some sentences with their candidates, which are a function of the bundle's place in the run."""
        draw = np.random.default_rng(key_of("candidates", self.seed, language, *place))
        ids, tries = draw_candidates(draw, self.languages[language].vocabulary, self.samples)
        return bundle_of(sentences.padded(chosen), ids, tries)

    def empty(self) -> SentenceBatch:
        """Nothing but padding, for a rank that has no bundle left."""
        padding = np.full((1, 2), END, np.int64)
        nothing = bundle_of(padding, np.empty(0, np.int64), 0)
        return SentenceBatch((nothing,) * len(self.languages), 0)


def cut_by_tokens(lengths: Ints, tokens: int) -> list[int]:
    """Where to cut rising ``lengths`` so that no part, padded to its longest, holds more than ``tokens``.

    A sentence that is longer stands alone.
    """
    cuts, start = [], 0
    while start < len(lengths):
        most = max(1, tokens // max(1, int(lengths[start])))
        cells = lengths[start : start + most] * np.arange(1, min(most, len(lengths) - start) + 1)
        start += max(1, int(np.searchsorted(cells, tokens, "right")))
        cuts.append(start)
    return cuts[:-1]
