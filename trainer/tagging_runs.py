"""Runs of the two taggers, from files to scores."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from schemas.hashing import file_sha256
from trainer.chunks import score
from trainer.data.tagged_file import TaggedFileError, TaggedSentence, read_tagged, with_roman
from trainer.data.word_vectors import read_word_vectors
from trainer.errors import CheckpointError, ConfigError
from trainer.export.mlma import load_language_model
from trainer.export.tagger import load_tagger, save_source
from trainer.metrics import Log
from trainer.models.mom import COMBINATIONS, GROUPS, transfer
from trainer.process import Process
from trainer.tagging import (
    Tagging,
    fit,
    measures,
    predict,
    read_best,
    read_vocabularies,
    read_weights,
    write_predictions,
)
from trainer.tagging_config import MOMConfig, TaggerConfig
from trainer.tasks.tagging import build_mom, build_tagger, load_word_vectors, mlma_vocabularies, mom_vocabularies


def train_tagger(
    config: TaggerConfig, train_file: Path, dev_file: Path, language: str, output: Path, language_model: Path,
    tests: Sequence[str],
) -> None:  # fmt: skip
    """Trains on one language, and scores files of any language of the language model. Raises TrainerError."""
    files = [_language_and_file(test) for test in tests]
    train, dev = (read_tagged(path, config.columns, language) for path in (train_file, dev_file))
    model = load_language_model(language_model)
    vocabularies = read_vocabularies(output) if read_best(output) else mlma_vocabularies(train)
    tagging = build_tagger(config, vocabularies, model, language)
    output.mkdir(parents=True, exist_ok=True)
    save_source(output, language_model, language)
    weights = sorted(language_model.glob("model.safetensors")) or sorted((language_model / "checkpoints").iterdir())
    fit(tagging, train, dev, output, _hash([train_file, dev_file, *weights[-1:]], language))
    for number, (name, path) in enumerate([(language, dev_file), *files]):
        sentences = dev if not number else read_tagged(path, config.columns, name)
        _report(load_tagger(output, name), sentences, output, name, path)


def train_mom(
    config: MOMConfig, train_file: Path, dev_file: Path, language: str, output: Path, tests: Sequence[str],
    romanised: Sequence[str], source: Path | None, groups: str, word_vectors: Path | None = None,
) -> None:  # fmt: skip
    """Trains, from word vectors or layers of another run where they are given, and scores. Raises TrainerError."""
    roman = dict(_pair(item, "FILE=JSONL") for item in romanised)
    train, dev = (_with_roman(path, config, language, roman) for path in (train_file, dev_file))
    vectors = {} if word_vectors is None else read_word_vectors(word_vectors, config.word_embedding)
    vocabularies = read_vocabularies(output) if read_best(output) else mom_vocabularies(train, vectors)
    tagging = build_mom(config, vocabularies)
    load_word_vectors(tagging, vectors)
    output.mkdir(parents=True, exist_ok=True)
    save_source(output, None, language)
    files = [train_file, dev_file, *(Path(path) for path in roman.values())]
    if word_vectors is not None:
        files.append(word_vectors)
    if source is not None:
        files.append(source / "best.safetensors")
        _transfer(tagging, source, _groups(groups), output)
    fit(tagging, train, dev, output, _hash(files, language + (groups if source else "")))
    _report(tagging, dev, output, language, dev_file)
    for path in map(Path, tests):
        _report(tagging, _with_roman(path, config, language, roman), output, language, path)


def read_romanised(path: Path) -> list[list[tuple[str, str]]]:
    """Words and romaji of each line of ``hanmill annotate``'s output. Raises TaggedFileError naming the line."""
    lines: list[list[tuple[str, str]]] = []
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                words = json.loads(line)["words"]
                lines.append([(word["word"], word["romaji"] or word["word"]) for word in words])
    except OSError as error:
        raise TaggedFileError(f"{path}: cannot be read: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise TaggedFileError(f"{path}, line {len(lines) + 1}: no output of `hanmill annotate` ({error!r})") from error
    return lines


def _with_roman(path: Path, config: MOMConfig, language: str, roman: dict[str, str]) -> list[TaggedSentence]:
    sentences = read_tagged(path, config.columns, language)
    if str(path) not in roman:
        return sentences
    name = Path(roman[str(path)])
    lines = read_romanised(name)
    if len(lines) != len(sentences):
        raise TaggedFileError(f"{name}: lines: {len(lines):,}; sentences of {path}: {len(sentences):,}")
    numbered = enumerate(zip(sentences, lines, strict=True), 1)
    return [with_roman(sentence, words, f"{name}, line {number}") for number, (sentence, words) in numbered]


def _transfer(tagging: Tagging, source: Path, groups: tuple[str, ...], output: Path) -> None:
    try:
        copied = transfer(tagging.learnt, read_weights(source), groups, tagging.vocabularies, read_vocabularies(source))
    except (ValueError, KeyError) as error:
        raise CheckpointError(f"{source}: layers do not fit: {error}") from error
    log = Log(output, active=not read_best(output))
    log.write("transfer", 0, source=str(source), groups=",".join(groups), **copied)
    log.close()


def _groups(value: str) -> tuple[str, ...]:
    wanted = {group.strip() for group in value.split(",")}
    found = tuple(group for group in GROUPS if group in wanted)
    if wanted != set(found) or found not in COMBINATIONS:
        raise ConfigError(f"--groups: found {value!r}, expected some of {', '.join(GROUPS)}")
    return found


def _report(tagging: Tagging, sentences: list[TaggedSentence], output: Path, language: str, path: Path) -> None:
    """Scores a file, and writes what was predicted beside the run."""
    device = Process.from_environment().device
    tagging.model.to(device)
    predicted = predict(tagging, sentences, device)
    found = score((sentence.tags for sentence in sentences), predicted)
    log = Log(output, active=True)
    log.write(
        "test", 0, file=path.name, language=language, tokens=found.tokens,
        **measures(found, tagging.config.fit),
    )  # fmt: skip
    log.close()
    write_predictions(output / f"{path.name.split('.')[0]}.{language}.predicted", sentences, predicted)


def _language_and_file(value: str) -> tuple[str, Path]:
    language, path = _pair(value, "LANG=FILE")
    return language, Path(path)


def _pair(value: str, expected: str) -> tuple[str, str]:
    first, separator, second = value.partition("=")
    if not separator or not second:
        raise ConfigError(f"found {value!r}, expected {expected}")
    return first, second


def _hash(files: Sequence[Path], extra: str) -> str:
    digests = [file_sha256(path) for path in files if path.is_file()]
    return hashlib.sha256("\n".join([*digests, extra]).encode()).hexdigest()
