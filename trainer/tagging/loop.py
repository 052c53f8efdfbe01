"""A tagger as the fine-tuning loop takes it: Adam, a rate that falls by epoch, sentences in a new order each time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from hanmill.trainer.configs.fit import FitConfig
from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.data.tagged_batch import EncodedSentence, collate
from hanmill.trainer.data.tagged_file import TaggedSentence
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.errors import ConfigError
from hanmill.trainer.finetuning.learner import LearnerBatch
from hanmill.trainer.finetuning.loop import fit as fit_learner
from hanmill.trainer.tagging.chunks import Score
from hanmill.trainer.tagging.evaluation import evaluate, mean_cost, measures, tag_costs
from hanmill.trainer.tagging.saved import save_vocabularies
from hanmill.trainer.tagging.taggers import Tagging, TaggingConfig


def fit(tagging: Tagging, train: list[TaggedSentence], dev: list[TaggedSentence], run: Path, data: str) -> Score:
    """Trains, or continues the run in ``run``, and leaves the model as it was in its best epoch; its score.

    ``data`` is a hash of all that the run reads. Writes what ``finetuning.loop`` does and ``vocabularies.json``. Raises
    CheckpointError where the run had another configuration or other data, ConfigError under several processes, and
    TrainingDiverged.
    """
    process = Process.from_environment()
    if process.world > 1:
        raise ConfigError(f"processes found: {process.world}; a tagger learns on 1")
    encoded = [tagging.format.encode(sentence) for sentence in train]
    baseline = mean_cost(tag_costs(train), dev)
    fit_learner(_TaggerLearner(tagging, encoded, dev, baseline), run, data)
    return evaluate(tagging, dev, process.device)[0]


@dataclass(frozen=True, slots=True)
class _TaggerLearner:
    """``unigram`` is what a tagger that sees nothing pays on the development set."""

    tagging: Tagging
    train: list[EncodedSentence]
    dev: list[TaggedSentence]
    unigram: float

    @property
    def name(self) -> str:
        return self.tagging.name

    @property
    def config(self) -> TaggingConfig:
        return self.tagging.config

    @property
    def fit(self) -> FitConfig:
        return self.tagging.config.fit

    @property
    def model(self) -> nn.Module:
        return self.tagging.model

    @property
    def learnt(self) -> nn.Module:
        return self.tagging.learnt

    def begin(self, run: Path) -> None:
        save_vocabularies(run, self.tagging)

    def optimizer(self, steps: int) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.tagging.learnt.parameters(), lr=self.fit.learning_rate)

    def rate(self, step: int, steps: int, epoch: int) -> float:
        return self.fit.learning_rate * self.fit.decay**epoch

    def batches(self, epoch: int) -> list[list[int]]:
        order = np.random.default_rng(key_of("tagging", self.fit.seed, epoch)).permutation(len(self.train)).tolist()
        return [order[start : start + self.fit.batch] for start in range(0, len(order), self.fit.batch)]

    def batch(self, places: list[int]) -> LearnerBatch:
        """The loss is a mean over sentences, the logged one over words."""
        batch = collate([self.train[place] for place in places])
        words = int(batch.lengths.sum())
        return LearnerBatch(batch, len(places), words, words)

    def evaluate(self, device: torch.device) -> dict[str, float]:
        found, loss = evaluate(self.tagging, self.dev, device)
        return {"loss": loss, "unigram": self.unigram} | measures(found, self.fit)
