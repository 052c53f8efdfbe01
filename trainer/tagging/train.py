"""Runs of the two taggers, from files to scores."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hanmill.schemas.hashing import file_sha256
from hanmill.trainer.data.tagged_file import TaggedSentence, read_tagged
from hanmill.trainer.data.word_vectors import read_word_vectors
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.errors import CheckpointError, ConfigError
from hanmill.trainer.model_spec import TaggingSpec
from hanmill.trainer.models.lstm_crf import TaggerConfig
from hanmill.trainer.models.mom import COMBINATIONS, GROUPS, MOM, MOMConfig, transfer
from hanmill.trainer.runs.checkpoint import newest_checkpoint
from hanmill.trainer.runs.checkpoint_folder import INDEX
from hanmill.trainer.runs.log import Log
from hanmill.trainer.tagging.chunks import score
from hanmill.trainer.tagging.evaluation import measures, predict, write_predictions
from hanmill.trainer.tagging.loop import fit
from hanmill.trainer.tagging.romanised import read_with_roman
from hanmill.trainer.tagging.saved import (
    has_begun,
    read_best,
    read_source,
    read_tagger,
    read_vocabularies,
    read_weights,
    save_source,
    weights_file,
)
from hanmill.trainer.tagging.taggers import (
    TaggerSource,
    Tagging,
    load_word_vectors,
    mom_vocabularies,
    tagger_vocabularies,
)


def train_tagger(
    spec: TaggingSpec[TaggerConfig, Any], config: TaggerConfig, *, train_file: Path, dev_file: Path, language: str,
    output: Path, language_model: Path, tests: Sequence[str], others: Sequence[str] = (),
) -> None:  # fmt: skip
    """Trains on one language, or together with others (Bao et al. 2019, multi-source transfer), and scores files.

    ``tests`` and ``others`` are LANG=FILE of any language of the language model. Raises TrainerError.
    """
    files, more = ([_language_and_file(item) for item in items] for items in (tests, others))
    source = TaggerSource(language_model, language, tuple(name for name, _ in more))
    _check_languages(source, output)
    train, dev = (read_tagged(path, config.columns, language) for path in (train_file, dev_file))
    for name, path in more:
        train += [replace(sentence, language=name) for sentence in read_tagged(path, config.columns, name)]
    vocabularies = read_vocabularies(output) if read_best(output) else tagger_vocabularies(train)
    tagging = spec.assemble(config, vocabularies, source)
    if unknown := [name for name, _ in (*more, *files) if name not in tagging.format.languages]:
        known = ", ".join(tagging.format.languages)
        raise ConfigError(f"language: found {unknown[0]!r}, expected one of the language model's: {known}")
    output.mkdir(parents=True, exist_ok=True)
    save_source(output, source)
    exported = sorted(language_model.glob("model.safetensors"))
    # The index of a checkpoint has the digests of its tensors.
    weights = exported[0] if exported else newest_checkpoint(language_model)[0] / INDEX
    read = [train_file, dev_file, weights, *(path for _, path in more)]
    fit(tagging, train, dev, output, _hash(read, " ".join([language, *(name for name, _ in more)])))
    for number, (name, path) in enumerate([(language, dev_file), *files]):
        sentences = dev if not number else read_tagged(path, config.columns, name)
        _report(read_tagger(spec, output, name), sentences, output, name, path)


def train_mom(
    spec: TaggingSpec[MOMConfig, Any], config: MOMConfig, *, train_file: Path, dev_file: Path, language: str,
    output: Path, tests: Sequence[str] = (), romanised: Sequence[str] = (), source: Path | None = None,
    groups: str = "char,dense", word_vectors: Path | None = None,
) -> None:  # fmt: skip
    """Trains, from word vectors or layers of another run where they are given, and scores. Raises TrainerError."""
    roman = {Path(file): Path(lines) for file, lines in (_pair(item, "FILE=JSONL") for item in romanised)}
    train, dev = (read_with_roman(path, config.columns, language, roman.get(path)) for path in (train_file, dev_file))
    vectors = {} if word_vectors is None else read_word_vectors(word_vectors, config.word_embedding)
    vocabularies = read_vocabularies(output) if read_best(output) else mom_vocabularies(train, vectors)
    made_from = TaggerSource(None, language)
    tagging = spec.assemble(config, vocabularies, made_from)
    load_word_vectors(tagging, vectors)
    output.mkdir(parents=True, exist_ok=True)
    save_source(output, made_from)
    files = [train_file, dev_file, *roman.values()]
    if word_vectors is not None:
        files.append(word_vectors)
    if source is not None:
        files.append(weights_file(source))
        _transfer(tagging, source, _groups(groups), output)
    fit(tagging, train, dev, output, _hash(files, language + (groups if source else "")))
    _report(tagging, dev, output, language, dev_file)
    for path in map(Path, tests):
        _report(tagging, read_with_roman(path, config.columns, language, roman.get(path)), output, language, path)


def _check_languages(source: TaggerSource, output: Path) -> None:
    """Raises ConfigError where a language comes twice, CheckpointError where the run began with others."""
    if source.language in source.others:
        raise ConfigError(
            f"--also: found {source.language}, which is --language; expected other languages, its own text is --train's"
        )
    if not has_begun(output):
        return
    began = read_source(output)
    if (began.language, began.others) != (source.language, source.others):
        raise CheckpointError(f"{output}: began with {_options(began)}; asked to go on with {_options(source)}")


def _options(source: TaggerSource) -> str:
    others = [f"--also {name}=…" for name in source.others] or ["no --also"]
    return f"--language {source.language}, {' '.join(others)}"


def _transfer(tagging: Tagging, source: Path, groups: tuple[str, ...], output: Path) -> None:
    assert isinstance(tagging.learnt, MOM)
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
