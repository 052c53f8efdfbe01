"""Training configurations as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """Shape of the Transformer encoder. ``positions`` is the longest input in tokens."""

    layers: int
    hidden: int
    heads: int
    feed_forward: int
    positions: int = 512
    dropout: float = 0.1
    attention_dropout: float = 0.1

    def __post_init__(self) -> None:
        if self.hidden % self.heads:
            raise ValueError(f"hidden ({self.hidden}) divisible by heads ({self.heads})")


@dataclass(frozen=True, slots=True)
class DataConfig:
    """How documents become inputs.

    ``window`` is the length of an input row in tokens, ``global_batch`` the rows of one optimiser step over all
    ranks, ``micro_batch`` the rows of one forward pass on one rank. Rows are shuffled inside blocks of
    ``shuffle_row_groups`` row groups; ``lanes`` blocks are read side by side. ``languages`` (primary subtags)
    leaves out documents of any other language; empty takes all. About ``validation_rows`` rows of the validation
    shards are evaluated. With ``document_boundaries`` no token attends
    to another document.
    """

    window: int
    global_batch: int
    micro_batch: int
    languages: tuple[str, ...] = ()
    document_boundaries: bool = True
    shuffle_row_groups: int = 2
    lanes: int = 8
    workers: int = 0
    validation_rows: int = 2048

    def __post_init__(self) -> None:
        for name in ("window", "global_batch", "micro_batch", "shuffle_row_groups", "lanes"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} of at least 1")


@dataclass(frozen=True, slots=True)
class MaskingConfig:
    """Masked-token sampling.

    ``rate`` is the probability of each unit; of the chosen units ``mask`` become the mask token and ``random``
    another character, the rest stay. ``whole_word`` is the share of rows whose units are words, the others'
    are characters. ``decide`` says whether the fate is drawn once a unit or for each of its tokens.
    """

    rate: float = 0.15
    mask: float = 0.8
    random: float = 0.1
    whole_word: float = 0.0
    decide: Literal["unit", "token"] = "unit"

    def __post_init__(self) -> None:
        if not 0 < self.rate < 1:
            raise ValueError("rate between 0 and 1")
        if self.mask < 0 or self.random < 0 or self.mask + self.random > 1:
            raise ValueError("mask + random of at most 1")
        if not 0 <= self.whole_word <= 1:
            raise ValueError("whole_word from 0 to 1")


@dataclass(frozen=True, slots=True)
class StageConfig:
    """One optimiser's life: a fresh Adam with decoupled weight decay and its own learning-rate curve.

    The rate climbs linearly over ``warmup`` steps, then falls with the inverse square root of the step or
    linearly to zero at ``steps``, or stays.
    """

    name: str
    steps: int
    learning_rate: float
    warmup: int
    schedule: Literal["inverse_sqrt", "linear", "constant"]
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-6
    weight_decay: float = 0.01
    decay_norms_and_biases: bool = False
    clip: float = 1.0

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError("steps of at least 1")
        if self.warmup < 0 or (self.schedule == "linear" and self.warmup >= self.steps):
            raise ValueError("warmup of at least 0 and, for a linear schedule, below steps")


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """What the loop does beside learning. Intervals in optimiser steps; ``peak_tflops`` zero means by device.

    ``parallel`` says whether each rank holds the whole model (``ddp``) or a share of it, of its gradients and of the
    optimiser's state (``fsdp``).
    """

    seed: int = 1
    parallel: Literal["ddp", "fsdp"] = "ddp"
    bf16: bool = False
    compile: bool = False
    log_every: int = 50
    evaluate_every: int = 1000
    checkpoint_every: int = 1000
    keep_checkpoints: int = 2
    peak_tflops: float = 0.0

    def __post_init__(self) -> None:
        for name in ("log_every", "evaluate_every", "checkpoint_every", "keep_checkpoints"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} of at least 1")


@dataclass(frozen=True, slots=True)
class UnihanLMConfig:
    """UnihanLM (Xu et al. 2020): stages must be ``cluster`` and ``character``, in this order, or one of them.

    ``vocabulary_size`` serves ``--count-parameters`` alone; a run takes its size from the corpus.
    """

    encoder: EncoderConfig
    data: DataConfig
    stages: tuple[StageConfig, ...]
    masking: MaskingConfig = MaskingConfig()
    loop: LoopConfig = field(default_factory=LoopConfig)
    vocabulary_size: int = 24044

    def __post_init__(self) -> None:
        if [stage.name for stage in self.stages] not in (["cluster", "character"], ["cluster"], ["character"]):
            raise ValueError("stages cluster and character, in this order, or one of them")
        if not self.data.languages:
            raise ValueError("data.languages: at least one language, each has an embedding")
        _check_window(self.data, self.encoder)


@dataclass(frozen=True, slots=True)
class ChineseBERTConfig:
    """ChineseBERT (Sun et al. 2021).

    ``glyph_scale`` divides the bitmap's 0-255: the paper and the authors' code feed 0-255, which lets glyphs
    drown character and pinyin at the start; 255 is our default, 1 is theirs. ``glyph_trainable`` lets the
    bitmaps learn, as the authors' code does and the paper does not say. ``single`` is the share of inputs made
    of one sentence instead of a full window (section 4.2). ``vocabulary_size`` serves ``--count-parameters``
    alone; a run takes its size from the corpus.
    """

    encoder: EncoderConfig
    data: DataConfig
    stages: tuple[StageConfig, ...]
    masking: MaskingConfig = MaskingConfig(whole_word=0.9)
    loop: LoopConfig = field(default_factory=LoopConfig)
    single: float = 0.1
    pinyin_embedding: int = 128
    glyph_scale: float = 255.0
    glyph_trainable: bool = False
    vocabulary_size: int = 23236

    def __post_init__(self) -> None:
        if not self.stages:
            raise ValueError("at least one stage")
        if not 0 <= self.single <= 1:
            raise ValueError("single from 0 to 1")
        if self.data.window < 3:
            raise ValueError("data.window of at least 3: [CLS], a character, [SEP]")
        _check_window(self.data, self.encoder)


@dataclass(frozen=True, slots=True)
class MLMADataConfig:
    """How sentences become batches.

    ``languages`` are those of the corpus, each with a table of words. A forward pass takes sentences of about
    one length from every language, together at most ``tokens`` places a language with padding; an optimiser
    step takes ``global_batch`` of such, over all ranks. Sentences of ``shortest`` to ``longest`` words are used;
    they are put together inside chunks of ``shuffle_row_groups`` row groups, of which ``lanes`` are read side
    by side. ``validation_bundles`` forward passes of each language are evaluated.
    """

    languages: tuple[str, ...]
    tokens: int = 4096
    global_batch: int = 1
    shortest: int = 3
    longest: int = 200
    shuffle_row_groups: int = 2
    lanes: int = 8
    workers: int = 0
    validation_bundles: int = 16

    def __post_init__(self) -> None:
        for name in ("tokens", "global_batch", "shortest", "shuffle_row_groups", "lanes"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} of at least 1")
        if not self.languages or len(set(self.languages)) < len(self.languages):
            raise ValueError("languages: at least one, each once")
        if self.longest < self.shortest:
            raise ValueError(f"longest ({self.longest}) of at least shortest ({self.shortest})")


@dataclass(frozen=True, slots=True)
class AlignmentConfig:
    """Alignment of the languages' states (Bao et al. 2019, section 2.2).

    ``form`` ``paper``: forward and backward states are joined, norms divided by sums of L1 norms, pairs of
    languages added. ``code``: as the authors' program does, each direction apart, the difference divided element
    by element, a language's pairs averaged. ``spread``: ``variance`` as the paper says, or ``deviation``, its
    root, as their program has it.
    """

    method: Literal["none", "identical", "mean_variance", "average_linkage"] = "average_linkage"
    form: Literal["paper", "code"] = "paper"
    spread: Literal["variance", "deviation"] = "variance"
    linkage_weight: float = 1.0
    mean_weight: float = 0.1
    variance_weight: float = 0.01
    identical_weight: float = 100.0


@dataclass(frozen=True, slots=True)
class MLMAConfig:
    """MLMA (Bao et al. 2019).

    ``weighting`` ``paper``: the languages' losses are added (each λ is 1); ``code``: averaged, which halves them
    beside the alignment where there are two. ``samples`` is the size of the sampled softmax;
    ``vocabulary_size`` the largest vocabulary of a language, the end of a sentence and the unknown word included.
    """

    encoder: EncoderConfig
    data: MLMADataConfig
    stages: tuple[StageConfig, ...]
    alignment: AlignmentConfig = AlignmentConfig()
    weighting: Literal["paper", "code"] = "paper"
    loop: LoopConfig = field(default_factory=LoopConfig)
    samples: int = 8192
    vocabulary_size: int = 200_000

    def __post_init__(self) -> None:
        if not self.stages:
            raise ValueError("at least one stage")
        if self.data.longest > self.encoder.positions:
            raise ValueError(
                f"data.longest ({self.data.longest}) of at most encoder.positions ({self.encoder.positions})"
            )
        if self.vocabulary_size < 3:
            raise ValueError("vocabulary_size of at least 3: the end of a sentence, the unknown word, a word")


TrainingConfig = UnihanLMConfig | ChineseBERTConfig | MLMAConfig


def _check_window(data: DataConfig, encoder: EncoderConfig) -> None:
    if data.window > encoder.positions:
        raise ValueError(f"data.window ({data.window}) of at most encoder.positions ({encoder.positions})")
