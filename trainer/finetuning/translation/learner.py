"""Denoising and online back-translation (Lample et al. 2018), as the fine-tuning loop takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn

from hanmill.schemas.typed_mapping import to_mapping
from hanmill.trainer.configs.fit import FitConfig
from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.data.specials import Specials
from hanmill.trainer.finetuning.backbone import BackboneSettings
from hanmill.trainer.finetuning.learner import LearnerBatch
from hanmill.trainer.finetuning.pretrained import ENCODER
from hanmill.trainer.finetuning.task_learner import TASK
from hanmill.trainer.finetuning.tasks.task import TaskConfig
from hanmill.trainer.finetuning.translation.bleu import character_bleu
from hanmill.trainer.finetuning.translation.noise import NoiseConfig, add_noise
from hanmill.trainer.finetuning.translation.texts import Parallel
from hanmill.trainer.finetuning.translation.translator import Lesson, Pairs, Sentences, Translator
from hanmill.trainer.pretraining.optimizer import build_optimizer, learning_rate
from hanmill.trainer.runs.sealed_json import write_sealed

#: Sentences translated at a time.
_TRANSLATED = 64
#: XLM's: denoising weighs 1 at the start, .1 after a third of training, nothing at its end.
_DENOISING = ((0.0, 1.0), (1 / 3, 0.1), (1.0, 0.0))


@dataclass(frozen=True, slots=True)
class EncodedParallel:
    """A parallel file, and the tokens of both its sides without special ones."""

    parallel: Parallel
    ids: tuple[list[list[int]], list[list[int]]]


@dataclass(frozen=True, slots=True)
class TranslationLearner:
    """``sentences`` are (number of the language among the model's, tokens without special ones); ``languages`` the two
    numbers, in the order of the parallel files' sides.
    """

    config: TaskConfig
    settings: BackboneSettings
    languages: tuple[int, int]
    model: Translator
    sentences: list[tuple[int, list[int]]]
    dev: EncodedParallel
    noise: NoiseConfig = field(default_factory=NoiseConfig)

    @property
    def name(self) -> str:
        """Of its checkpoints."""
        return "finetuned-translation"

    @property
    def fit(self) -> FitConfig:
        """How it learns."""
        return self.config.fit

    @property
    def learnt(self) -> nn.Module:
        """Both halves."""
        return self.model

    def begin(self, run: Path) -> None:
        """Writes ``encoder.json`` and ``task.json``, all that translating needs beside the weights."""
        write_sealed(run / ENCODER, to_mapping(self.settings))
        names = [self.settings.languages[number] for number in self.languages]
        write_sealed(run / TASK, {"config": to_mapping(self.config), "labels": names, "known": []})

    def optimizer(self, steps: int) -> torch.optim.Optimizer:
        """AdamW, norms and biases undecayed."""
        return build_optimizer(self.model, self.fit.stage(self.name, steps))

    def rate(self, step: int, steps: int, epoch: int) -> float:
        """Up over the warm-up, then down to zero at the end of the last epoch."""
        return learning_rate(self.fit.stage(self.name, steps), min(step, steps))

    def batches(self, epoch: int) -> list[list[int]]:
        """Sentences of one language and about one length in a batch, in a new order in each epoch.

        A place is the number of a sentence plus ``epoch`` times their number: noise and weight follow from both.
        """
        draw = np.random.default_rng(key_of("translation order", self.fit.seed, epoch))
        found: list[list[int]] = []
        for language in self.languages:
            mine = [place for place, (number, _) in enumerate(self.sentences) if number == language]
            jitter = draw.random(len(mine))
            lengths = [len(self.sentences[place][1]) for place in mine]
            order = sorted(range(len(mine)), key=lambda at: (lengths[at], jitter[at]))
            batch = self.fit.batch
            found += [[mine[at] for at in order[first : first + batch]] for first in range(0, len(order), batch)]
        base = epoch * len(self.sentences)
        return [[base + place for place in found[at]] for at in draw.permutation(len(found)).tolist()]

    def batch(self, places: list[int]) -> LearnerBatch:
        """Each sentence is learnt from its noise, and from what the model as it is makes of it in the other language.

        Both count over the same target tokens.
        """
        epoch = places[0] // len(self.sentences)
        chosen = [place % len(self.sentences) for place in places]
        language = self.sentences[chosen[0]][0]
        other = self.languages[1 - self.languages.index(language)]
        ids = [self.sentences[place][1] for place in chosen]
        special, device = self.settings.special, next(self.model.parameters()).device
        noisy = [
            add_noise(sentence, self.noise, special.mask, self._draw(epoch, place))
            for place, sentence in zip(chosen, ids, strict=True)
        ]
        targets = frame(ids, language, special).to(device)
        self.model.eval()
        translated = self.model.translate(targets, other, special.begin, self._longest)
        weight = denoising_weight(epoch / self.fit.epochs)
        pairs = [Pairs(translated, targets, 1.0)]
        if weight:
            pairs.append(Pairs(frame(noisy, language, special).to(device), targets, weight))
        counted = sum(len(sentence) + 1 for sentence in ids)
        return LearnerBatch(Lesson(tuple(pairs)), counted, counted, 2 * counted)

    def _draw(self, epoch: int, place: int) -> np.random.Generator:
        return np.random.default_rng(key_of("translation noise", self.fit.seed, epoch, place))

    @property
    def _longest(self) -> int:
        return self.config.max_length

    def evaluate(self, device: torch.device) -> dict[str, float]:
        """BLEU over characters of both directions on the development set, and their mean."""
        return score(self, self.dev, device)[0]


def score(
    learner: TranslationLearner, encoded: EncodedParallel, device: torch.device
) -> tuple[dict[str, float], tuple[list[str], list[str]]]:
    """BLEU of both directions (``bleu_zh_ja``, …) and their mean, and the two translations of the file."""
    names, texts = encoded.parallel.languages, encoded.parallel.texts
    measures: dict[str, float] = {}
    made: list[list[str]] = []
    for side in (0, 1):
        found = translations(learner, encoded.ids[side], side, device)
        measures[f"bleu_{names[side]}_{names[1 - side]}"] = character_bleu(found, texts[1 - side])
        made.append(found)
    mean = sum(measures.values()) / 2
    return {"bleu": mean} | measures, (made[0], made[1])


def translations(learner: TranslationLearner, ids: Sequence[list[int]], side: int, device: torch.device) -> list[str]:
    """What the model makes of sentences of one side's language in the other's."""
    model, special, tokens = learner.model.eval(), learner.settings.special, learner.settings.tokens
    source, target = learner.languages[side], learner.languages[1 - side]
    order = sorted(range(len(ids)), key=lambda place: len(ids[place]))
    found = [""] * len(ids)
    for start in range(0, len(order), _TRANSLATED):
        places = order[start : start + _TRANSLATED]
        sources = frame([ids[place] for place in places], source, special).to(device)
        made = model.translate(sources, target, special.begin, learner.config.max_length)
        for place, row, valid in zip(places, made.ids.tolist(), made.valid.tolist(), strict=True):
            kept = [token for token, real in zip(row, valid, strict=True) if real and token >= special.count]
            found[place] = "".join(tokens[token] for token in kept)
    return found


def frame(sentences: Sequence[list[int]], language: int, special: Specials) -> Sentences:
    """``begin sentence end``, padded to the longest."""
    longest = max(map(len, sentences)) + 2
    ids = torch.full((len(sentences), longest), special.padding)
    valid = torch.zeros(ids.shape, dtype=torch.bool)
    for number, sentence in enumerate(sentences):
        row = [special.begin, *sentence, special.end]
        ids[number, : len(row)] = torch.tensor(row)
        valid[number, : len(row)] = True
    return Sentences(ids, language, valid)


def denoising_weight(done: float) -> float:
    """λ of denoising after a share of training, linear between XLM's three points."""
    shares, weights = zip(*_DENOISING, strict=True)
    return float(np.interp(done, shares, weights))
