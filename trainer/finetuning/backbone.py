"""The pretrained part of a fine-tuned model: what it is, built and read from wherever it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import torch

from hanmill.schemas.recipe import NormalizeRecipe, ReadingsRecipe, SegmentRecipe
from hanmill.schemas.typed_mapping import SettingError, from_mapping
from hanmill.trainer.configs.stage import StageConfig
from hanmill.trainer.data.row_format import DataConfig
from hanmill.trainer.data.specials import Specials
from hanmill.trainer.data.vocabulary import CharacterVocabulary
from hanmill.trainer.errors import CheckpointError
from hanmill.trainer.export.unihanlm import rows_of_clusters
from hanmill.trainer.models import chinesebert, unihanlm
from hanmill.trainer.models.bert import BERT
from hanmill.trainer.models.chinesebert import ChineseBERT, ChineseBERTConfig
from hanmill.trainer.models.encoder import EncoderConfig
from hanmill.trainer.models.unihanlm import UnihanLM, UnihanLMConfig
from hanmill.trainer.runs.checkpoint import newest_checkpoint, run_folder
from hanmill.trainer.runs.checkpoint_folder import INDEX

Weights = dict[str, torch.Tensor]
Kind = Literal["bert", "chinesebert", "unihanlm"]


@dataclass(frozen=True, slots=True)
class BackboneSettings:
    """All that is needed to build the encoder and to give it text; the weights are apart.

    ``tokens`` by id; with ``word_pieces`` some are pieces of words (``##ing``), else all but the special ones are
    characters. ``pinyin`` is the reading of each token without context, eight symbols each, for ChineseBERT.
    """

    kind: Kind
    encoder: EncoderConfig
    tokens: tuple[str, ...]
    special: Specials
    normalize: NormalizeRecipe = field(default_factory=NormalizeRecipe)
    segment: SegmentRecipe = field(default_factory=SegmentRecipe)
    readings: ReadingsRecipe = field(default_factory=ReadingsRecipe)
    languages: tuple[str, ...] = ()
    word_pieces: bool = False
    token_types: int = 2
    pinyin: tuple[tuple[int, ...], ...] = ()
    pinyin_embedding: int = 128
    glyph_scale: float = 255.0
    glyph_trainable: bool = False
    features: tuple[Literal["character", "glyph", "pinyin"], ...] = ("character", "glyph", "pinyin")

    def build(self) -> BERT | ChineseBERT | UnihanLM:
        """The module, its weights drawn."""
        if self.kind == "bert":
            return BERT(self.encoder, len(self.tokens), self.token_types)
        if self.kind == "unihanlm":
            return UnihanLM(self.unihanlm_config(), len(self.tokens))
        return ChineseBERT(self.chinesebert_config(), len(self.tokens))

    def unihanlm_config(self) -> UnihanLMConfig:
        """As for pretraining; its data and stage say nothing."""
        return UnihanLMConfig(self.encoder, self._data(), (StageConfig("character", 1, 0.0, 0, "constant"),))

    def chinesebert_config(self) -> ChineseBERTConfig:
        """As for pretraining; its data and stage say nothing."""
        return ChineseBERTConfig(
            self.encoder, self._data(), (StageConfig("pretraining", 1, 0.0, 0, "constant"),),
            pinyin_embedding=self.pinyin_embedding, glyph_scale=self.glyph_scale, glyph_trainable=self.glyph_trainable,
            features=self.features,
        )  # fmt: skip

    def _data(self) -> DataConfig:
        return DataConfig(self.encoder.positions, 1, 1, languages=self.languages or ("zh",))


@dataclass(frozen=True, slots=True)
class Backbone:
    """Settings and weights, by the names of the module that ``settings.build`` gives.

    Heads of pretraining may be missing; ``remarks`` say what is.
    """

    settings: BackboneSettings
    weights: Weights
    remarks: tuple[str, ...] = ()

    def module(self) -> BERT | ChineseBERT | UnihanLM:
        """The encoder with these weights. Raises CheckpointError naming a tensor of a wrong shape."""
        module = self.settings.build()
        load_weights(module, self.weights, "model")
        return module


def load_weights(module: torch.nn.Module, weights: Mapping[str, torch.Tensor], place: str) -> None:
    """Gives a module the weights there are. Raises CheckpointError naming tensor and shapes where one does not fit."""
    own = module.state_dict()
    if isinstance(module, ChineseBERT) and "pinyin.spelling" in weights:
        # A table of the corpus, as long as that has syllables.
        module.pinyin.spelling = weights["pinyin.spelling"].clone()
        own = module.state_dict()
    for name, tensor in weights.items():
        if name not in own:
            raise CheckpointError(f"{place}: tensor {name} found, expected none of this name")
        if own[name].shape != tensor.shape:
            raise CheckpointError(
                f"{place}: tensor {name}: shape found: {list(tensor.shape)}, expected {list(own[name].shape)}"
            )
    module.load_state_dict(dict(weights), strict=False)


def load_run(folder: Path) -> Backbone:
    """The newest checkpoint of a run of UnihanLM or ChineseBERT, or the one named. Raises CheckpointError."""
    path, checkpoint = newest_checkpoint(folder)
    if checkpoint.model not in ("unihanlm", "chinesebert"):
        raise CheckpointError(f"{path}: run of {checkpoint.model}, expected one of unihanlm or chinesebert")
    vocabulary = CharacterVocabulary.load(run_folder(folder))
    weights = dict(checkpoint.weights)
    try:
        if checkpoint.model == "unihanlm":
            config = from_mapping(UnihanLMConfig, checkpoint.config)
            weights = unihanlm_weights(weights, config.stages[checkpoint.progress.stage], vocabulary)
            return Backbone(unihanlm_settings(config, vocabulary), weights)
        return Backbone(chinesebert_settings(from_mapping(ChineseBERTConfig, checkpoint.config), vocabulary), weights)
    except SettingError as error:
        raise CheckpointError(f"{path}: {error}") from error


def unihanlm_settings(config: UnihanLMConfig, vocabulary: CharacterVocabulary) -> BackboneSettings:
    """Of a run. A text begins with the end of what was before it, as in XLM."""
    special = replace(unihanlm.SPECIALS, begin=unihanlm.SPECIALS.end)
    languages = config.data.languages
    return BackboneSettings(
        "unihanlm", config.encoder, special=special, languages=languages, **_text_settings(vocabulary)
    )


def unihanlm_weights(weights: Weights, stage: StageConfig, vocabulary: CharacterVocabulary) -> Weights:
    """Of a stage of clusters, each character with the row of its cluster's first, as the next stage would begin."""
    return rows_of_clusters(weights, vocabulary) if stage.name == "cluster" else weights


def chinesebert_settings(config: ChineseBERTConfig, vocabulary: CharacterVocabulary) -> BackboneSettings:
    """Of a run."""
    return BackboneSettings(
        "chinesebert", config.encoder, special=chinesebert.SPECIALS, languages=config.data.languages,
        token_types=chinesebert.TOKEN_TYPES, pinyin=vocabulary.pinyin, pinyin_embedding=config.pinyin_embedding,
        glyph_scale=config.glyph_scale, glyph_trainable=config.glyph_trainable, features=config.features,
        **_text_settings(vocabulary),
    )  # fmt: skip


def _text_settings(vocabulary: CharacterVocabulary) -> dict[str, Any]:
    return {
        "tokens": vocabulary.tokens, "normalize": vocabulary.normalize, "segment": vocabulary.segment,
        "readings": vocabulary.readings,
    }  # fmt: skip


def is_run(folder: Path) -> bool:
    """Whether a folder is a run of ours or one of its checkpoints."""
    return (folder / INDEX).is_file() or (folder / "checkpoints").is_dir()
