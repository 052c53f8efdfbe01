"""MLMA: language models of several languages, trained side by side and aligned."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from trainer.config import MLMAConfig, StageConfig
from trainer.data.corpus import Corpus
from trainer.data.sentence_batch import END, UNKNOWN, SentenceBatch
from trainer.data.sentence_batches import (
    Language,
    SentenceBatches,
    SentenceFormat,
    SentencePlan,
    chunks_of,
    plan_sentences,
    validation_bundles,
)
from trainer.data.word_sentences import vocabulary_size
from trainer.errors import CheckpointError
from trainer.models.mlma import MLMA, neighbours
from trainer.tasks.task import Measure, Validation

_NAME = "words.json"


@dataclass(frozen=True, slots=True)
class WordVocabularies:
    """The words of each language by model id; ids 0 and 1, the end and the unknown word, are empty."""

    words: dict[str, tuple[str, ...]]

    def save(self, run: Path) -> None:
        """Writes ``words.json``."""
        (run / _NAME).write_text(json.dumps(self.words, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, run: Path) -> WordVocabularies:
        """Reads ``words.json``. Raises CheckpointError naming the file."""
        path = run / _NAME
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
            return cls({language: tuple(words) for language, words in value.items()})
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise CheckpointError(f"{path}: found no word vocabularies of a run ({error})") from error


class AlignedLanguageModelTask:
    """Targets are bundles: the loss of a step is the mean over the forward passes of its global batch."""

    def __init__(self, config: MLMAConfig, corpus: Corpus) -> None:
        self._config, self._corpus = config, corpus
        names = config.data.languages
        sizes = [len(corpus.words(name)) for name in names]
        languages = [
            Language(name, size, vocabulary_size(size, config.vocabulary_size))
            for name, size in zip(names, sizes, strict=True)
        ]
        self._form = SentenceFormat(config.data, tuple(languages), config.samples, config.loop.seed)
        self._chunks = chunks_of(corpus.train, config.data.shuffle_row_groups)
        self.model = MLMA(config, [language.vocabulary for language in languages])
        if config.alignment.method == "identical":
            self.model.load_identical([self._identical(*pair) for pair in combinations(languages, 2)])

    def begin(self, stage: StageConfig) -> None:
        """Nothing to prepare."""

    def vocabulary(self) -> WordVocabularies:
        """Words by model id."""
        words = {}
        for language in self._form.languages:
            found = self._corpus.words(language.name)["word"].to_pylist()
            words[language.name] = ("", *found)[: language.vocabulary]
        return WordVocabularies(words)

    def epoch_batches(self, stage: StageConfig, epoch: int, rank: int, world: int) -> SentenceBatches:
        """Sentences of the training shards."""
        return SentenceBatches(self._chunks, self._form, self._plan, epoch, rank, world)

    def validation_batches(self, stage: StageConfig, epoch: int, rank: int, world: int) -> Iterator[SentenceBatch]:
        """Sentences of the validation shards."""
        chunks, plan = self._validation
        return validation_bundles(chunks, self._form, plan, rank, world)

    def measure(self, batches: list[SentenceBatch]) -> Measure:
        """Bundles, words, words and padding of all languages."""
        rows = [ids for batch in batches if batch.real for ids in batch.ids]
        words = sum(int(torch.count_nonzero(ids)) for ids in rows)
        return Measure(sum(batch.real for batch in batches), words, sum(ids.numel() for ids in rows))

    def loss_sum(self, replica: nn.Module, batch: SentenceBatch) -> torch.Tensor:
        """L_lm + L_reg of one bundle of each language (section 2.3)."""
        words, alignment = replica(batch)
        return (words.sum() if self._config.weighting == "paper" else words.mean()) + alignment

    def validate(self, model: nn.Module, batch: SentenceBatch) -> Validation:
        """Nats of every word, forwards and backwards, over the whole vocabulary, without alignment."""
        loss = unigram = 0.0
        targets = 0
        for language, (ids, mean) in enumerate(zip(batch.ids, model(batch).words.tolist(), strict=True)):
            if not ids.numel():
                continue
            wanted = [side[ids != END].cpu().numpy() for side in neighbours(ids)]
            loss += mean * len(wanted[0])
            unigram += float(sum(self._unigrams[language][side].sum() for side in wanted))
            targets += sum(map(len, wanted))
        return Validation(loss, unigram, targets)

    def flops_per_token(self) -> float:
        """6·N + 12·(S + 1)·H: N parameters of both stacks, S samples scored in both directions, H units.

        Attention, short beside these in sentences, and the distances of the alignment are not counted.
        """
        stacks = sum(p.numel() for name, p in self.model.named_parameters() if not name.startswith("words."))
        return 6.0 * stacks + 12.0 * (self._config.samples + 1) * self._config.encoder.hidden

    @cached_property
    def _plan(self) -> SentencePlan:
        return plan_sentences(self._chunks, self._form)

    @cached_property
    def _validation(self) -> tuple[list, SentencePlan]:
        chunks = chunks_of(self._corpus.validation, self._config.data.shuffle_row_groups)
        return chunks, plan_sentences(chunks, self._form)

    @cached_property
    def _unigrams(self) -> list[npt.NDArray[np.float64]]:
        """Nats of each model id, add-one smoothed, a language each; words outside the vocabulary are unknown."""
        costs = []
        for item, sentences, words in zip(self._form.languages, self._plan.sentences, self._plan.words, strict=True):
            known = self._corpus.words(item.name)["count"].to_numpy()[1 : item.vocabulary - UNKNOWN].astype(np.float64)
            counts = np.concatenate(([sentences, max(0.0, words - known.sum())], known)) + 1
            costs.append(-np.log(counts / counts.sum()))
        return costs

    def _identical(self, first: Language, second: Language) -> npt.NDArray[np.int64]:
        ids = self._corpus.identical(first.name, second.name) + UNKNOWN
        return ids[(ids[:, 0] < first.vocabulary) & (ids[:, 1] < second.vocabulary)]
