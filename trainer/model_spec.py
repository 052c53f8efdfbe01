"""What registers a model: everything that differs from one model to another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from torch import nn

from hanmill.trainer.configs.loop import LoopConfig
from hanmill.trainer.configs.stage import StageConfig
from hanmill.trainer.data.batch_source import BatchSource
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.lengths import Ranks
from hanmill.trainer.data.tagged_format import Vocabularies
from hanmill.trainer.data.vocabulary import CharacterVocabulary, Vocabulary
from hanmill.trainer.finetuning.backbone import BackboneSettings, Weights
from hanmill.trainer.objectives.objective import Objective
from hanmill.trainer.tagging.taggers import TaggerSource, Tagging, TaggingConfig

C = TypeVar("C")
M = TypeVar("M", bound=nn.Module)
P = TypeVar("P", bound="PretrainingConfig")
T = TypeVar("T", bound=TaggingConfig)

#: Rows of each vocabulary of a model, by name.
Sizes = Mapping[str, int]


class LoaderConfig(Protocol):
    """The part of ``data`` that every pretraining configuration has."""

    @property
    def workers(self) -> int:
        """Loader processes of a rank."""
        ...

    @property
    def memory_advice(self) -> str:
        """Which setting makes a step smaller."""
        ...


class PretrainingConfig(Protocol):
    """What the pretraining loop reads of a configuration."""

    @property
    def data(self) -> LoaderConfig:
        """How documents become batches."""
        ...

    @property
    def stages(self) -> tuple[StageConfig, ...]:
        """One after another."""
        ...

    @property
    def loop(self) -> LoopConfig:
        """What the loop does beside learning."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec(Generic[C, M]):
    """One model.

    ``title`` and ``summary``, a name and a sentence, are for help and model cards. ``built_in`` are the configurations
    ``trainer/configs/NAME-….yaml``. ``build`` draws the weights of the part that learns, for vocabularies of these
    sizes, from PyTorch's generator; ``nominal_sizes`` are those that ``--count-parameters`` takes where there is no
    data. ``export`` writes a run to a folder and raises CheckpointError.
    """

    name: str
    title: str
    summary: str
    config: type[C]
    built_in: tuple[str, ...]
    build: Callable[[C, Sizes], M]
    nominal_sizes: Callable[[C], Sizes]
    export: Callable[[Path, Path], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainingSpec(ModelSpec[P, M]):
    """A model that learns from a corpus, in ``hanmill.trainer.pretraining.loop``.

    ``batches`` gives the corpus in the model's batch format, ``objective`` its loss. ``sizes`` and ``vocabulary`` say
    what of the corpus the ids stand for; both raise CorpusError where the corpus lacks what the model needs.
    ``load_tables`` gives a new model what it looks up in the corpus, ``begin_stage`` prepares its weights for a stage
    that follows another. ``flops_per_token`` counts forward and backward pass of one token. ``layers`` are the kinds
    of modules that are gathered one at a time where the model is sharded. ``backbone_settings`` say what tasks are
    learnt on, None where they cannot be; ``backbone_weights`` are its weights out of the model's in a stage.
    """

    batches: Callable[[P, Corpus, Ranks], BatchSource[Any]]
    objective: Callable[[P], Objective[Any]]
    sizes: Callable[[P, Corpus], Sizes]
    vocabulary: Callable[[P, Corpus], Vocabulary]
    flops_per_token: Callable[[M, P, StageConfig], float]
    load_tables: Callable[[M, P, Corpus], None] = lambda model, config, corpus: None
    begin_stage: Callable[[M, StageConfig, Corpus], None] = lambda model, stage, corpus: None
    layers: tuple[type[nn.Module], ...] = ()
    backbone_settings: Callable[[P, CharacterVocabulary], BackboneSettings] | None = None
    backbone_weights: Callable[[Weights, StageConfig, CharacterVocabulary], Weights] = (
        lambda weights, stage, vocabulary: weights
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggingSpec(ModelSpec[T, M]):
    """A model that learns from tagged sentences, in ``hanmill.trainer.tagging.loop``.

    ``assemble`` puts together the model, its batch format and, in its forward pass, its loss, for vocabularies of the
    training set; it raises ConfigError or CheckpointError where the source does not fit.
    """

    assemble: Callable[[T, Vocabularies, TaggerSource], Tagging]
    reads_language_model: bool
