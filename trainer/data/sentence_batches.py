"""MLMA's batches: sentences of about one length, as many tokens of every language, in an order of their own.

A *bundle* is what one forward pass takes of one language: sentences that fill about ``tokens`` places with padding.
A global batch is ``global_batch`` bundles of every language. Each language runs through its own epochs, so that a
small one begins again while a large one is still in its first; the epoch of the run is that of the longest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset

from trainer.config import MLMADataConfig
from trainer.data.corpus import RowGroupPlace
from trainer.data.counter_random import key_of
from trainer.data.order import EpochOrder, slots_of
from trainer.data.recent import Recent
from trainer.data.sentence_batch import SentenceBatch
from trainer.data.word_sentences import WordSentences, read_lengths, read_words
from trainer.errors import CorpusError
from trainer.objectives.sampled_softmax import draw_candidates

Ints = npt.NDArray[np.int64]
Chunk = tuple[RowGroupPlace, ...]

#: ``epoch`` of the validation bundles.
VALIDATION = -1


@dataclass(frozen=True, slots=True)
class Language:
    """``name`` as in the corpus, rows of its word table, and how many model ids it has."""

    name: str
    table_size: int
    vocabulary: int


@dataclass(frozen=True)
class SentenceFormat:
    """Everything between row groups and bundles; plain data, so that loader processes can have it."""

    data: MLMADataConfig
    languages: tuple[Language, ...]
    samples: int
    seed: int

    def read(self, chunk: Chunk, language: int) -> WordSentences:
        """The kept sentences of a chunk of row groups."""
        item, data = self.languages[language], self.data
        return read_words(chunk, item.name, item.vocabulary, item.table_size, data.shortest, data.longest)

    def bundles(self, lengths: Ints, epoch: int, chunk: int, language: int) -> list[Ints]:
        """Sentence numbers of each bundle; sentences of equal length are shuffled anew in every epoch."""
        draw = np.random.default_rng(key_of("sentences", self.seed, epoch, chunk, language))
        order = np.lexsort((draw.random(len(lengths)), lengths))
        return np.split(order, cut_by_tokens(lengths[order], self.data.tokens))

    def candidates(self, language: int, *place: int) -> tuple[torch.Tensor, int]:
        """Ids for the sampled softmax of one bundle, a function of its place in the run."""
        draw = np.random.default_rng(key_of("candidates", self.seed, language, *place))
        ids, tries = draw_candidates(draw, self.languages[language].vocabulary, self.samples)
        return torch.from_numpy(ids), tries

    def empty(self) -> SentenceBatch:
        """Nothing but padding, for a rank that has no bundle left."""
        nothing = tuple(torch.zeros((1, 2), dtype=torch.int64) for _ in self.languages)
        none = tuple(torch.empty(0, dtype=torch.int64) for _ in self.languages)
        return SentenceBatch(nothing, none, (0,) * len(self.languages), 0)


@dataclass(frozen=True, slots=True)
class SentencePlan:
    """Bundles of each chunk, int64 [languages, chunks], and each language's sentences and words in the corpus."""

    bundles: Ints
    sentences: tuple[int, ...]
    words: tuple[int, ...]


def chunks_of(places: Sequence[RowGroupPlace], size: int) -> list[Chunk]:
    """Row groups in runs of ``size``, inside which sentences are put together by length."""
    return [tuple(places[start : start + size]) for start in range(0, len(places), size)]


def plan_sentences(chunks: Sequence[Chunk], form: SentenceFormat) -> SentencePlan:
    """Reads lengths alone. Holds for every epoch."""
    counts = np.zeros((len(form.languages), len(chunks)), np.int64)
    sentences, words = [0] * len(form.languages), [0] * len(form.languages)
    data = form.data
    for number, chunk in enumerate(chunks):
        for language, found in enumerate(read_lengths(chunk, [item.name for item in form.languages])):
            kept = found[(found >= data.shortest) & (found <= data.longest)]
            counts[language, number] = len(cut_by_tokens(np.sort(kept), data.tokens)) + 1 if len(kept) else 0
            sentences[language] += len(found)
            words[language] += int(found.sum())
    return SentencePlan(counts, tuple(sentences), tuple(words))


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


class SentenceBatches(Dataset[list[SentenceBatch]]):
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
        ids, candidates, tries = [], [], []
        for language, length in enumerate(self._lengths):
            # Batches since the beginning of the run tell where this language stands.
            epoch, own = divmod(self._epoch * len(self) + batch, length)
            chunks, rows = self._order((language, epoch)).rows_of(own, slots)
            chunk, row = int(chunks[0]), int(rows[0])
            sentences, bundles = self._open.get((language, epoch, chunk), self._read)
            ids.append(torch.from_numpy(sentences.padded(bundles[row])))
            found, drawn = self._form.candidates(language, epoch, own, int(slots[0]))
            candidates.append(found)
            tries.append(drawn)
        return SentenceBatch(tuple(ids), tuple(candidates), tuple(tries), 1)

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
    nothing = torch.empty((0, 0), dtype=torch.int64)
    for language in range(len(form.languages)):
        ends = np.cumsum(plan.bundles[language])
        total = int(plan.bundles[language].sum())
        wanted = min(total, form.data.validation_bundles)
        for place in (np.arange(wanted) * total // max(1, wanted))[rank::world]:
            chunk = int(np.searchsorted(ends, place, "right"))
            row = int(place - (ends[chunk] - plan.bundles[language, chunk]))
            sentences = form.read(chunks[chunk], language)
            chosen = form.bundles(sentences.lengths, VALIDATION, chunk, language)[row]
            ids = [nothing] * len(form.languages)
            ids[language] = torch.from_numpy(sentences.padded(chosen))
            yield SentenceBatch(tuple(ids), (nothing,) * len(ids), (0,) * len(ids), 1)
