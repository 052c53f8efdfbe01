"""Every model there is, by name: commands, configurations, loops and exports find a model here."""

from __future__ import annotations

from typing import Any

import torch

from hanmill.trainer.data.row_source import RowSource
from hanmill.trainer.data.sentence_source import SentenceSource
from hanmill.trainer.errors import ConfigError
from hanmill.trainer.export.chinesebert import export_chinesebert
from hanmill.trainer.export.mlma import export_language_model
from hanmill.trainer.export.tagger import export_tagger
from hanmill.trainer.export.unihanlm import export_unihanlm
from hanmill.trainer.finetuning.backbone import chinesebert_settings, unihanlm_settings, unihanlm_weights
from hanmill.trainer.model_spec import ModelSpec, PretrainingSpec, TaggingSpec
from hanmill.trainer.models import chinesebert, frozen_table, mlma, unihanlm
from hanmill.trainer.models.encoder import EncoderLayer
from hanmill.trainer.models.flops import masked_flops_per_token
from hanmill.trainer.models.lstm_crf import LSTMCRF, TaggerConfig
from hanmill.trainer.models.mom import MOM, MOMConfig
from hanmill.trainer.objectives.aligned_language_model import AlignedLanguageModelling
from hanmill.trainer.objectives.masked_language_model import MaskedLanguageModelling
from hanmill.trainer.tagging.taggers import assemble_mom, assemble_tagger

UNIHANLM = PretrainingSpec(
    name="unihanlm",
    title="UnihanLM",
    summary="XLM over characters, trained first on clusters of variants (Xu et al. 2020).",
    config=unihanlm.UnihanLMConfig,
    built_in=("tiny", "base", "large"),
    build=lambda config, sizes: unihanlm.UnihanLM(config, sizes["tokens"]),
    nominal_sizes=lambda config: {"tokens": config.vocabulary_size},
    sizes=lambda config, corpus: {"tokens": unihanlm.SPECIALS.vocabulary_size(corpus.size)},
    vocabulary=unihanlm.vocabulary,
    batches=lambda config, corpus, ranks: RowSource(
        corpus, config.data.languages, lambda stage: unihanlm.stream_format(config, stage, corpus), ranks
    ),
    objective=lambda config: MaskedLanguageModelling(),
    begin_stage=unihanlm.begin_stage,
    flops_per_token=masked_flops_per_token,
    layers=(EncoderLayer,),
    export=export_unihanlm,
    backbone_settings=unihanlm_settings,
    backbone_weights=unihanlm_weights,
)

CHINESEBERT = PretrainingSpec(
    name="chinesebert",
    title="ChineseBERT",
    summary="BERT whose input fuses character, glyph and pinyin (Sun et al. 2021).",
    config=chinesebert.ChineseBERTConfig,
    built_in=("tiny", "base", "large"),
    build=lambda config, sizes: chinesebert.ChineseBERT(config, sizes["tokens"]),
    nominal_sizes=lambda config: {"tokens": config.vocabulary_size},
    sizes=lambda config, corpus: {"tokens": chinesebert.SPECIALS.vocabulary_size(corpus.size)},
    vocabulary=chinesebert.vocabulary,
    batches=lambda config, corpus, ranks: RowSource(
        corpus, config.data.languages, lambda stage: chinesebert.packed_format(config, stage, corpus), ranks
    ),
    objective=lambda config: MaskedLanguageModelling(),
    load_tables=chinesebert.load_corpus_tables,
    flops_per_token=masked_flops_per_token,
    layers=(EncoderLayer,),
    export=export_chinesebert,
    backbone_settings=chinesebert_settings,
)

MLMA = PretrainingSpec(
    name="mlma",
    title="MLMA",
    summary="A forward and a backward language model over words, languages aligned (Bao et al. 2019).",
    config=mlma.MLMAConfig,
    built_in=("tiny", "base"),
    build=lambda config, sizes: mlma.MLMA(config, list(sizes.values())),
    nominal_sizes=lambda config: dict.fromkeys(config.data.languages, config.vocabulary_size),
    sizes=lambda config, corpus: {item.name: item.vocabulary for item in mlma.languages_of(config, corpus)},
    vocabulary=mlma.vocabulary,
    batches=lambda config, corpus, ranks: SentenceSource(
        corpus, lambda stage: mlma.sentence_format(config, stage, corpus), config.stages[0], ranks
    ),
    objective=lambda config: AlignedLanguageModelling(config.weighting),
    load_tables=mlma.load_identical_words,
    flops_per_token=mlma.flops_per_token,
    layers=(mlma.Block,),
    export=export_language_model,
)

TAGGER: TaggingSpec[TaggerConfig, LSTMCRF] = TaggingSpec(
    name="tagger",
    title="LSTM-CRF tagger",
    summary="LSTM-CRF over frozen MLMA layers (Bao et al. 2019), see `language_model/`.",
    config=TaggerConfig,
    built_in=("tiny", "base"),
    build=lambda config, sizes: LSTMCRF(config, sizes["layers"], sizes["units"], sizes["pieces"], sizes["tags"]),
    # Layers of MLMA base, the tags of CoNLL-2003.
    nominal_sizes=lambda config: {"layers": 7, "units": 1024, "pieces": 100, "tags": 9},
    assemble=assemble_tagger,
    reads_language_model=True,
    export=lambda run, output: export_tagger(TAGGER, run, output),
)

MIXED_ORTHOGRAPHIC: TaggingSpec[MOMConfig, MOM] = TaggingSpec(
    name="mom",
    title="Mixed Orthographic Model",
    summary="Words beside romanised character bigrams (Johnson et al. 2019).",
    config=MOMConfig,
    built_in=("tiny", "base"),
    build=lambda config, sizes: MOM(config, sizes["words"], sizes["pieces"], sizes["tags"]),
    # Polyglot's words, the tags of CoNLL-2003.
    nominal_sizes=lambda config: {"words": 100_000, "pieces": 5_000, "tags": 9},
    assemble=assemble_mom,
    reads_language_model=False,
    export=lambda run, output: export_tagger(MIXED_ORTHOGRAPHIC, run, output),
)

MODELS: dict[str, ModelSpec[Any, Any]] = {
    spec.name: spec for spec in (UNIHANLM, CHINESEBERT, MLMA, TAGGER, MIXED_ORTHOGRAPHIC)
}


def find_model(name: str) -> ModelSpec[Any, Any]:
    """Raises ConfigError naming the models there are."""
    if name not in MODELS:
        raise ConfigError(f"model: found {name!r}, expected one of {', '.join(MODELS)}")
    return MODELS[name]


def count_parameters(spec: ModelSpec[Any, Any], config: object) -> int:
    """Numbers of a model, a frozen table's too, at nominal vocabulary sizes; nothing is allocated."""
    with torch.device("meta"):
        model = spec.build(config, spec.nominal_sizes(config))
    return frozen_table.count_parameters(model)
