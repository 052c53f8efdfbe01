"""Unsupervised translation from files to scores (Xu et al. 2020, section 4.3; Lample and Conneau 2019, section 4)."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from hanmill.schemas.annotated_text import AnnotatorFactory
from hanmill.schemas.typed_mapping import SettingError, from_mapping
from hanmill.trainer.data.counter_random import key_of
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.errors import CheckpointError, ConfigError
from hanmill.trainer.finetuning.backbone import Backbone, BackboneSettings
from hanmill.trainer.finetuning.finetune import data_hash, summary
from hanmill.trainer.finetuning.loop import fit
from hanmill.trainer.finetuning.pretrained import load_backbone, read_settings
from hanmill.trainer.finetuning.task_data import share_of
from hanmill.trainer.finetuning.task_learner import TASK
from hanmill.trainer.finetuning.tasks.task import TaskConfig
from hanmill.trainer.finetuning.text_encoder import TextEncoder, guess_language
from hanmill.trainer.finetuning.translation.learner import EncodedParallel, TranslationLearner, score, translations
from hanmill.trainer.finetuning.translation.texts import (
    Parallel,
    read_monolingual,
    read_parallel,
    two_languages,
)
from hanmill.trainer.finetuning.translation.translator import Translator
from hanmill.trainer.models.unihanlm import UnihanLM
from hanmill.trainer.runs.checkpoint import best_checkpoint, run_folder
from hanmill.trainer.runs.log import Log
from hanmill.trainer.runs.sealed_json import read_sealed

#: As the command line has it.
NAME = "translation"


def learn_translation(
    config: TaskConfig, *, model: Path, train: Sequence[Path], dev: Path, tests: Mapping[str, Path], output: Path,
    seeds: int, annotators: AnnotatorFactory, shorten: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Learns from texts of two languages that need not be translations, and scores parallel files. Raises TrainerError.

    Arguments, folders and what is returned are those of ``finetune``.
    """
    backbone = load_backbone(model)
    settings = backbone.settings
    if settings.kind != "unihanlm" or len(settings.languages) < 2:
        raise ConfigError(
            f"{model}: found {settings.kind} of {', '.join(settings.languages) or 'no language'}, expected UnihanLM or "
            "another XLM of two languages, which tells them apart"
        )
    positions = settings.encoder.positions
    if config.max_length > positions and not shorten:
        raise ConfigError(f"--max-length: found {config.max_length}, expected at most the model's {positions}")
    config = replace(config, max_length=min(config.max_length, positions))
    encoder = TextEncoder(settings, annotators)
    texts = two_languages([("", read_monolingual(path)) for path in train], settings.languages)
    names = tuple(texts)
    numbers = settings.languages.index(names[0]), settings.languages.index(names[1])
    given = _encode_parallel(encoder, read_parallel(dev, (names[0], names[1])), config.max_length)
    sentences = [
        (number, ids)
        for number, (name, lines) in zip(numbers, texts.items(), strict=True)
        for ids in _encode(encoder, lines, name, config.max_length)
        if ids
    ]
    found: list[dict[str, Any]] = []
    for seed in range(config.fit.seed, config.fit.seed + seeds):
        seeded = replace(config, fit=replace(config.fit, seed=seed))
        run = output if seeds == 1 else output / f"seed-{seed}"
        used = sentences if config.train_share == 1 else share_of(sentences, config.train_share, seed)
        learner = TranslationLearner(seeded, settings, numbers, build(backbone, seed, config.dropout), used, given)
        if fit(learner, run, data_hash([*train, dev], backbone)):
            found.append(_report(learner, encoder, run, dev, tests, seed))
    return summary(output, NAME, config, model, found, backbone.remarks) if found else {}


def build(backbone: Backbone, seed: int, dropout: float) -> Translator:
    """Both halves from the pretrained weights; attention between them drawn by the seed."""
    torch.manual_seed(key_of("translation weights", seed))
    # The decoder needs dropout as the encoder has it: the pretrained shape may have none.
    settings = replace(backbone.settings, encoder=replace(backbone.settings.encoder, dropout=dropout))
    encoder = Backbone(settings, backbone.weights).module()
    assert isinstance(encoder, UnihanLM)
    return Translator(encoder, copy.deepcopy(encoder), settings.encoder, settings.special.end)


def load_translator(folder: Path) -> TranslationLearner:
    """The best checkpoint of a run, ready to translate. Raises CheckpointError naming the folder."""
    run = run_folder(folder)
    if not (run / TASK).is_file():
        raise CheckpointError(f"{folder}: found no {TASK}, expected a run of `hanmill finetune {NAME}`")
    value = read_sealed(run / TASK)
    settings = read_settings(run)
    try:
        config = from_mapping(TaskConfig, value["config"])
        first, second = (settings.languages.index(name) for name in value["labels"])
    except (SettingError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{run / TASK}: found no translator ({error})") from error
    if config.task != NAME:
        raise ConfigError(f"{folder}: fine-tuned for {config.task}, asked for {NAME}")
    model = build(Backbone(settings, {}), 1, config.dropout)
    try:
        model.load_state_dict(best_checkpoint(folder)[1].weights)
    except RuntimeError as error:
        raise CheckpointError(f"{run}: weights do not fit: {' '.join(str(error).split())[:200]}") from error
    nothing = EncodedParallel(Parallel(("", ""), ([], [])), ([], []))
    return TranslationLearner(config, settings, (first, second), model, [], nothing)


def score_parallel(
    learner: TranslationLearner, encoder: TextEncoder, path: Path, target: Path, device: torch.device
) -> dict[str, Any]:
    """Scores a parallel file, and writes what was made of it as files of a sentence a line, as sacrebleu reads them."""
    names = _names(learner.settings, learner.languages)
    given = _encode_parallel(encoder, read_parallel(path, names), learner.config.max_length)
    measures, made = score(learner, given, device)
    target.parent.mkdir(parents=True, exist_ok=True)
    for side, lines in enumerate(made):
        name = f"{target.name}.{names[side]}-{names[1 - side]}"
        for kind, texts in (("hyp", lines), ("ref", given.parallel.texts[1 - side])):
            written = "".join(f"{' '.join(text.split())}\n" for text in texts)
            (target.parent / f"{name}.{kind}.txt").write_text(written, encoding="utf-8")
    return {"language": "-".join(names), **measures}


def translate_file(
    learner: TranslationLearner, annotators: AnnotatorFactory, path: Path, device: torch.device, language: str = ""
) -> Iterator[dict[str, Any]]:
    """An object a line of text: the text and its translation. Without a ``language`` the file tells it."""
    lines = read_monolingual(path)
    names = _names(learner.settings, learner.languages)
    language = language or guess_language(lines)
    if language not in names:
        raise ConfigError(f"{path}: found text of {language}, expected {' or '.join(names)}")
    side = names.index(language)
    encoder = TextEncoder(learner.settings, annotators)
    learner.model.to(device)
    made = translations(learner, _encode(encoder, lines, language, learner.config.max_length), side, device)
    for text, translation in zip(lines, made, strict=True):
        yield {"text": text, "translation": translation, "from": language, "to": names[1 - side]}


def _names(settings: BackboneSettings, languages: tuple[int, int]) -> tuple[str, str]:
    return settings.languages[languages[0]], settings.languages[languages[1]]


def _encode(encoder: TextEncoder, texts: Sequence[str], language: str, max_length: int) -> list[list[int]]:
    """Tokens of each text, shortened to a row with its two special ones."""
    return [one.ids[: max_length - 2] for one in encoder.encode(texts, language, words=False)]


def _encode_parallel(encoder: TextEncoder, parallel: Parallel, max_length: int) -> EncodedParallel:
    first, second = (
        _encode(encoder, texts, language, max_length)
        for texts, language in zip(parallel.texts, parallel.languages, strict=True)
    )
    return EncodedParallel(parallel, (first, second))


def _report(
    learner: TranslationLearner, encoder: TextEncoder, run: Path, dev: Path, tests: Mapping[str, Path], seed: int
) -> dict[str, Any]:
    """Scores every file and writes what was made of it beside the run."""
    log = Log(run, active=True)
    device = Process.from_environment().device
    learner.model.to(device)
    scores: dict[str, Any] = {}
    for name, path in {"dev": dev, **tests}.items():
        scores[name] = score_parallel(learner, encoder, path, run / "predicted" / name, device)
        log.write("test", 0, name=name, file=path.name, **scores[name])
    log.close()
    return {"seed": seed, "run": str(run), "scores": scores}
