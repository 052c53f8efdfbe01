"""UnihanLM and ChineseBERT: a model, the way it takes its input, and what happens between its stages."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from schemas.corpus import GLYPH_BYTES, SYLLABLE_LENGTH
from trainer.config import ChineseBERTConfig, StageConfig, UnihanLMConfig
from trainer.data.batch import Batch
from trainer.data.corpus import Corpus
from trainer.data.input_format import InputFormat
from trainer.data.loader import EpochBatches, Plan, count_targets, count_tokens, plan_epoch, validation_batches
from trainer.data.recent import Recent
from trainer.errors import CorpusError
from trainer.metrics import flops_per_token
from trainer.models import chinesebert, unihanlm
from trainer.models.chinesebert import ChineseBERT
from trainer.models.unihanlm import UnihanLM
from trainer.tasks.task import Measure, Validation
from trainer.vocabulary import Vocabulary

MaskedLanguageModelConfig = UnihanLMConfig | ChineseBERTConfig


def build_model(config: MaskedLanguageModelConfig, vocabulary_size: int) -> UnihanLM | ChineseBERT:
    """The model of a configuration, its weights drawn from PyTorch's generator."""
    if isinstance(config, UnihanLMConfig):
        return UnihanLM(config, vocabulary_size)
    return ChineseBERT(config, vocabulary_size)


def build_input_format(config: MaskedLanguageModelConfig, stage: StageConfig, corpus: Corpus) -> InputFormat:
    """How documents become batches of a model in a stage: UnihanLM's stream, ChineseBERT's packed inputs."""
    if isinstance(config, UnihanLMConfig):
        model_ids = unihanlm.SPECIALS.model_ids(corpus.size)
        if stage.name == "cluster":
            model_ids = model_ids[corpus.representative]
        return InputFormat(
            specials=unihanlm.SPECIALS,
            model_ids=model_ids,
            data=config.data,
            masking=config.masking,
            single=None,
            syllables=1 << 16,
            default_pinyin=None,
            with_language=True,
            seed=config.loop.seed,
        )
    return InputFormat(
        specials=chinesebert.SPECIALS,
        model_ids=chinesebert.SPECIALS.model_ids(corpus.size),
        data=config.data,
        masking=config.masking,
        single=config.single,
        syllables=len(corpus.syllables),
        default_pinyin=corpus.default_pinyin,
        with_language=False,
        seed=config.loop.seed,
    )


class MaskedLanguageModelTask:
    """What both models share: the order of rows, the loss and the unigram baseline."""

    model: UnihanLM | ChineseBERT

    def __init__(self, config: MaskedLanguageModelConfig, corpus: Corpus) -> None:
        if corpus.size < 2:
            raise CorpusError(f"{corpus.folder}: characters in the table: {corpus.size - 1}, needed: at least 1")
        self._config, self._corpus = config, corpus
        self._plans: Recent[int, Plan] = Recent(2)

    def input_format(self, stage: StageConfig) -> InputFormat:
        """UnihanLM's stream, by stage; ChineseBERT's packed inputs, the same in every stage."""
        return build_input_format(self._config, stage, self._corpus)

    def epoch_batches(self, stage: StageConfig, epoch: int, rank: int, world: int) -> EpochBatches:
        """Rows of the training shards."""
        form = self.input_format(stage)
        return EpochBatches(self._corpus.train, form, self._plan(form, epoch).counts, epoch, rank, world)

    def validation_batches(self, stage: StageConfig, epoch: int, rank: int, world: int) -> Iterator[Batch]:
        """A share of the validation shards; ``epoch`` is the one whose sentences the unigram baseline counts."""
        form = self.input_format(stage)
        closings = self._plan(form, epoch).sentences
        self._unigram = unigram_counts(form, self._corpus.counts(form.data.languages), closings)
        return validation_batches(self._corpus.validation, form, rank, world)

    def measure(self, batches: list[Batch]) -> Measure:
        """Masked tokens, tokens, tokens and padding."""
        return Measure(count_targets(batches), count_tokens(batches), sum(batch.ids.numel() for batch in batches))

    def loss_sum(self, replica: nn.Module, batch: Batch) -> torch.Tensor:
        """Sum over the masked tokens."""
        return loss_sum(replica, batch)

    def validate(self, model: nn.Module, batch: Batch) -> Validation:
        """Loss and baseline of one batch."""
        # A batch without targets takes its forward pass too: the other ranks of a sharded model wait for it.
        loss = float(loss_sum(model, batch))
        targets = len(batch.targets)
        baseline = unigram_loss(self._unigram, np.asarray(batch.targets.cpu())) * targets if targets else 0.0
        return Validation(loss, baseline, targets)

    def flops_per_token(self) -> float:
        """Forward and backward."""
        return flops_per_token(self.model, self._config)

    def _plan(self, form: InputFormat, epoch: int) -> Plan:
        return self._plans.get(epoch, lambda epoch: plan_epoch(self._corpus.train, form, epoch))


class UnihanLMTask(MaskedLanguageModelTask):
    """Stage ``cluster`` reads each character as the first of its cluster, stage ``character`` as itself."""

    def __init__(self, config: UnihanLMConfig, corpus: Corpus) -> None:
        super().__init__(config, corpus)
        self.model = UnihanLM(config, unihanlm.SPECIALS.vocabulary_size(corpus.size))

    def begin(self, stage: StageConfig) -> None:
        """Before ``character``, copies what was learnt for each cluster to its members."""
        if stage.name == "character":
            self.model.copy_clusters(torch.from_numpy(self._corpus.representative.astype(np.int64)))

    def vocabulary(self) -> Vocabulary:
        """Special tokens and characters."""
        return Vocabulary((*unihanlm.SPECIAL_TOKENS, *self._corpus.characters[1:]), ())


class ChineseBERTTask(MaskedLanguageModelTask):
    """Packed and single inputs with pinyin."""

    def __init__(self, config: ChineseBERTConfig, corpus: Corpus) -> None:
        super().__init__(config, corpus)
        size = chinesebert.SPECIALS.vocabulary_size(corpus.size)
        self.model = ChineseBERT(config, size)
        self.model.load_tables(glyph_table(corpus), corpus.syllables)

    def begin(self, stage: StageConfig) -> None:
        """Nothing to prepare."""

    def vocabulary(self) -> Vocabulary:
        """Special tokens and characters, each with its reading without context."""
        corpus = self._corpus
        spelled = corpus.syllables[corpus.default_pinyin[1:]].tolist()
        nothing = [[0] * SYLLABLE_LENGTH] * chinesebert.SPECIALS.count
        tokens = (*chinesebert.SPECIAL_TOKENS, *corpus.characters[1:])
        return Vocabulary(tokens, tuple(tuple(spelling) for spelling in (*nothing, *spelled)))


def glyph_table(corpus: Corpus) -> npt.NDArray[np.uint8]:
    """Bitmaps by ChineseBERT's model ids, uint8 [vocabulary, 1728]; zeros for the special tokens."""
    specials = np.zeros((chinesebert.SPECIALS.count, GLYPH_BYTES), np.uint8)
    return np.concatenate((specials, corpus.glyphs[1:]))


def loss_sum(model: nn.Module, batch: Batch) -> torch.Tensor:
    """Sum of the cross-entropies, in nats, of all places to predict; 0 where there are none."""
    return nn.functional.cross_entropy(model(batch).float(), batch.targets, reduction="sum")


def unigram_loss(counts: npt.NDArray[np.int64], targets: npt.NDArray[np.int64]) -> float:
    """Mean nats a target under add-one smoothed ``counts`` [vocabulary]: what a model that ignores context pays."""
    smoothed = counts.astype(np.float64) + 1
    return float(-np.log(smoothed / smoothed.sum())[targets].mean()) if len(targets) else float("nan")


def unigram_counts(form: InputFormat, characters: npt.NDArray[np.int64], closings: int) -> npt.NDArray[np.int64]:
    """Occurrences of each model id; ``closings`` are sentence ends, a target of streams alone."""
    counts = np.zeros(form.specials.vocabulary_size(len(characters)), np.int64)
    np.add.at(counts, form.model_ids, characters)
    if form.single is None:
        counts[form.specials.end] += closings
    return counts
