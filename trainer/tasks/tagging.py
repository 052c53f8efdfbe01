"""The LSTM-CRF tagger and the Mixed Orthographic Model with their vocabularies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch

from trainer.data.counter_random import key_of
from trainer.data.tagged_batch import EncodedSentence, bigrams, encode, ids_of, vocabulary_of
from trainer.data.tagged_file import TaggedSentence
from trainer.errors import ConfigError
from trainer.export.mlma import LanguageModel
from trainer.models.lstm_crf import LSTMCRF, MLMATagger
from trainer.models.mom import MOM
from trainer.tagging import Tagging
from trainer.tagging_config import MOMConfig, TaggerConfig


def mlma_vocabularies(train: Sequence[TaggedSentence]) -> dict[str, tuple[str, ...]]:
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


def tags_of(train: Sequence[TaggedSentence]) -> tuple[str, ...]:
    """All tags in order of their spelling."""
    return tuple(sorted({tag for sentence in train for tag in sentence.tags}))


def build_tagger(
    config: TaggerConfig, vocabularies: dict[str, tuple[str, ...]], language_model: LanguageModel, language: str
) -> Tagging:
    """The tagger of one language. Raises ConfigError where the language model does not know it."""
    if language not in language_model.words:
        known = ", ".join(language_model.words)
        raise ConfigError(f"language: found {language!r}, expected one of the language model's: {known}")
    shape = language_model.config.encoder
    torch.manual_seed(key_of("weights", config.fit.seed))
    learnt = LSTMCRF(config, shape.layers + 1, 2 * shape.hidden, len(vocabularies["pieces"]), len(vocabularies["tags"]))
    number = list(language_model.words).index(language)
    word_ids = ids_of(language_model.words[language])
    piece_ids, tag_ids = ids_of(vocabularies["pieces"]), ids_of(vocabularies["tags"])

    def encode_sentence(sentence: TaggedSentence) -> EncodedSentence:
        words = [word.lower() for word in sentence.words]
        return encode(words, sentence.words, sentence.tags, word_ids, piece_ids, tag_ids)

    model = MLMATagger(learnt, language_model.model, number)
    return Tagging("tagger", config, model, learnt, encode_sentence, vocabularies)


def build_mom(config: MOMConfig, vocabularies: dict[str, tuple[str, ...]]) -> Tagging:
    """The Mixed Orthographic Model."""
    torch.manual_seed(key_of("weights", config.fit.seed))
    model = MOM(config, *(len(vocabularies[name]) for name in ("words", "pieces", "tags")))
    word_ids, piece_ids, tag_ids = (ids_of(vocabularies[name]) for name in ("words", "pieces", "tags"))

    def encode_sentence(sentence: TaggedSentence) -> EncodedSentence:
        words = [word.lower() for word in sentence.words]
        return encode(words, [bigrams(word) for word in sentence.roman], sentence.tags, word_ids, piece_ids, tag_ids)

    return Tagging("mom", config, model, model, encode_sentence, vocabularies)


@torch.no_grad()
def load_word_vectors(tagging: Tagging, vectors: Mapping[str, npt.NDArray[np.float32]]) -> int:
    """Gives the words of a Mixed Orthographic Model the vectors of another training; returns how many had one."""
    assert isinstance(tagging.learnt, MOM)
    ids = ids_of(tagging.vocabularies["words"])
    found = [word for word in vectors if word in ids]
    if found:
        rows = torch.from_numpy(np.stack([vectors[word] for word in found]))
        tagging.learnt.words.weight[[ids[word] for word in found]] = rows
    return len(found)
