"""The task of a configuration, and the number of its parameters."""

from __future__ import annotations

import torch

from trainer.config import MLMAConfig, TrainingConfig, UnihanLMConfig
from trainer.data.corpus import Corpus
from trainer.models.lstm_crf import LSTMCRF
from trainer.models.mlma import MLMA
from trainer.models.mom import MOM
from trainer.tagging_config import MOMConfig, TaggerConfig, TaggingConfig
from trainer.tasks.aligned_language_model import AlignedLanguageModelTask
from trainer.tasks.masked_language_model import ChineseBERTTask, UnihanLMTask, build_model
from trainer.tasks.task import AnyTask


def build_task(config: TrainingConfig, corpus: Corpus) -> AnyTask:
    """The task of a configuration. Raises CorpusError where the corpus lacks what the model needs."""
    if isinstance(config, MLMAConfig):
        return AlignedLanguageModelTask(config, corpus)
    return UnihanLMTask(config, corpus) if isinstance(config, UnihanLMConfig) else ChineseBERTTask(config, corpus)


#: What a tagger's vocabularies are taken to hold where no data is given: the layers are those of MLMA base, the words
#: Polyglot's, the tags CoNLL-2003's.
_LAYERS, _SIZE, _CHARACTERS, _WORDS, _BIGRAMS, _TAGS = 7, 1024, 100, 100_000, 5_000, 9


def count_parameters(config: TrainingConfig | TaggingConfig) -> int:
    """Parameters of a configuration at its own ``vocabulary_size``, or at nominal ones; nothing is allocated."""
    with torch.device("meta"):
        if isinstance(config, TaggerConfig):
            model: torch.nn.Module = LSTMCRF(config, _LAYERS, _SIZE, _CHARACTERS, _TAGS)
        elif isinstance(config, MOMConfig):
            model = MOM(config, _WORDS, _BIGRAMS, _TAGS)
        elif isinstance(config, MLMAConfig):
            model = MLMA(config, [config.vocabulary_size] * len(config.data.languages))
        else:
            model = build_model(config, config.vocabulary_size)
    return sum(parameter.numel() for parameter in model.parameters())
