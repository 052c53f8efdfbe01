"""Configurations of the taggers, and how their column files are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ColumnsConfig:
    """How a column file is read. Columns count from 0, or from the end with -1.

    ``roman`` is the column of romanised words, if there is one. ``comment`` begins lines before a sentence that are
    no words (``#`` in CoNLL-U and GermEval); empty: there are none. ``prefix`` is taken off words, ``{language}``
    in it being the file's language (``{language}:`` in WikiAnn). ``tag_set`` ``irex`` maps IREX's eight kinds to
    CoNLL's four. ``units`` ``characters`` makes each character a word with B-W or I-W for its tag: word segmentation.
    """

    word: int = 0
    tag: int = -1
    roman: int | None = None
    comment: str = ""
    prefix: str = ""
    tag_set: Literal["as_is", "irex"] = "as_is"
    units: Literal["words", "characters"] = "words"


@dataclass(frozen=True, slots=True)
class FitConfig:
    """Learning from tagged sentences with Adam, in shuffled batches of ``batch`` sentences.

    The rate falls by the factor ``decay`` after each epoch. The epoch with the best ``metric`` on the development
    set is kept; after ``patience`` epochs without a better one training ends. ``f1`` counts chunks as conlleval
    does, ``accuracy`` tokens.
    """

    epochs: int
    patience: int
    batch: int = 20
    learning_rate: float = 0.001
    decay: float = 0.9
    metric: Literal["f1", "accuracy"] = "f1"
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("epochs", "patience", "batch"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} of at least 1")
        if not 0 < self.decay <= 1:
            raise ValueError("decay above 0 and at most 1")


@dataclass(frozen=True, slots=True)
class TaggerConfig:
    """LSTM-CRF over frozen MLMA layers (Bao et al. 2019, section 3.3).

    ``layer_sum`` is ``self`` (self-weighted) or ``fully`` (fully weighted). The paper has no characters where the
    scripts of the languages differ, nor for parts of speech. It says that the rate decays "by 0.1"; the authors'
    program multiplies it by 0.9, which is our default: 0.1 would end learning after two epochs.
    """

    fit: FitConfig
    columns: ColumnsConfig = ColumnsConfig()
    layer_sum: Literal["self", "fully"] = "self"
    characters: bool = True
    character_embedding: int = 100
    character_hidden: int = 100
    word_hidden: int = 300
    dropout: float = 0.5


@dataclass(frozen=True, slots=True)
class MOMConfig:
    """Mixed Orthographic Model (Johnson et al. 2019, section 4.2).

    Words seen once in training share the unknown word's embedding, which else would never learn.
    """

    fit: FitConfig
    columns: ColumnsConfig = ColumnsConfig()
    character_embedding: int = 50
    character_hidden: int = 100
    word_embedding: int = 64
    word_hidden: int = 300
    dropout: float = 0.5


TaggingConfig = TaggerConfig | MOMConfig
