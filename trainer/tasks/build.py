"""The task of a configuration, and the number of its parameters."""

from __future__ import annotations

import torch

from trainer.config import MLMAConfig, TrainingConfig, UnihanLMConfig
from trainer.data.corpus import Corpus
from trainer.models.mlma import MLMA
from trainer.tasks.aligned_language_model import AlignedLanguageModelTask
from trainer.tasks.masked_language_model import ChineseBERTTask, UnihanLMTask, build_model
from trainer.tasks.task import AnyTask


def build_task(config: TrainingConfig, corpus: Corpus) -> AnyTask:
    """The task of a configuration. Raises CorpusError where the corpus lacks what the model needs."""
    if isinstance(config, MLMAConfig):
        return AlignedLanguageModelTask(config, corpus)
    return UnihanLMTask(config, corpus) if isinstance(config, UnihanLMConfig) else ChineseBERTTask(config, corpus)


def count_parameters(config: TrainingConfig) -> int:
    """Parameters of a configuration at its own ``vocabulary_size``; nothing is allocated."""
    with torch.device("meta"):
        if isinstance(config, MLMAConfig):
            model = MLMA(config, [config.vocabulary_size] * len(config.data.languages))
        else:
            model = build_model(config, config.vocabulary_size)
    return sum(parameter.numel() for parameter in model.parameters())
