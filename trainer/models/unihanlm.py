"""UnihanLM (Xu et al. 2020): XLM's masked language model over characters, trained first on clusters."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn

from hanmill.trainer.configs.bounds import at_least
from hanmill.trainer.configs.loop import LoopConfig
from hanmill.trainer.configs.stage import StageConfig
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.data.masking import MaskingConfig
from hanmill.trainer.data.row_format import DataConfig
from hanmill.trainer.data.specials import Specials
from hanmill.trainer.data.stream import StreamFormat
from hanmill.trainer.data.vocabulary import CharacterVocabulary
from hanmill.trainer.models.encoder import NORM_EPSILON, Encoder, EncoderConfig
from hanmill.trainer.models.windows import check_windows

#: XLM's dictionary: <s> 0, </s> 1, <pad> 2, <unk> 3, <special0…9> 4-13, of which <special1> is the mask.
SPECIALS = Specials(count=14, padding=2, unknown=3, mask=5, begin=0, end=1)
SPECIAL_TOKENS = ("<s>", "</s>", "<pad>", "<unk>", *(f"<special{number}>" for number in range(10)))


@dataclass(frozen=True, slots=True)
class UnihanLMConfig:
    """UnihanLM (Xu et al. 2020): stages must be ``cluster`` and ``character``, in this order, or one of them.

    ``vocabulary_size`` serves ``--count-parameters`` alone; a run takes its size from the corpus.
    """

    encoder: EncoderConfig
    data: DataConfig
    stages: tuple[StageConfig, ...]
    masking: MaskingConfig = field(default_factory=MaskingConfig)
    loop: LoopConfig = field(default_factory=LoopConfig)
    vocabulary_size: int = 24044

    def __post_init__(self) -> None:
        if [stage.name for stage in self.stages] not in (["cluster", "character"], ["cluster"], ["character"]):
            raise ValueError("stages cluster and character, in this order, or one of them")
        if not self.data.languages:
            raise ValueError("data.languages: at least one language, each has an embedding")
        at_least(self, 1, "vocabulary_size")
        check_windows(self.encoder, self.data, self.stages)


class UnihanLM(nn.Module):
    """Embeddings of character, position and language; encoder; output layer tied to the character embeddings.

    With 24,044 tokens, 512 positions, 2 languages, 12 layers of 1,024: 176,328,172 parameters.
    """

    def __init__(self, config: UnihanLMConfig, vocabulary_size: int) -> None:
        super().__init__()
        shape = config.encoder
        self.characters = nn.Embedding(vocabulary_size, shape.hidden)
        self.positions = nn.Embedding(shape.positions, shape.hidden)
        self.languages = nn.Embedding(len(config.data.languages), shape.hidden)
        self.embedding_norm = nn.LayerNorm(shape.hidden, eps=NORM_EPSILON)
        self.dropout = nn.Dropout(shape.dropout)
        self.encoder = Encoder(shape)
        self.output_bias = nn.Parameter(torch.zeros(vocabulary_size))
        for embedding in (self.characters, self.positions, self.languages):
            # XLM's; linear layers keep PyTorch's start, as there.
            nn.init.normal_(embedding.weight, std=shape.hidden**-0.5)

    def encode(self, batch: MaskedBatch) -> torch.Tensor:
        """Last layer's output, [rows, window, hidden]."""
        embedded = self.characters(batch.ids) + self.positions(batch.positions) + self.languages(batch.language)
        return self.encoder(self.dropout(self.embedding_norm(embedded)), batch.segments, batch.cu_seqlens)

    def scores(self, hidden: torch.Tensor) -> torch.Tensor:
        """Logits [..., vocabulary] of hidden states [..., hidden]."""
        return nn.functional.linear(hidden, self.characters.weight, self.output_bias)

    def forward(self, batch: MaskedBatch) -> torch.Tensor:
        """Logits of the places to predict, [targets, vocabulary]."""
        return self.scores(self.encode(batch).flatten(0, 1)[batch.places])

    @torch.no_grad()
    def copy_clusters(self, representative: torch.Tensor) -> None:
        """Gives each character the embedding and output bias learnt for its cluster (section 3.3).

        ``representative`` int64 [characters]: character id of the first character of each one's cluster. The
        paper copies embeddings; the bias of the tied output layer is copied with its row, or rare members of
        a frequent cluster would start at odds with their row.
        """
        first = SPECIALS.count - 1
        source = first + representative[1:].to(self.characters.weight.device)
        self.characters.weight[first + 1 :] = self.characters.weight[source]
        self.output_bias[first + 1 :] = self.output_bias[source]


def stream_format(config: UnihanLMConfig, stage: StageConfig, corpus: Corpus) -> StreamFormat:
    """Stage ``cluster`` reads each character as the first of its cluster, stage ``character`` as itself."""
    model_ids = SPECIALS.model_ids(corpus.size)
    if stage.name == "cluster":
        model_ids = model_ids[corpus.representative]
    return StreamFormat(
        specials=SPECIALS,
        model_ids=model_ids,
        data=config.data.shaped(stage.shape),
        masking=config.masking.shaped(stage.shape),
        seed=config.loop.seed,
    )


def begin_stage(model: UnihanLM, stage: StageConfig, corpus: Corpus) -> None:
    """Before ``character``, copies what was learnt for each cluster to its members."""
    if stage.name == "character":
        model.copy_clusters(torch.from_numpy(corpus.representative.astype(np.int64)))


def vocabulary(config: UnihanLMConfig, corpus: Corpus) -> CharacterVocabulary:
    """Special tokens and characters; with a stage of clusters, the first character of each one's cluster."""
    counts = corpus.counts(config.data.languages)
    model_ids = SPECIALS.model_ids(corpus.size)
    clusters = config.stages[0].name == "cluster"
    if clusters:
        of_cluster = np.zeros_like(counts)
        np.add.at(of_cluster, corpus.representative, counts)
        counts = of_cluster[corpus.representative]
    specials = range(SPECIALS.count)
    return CharacterVocabulary(
        tokens=(*SPECIAL_TOKENS, *corpus.characters[1:]),
        pinyin=(),
        normalize=corpus.normalize,
        segment=corpus.segment,
        readings=corpus.readings,
        representative=(*specials, *model_ids[corpus.representative[1:]].tolist()) if clusters else (),
        unseen=tuple(model_ids[1:][counts[1:] == 0].tolist()),
    )
