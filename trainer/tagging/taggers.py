"""The LSTM-CRF tagger and the Mixed Orthographic Model with their vocabularies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from hanmill.trainer.configs.fit import FitConfig
from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.data.tagged_file import ColumnsConfig, TaggedSentence
from hanmill.trainer.data.tagged_format import (
    TaggedFormat,
    Vocabularies,
    bigrams,
    characters,
    ids_of,
    roman_bigrams,
    tags_of,
    vocabulary_of,
)
from hanmill.trainer.errors import CheckpointError, ConfigError
from hanmill.trainer.models.lstm_crf import LSTMCRF, MLMATagger, TaggerConfig
from hanmill.trainer.models.mom import MOM, MOMConfig
from hanmill.trainer.tagging.language_model import load_language_model


class TaggingConfig(Protocol):
    """What the tagging loop reads of a configuration."""

    @property
    def fit(self) -> FitConfig:
        """How the tagger learns."""
        ...

    @property
    def columns(self) -> ColumnsConfig:
        """How its files are read."""
        ...


@dataclass(frozen=True, slots=True)
class TaggerSource:
    """What a tagger was made from: the folder of its language model, if it reads one, its language, and the others it
    learns from too.
    """

    language_model: Path | None
    language: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tagging:
    """A tagger ready to learn.

    ``model`` gives the summed loss of a TaggedBatch and decodes; ``learnt`` is the part of it that learns and is
    saved. ``vocabularies`` holds at least ``tags``, by id.
    """

    name: str
    config: TaggingConfig
    model: MLMATagger | MOM
    learnt: nn.Module
    format: TaggedFormat
    vocabularies: Vocabularies


def tagger_vocabularies(train: Sequence[TaggedSentence]) -> dict[str, tuple[str, ...]]:
    """Characters and tags of the training set; words are the language model's."""
    return {
        "pieces": vocabulary_of(character for sentence in train for word in sentence.words for character in word),
        "tags": tags_of(train),
    }


def mom_vocabularies(train: Sequence[TaggedSentence], vectors: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
    """Lower-cased words seen twice or more or given ``vectors``, bigrams of the romanised words, and tags."""
    words = vocabulary_of((word.lower() for sentence in train for word in sentence.words), least=2)
    known = set(words)
    return {
        "words": (*words, *(word for word in vectors if word not in known)),
        "pieces": vocabulary_of(piece for sentence in train for word in sentence.roman for piece in bigrams(word)),
        "tags": tags_of(train),
    }


def assemble_tagger(config: TaggerConfig, vocabularies: Vocabularies, source: TaggerSource) -> Tagging:
    """The tagger of one language. Raises ConfigError where the language model does not know it, CheckpointError."""
    if source.language_model is None:
        raise CheckpointError(f"language model of the tagger in {source.language}: found none, expected an MLMA")
    language_model = load_language_model(source.language_model)
    if source.language not in language_model.words:
        known = ", ".join(language_model.words)
        raise ConfigError(f"language: found {source.language!r}, expected one of the language model's: {known}")
    shape = language_model.config.encoder
    torch.manual_seed(key_of("weights", config.fit.seed))
    learnt = LSTMCRF(config, shape.layers + 1, 2 * shape.hidden, len(vocabularies["pieces"]), len(vocabularies["tags"]))
    model = MLMATagger(learnt, language_model.model, list(language_model.words).index(source.language))
    languages = {name: (number, ids_of(words)) for number, (name, words) in enumerate(language_model.words.items())}
    pieces, tags = (ids_of(vocabularies[name]) for name in ("pieces", "tags"))
    form = TaggedFormat(languages[source.language][1], pieces, tags, characters, languages)
    return Tagging("tagger", config, model, learnt, form, vocabularies)


def assemble_mom(config: MOMConfig, vocabularies: Vocabularies, source: TaggerSource) -> Tagging:
    """The Mixed Orthographic Model, which reads no language model."""
    torch.manual_seed(key_of("weights", config.fit.seed))
    model = MOM(config, *(len(vocabularies[name]) for name in ("words", "pieces", "tags")))
    words, pieces, tags = (ids_of(vocabularies[name]) for name in ("words", "pieces", "tags"))
    return Tagging("mom", config, model, model, TaggedFormat(words, pieces, tags, roman_bigrams), vocabularies)


@torch.no_grad()
def load_word_vectors(tagging: Tagging, vectors: Mapping[str, npt.NDArray[np.float32]]) -> None:
    """Gives the words of a Mixed Orthographic Model the vectors of another training."""
    assert isinstance(tagging.learnt, MOM)
    ids = ids_of(tagging.vocabularies["words"])
    found = [word for word in vectors if word in ids]
    if found:
        rows = torch.from_numpy(np.stack([vectors[word] for word in found]))
        tagging.learnt.words.weight[[ids[word] for word in found]] = rows
