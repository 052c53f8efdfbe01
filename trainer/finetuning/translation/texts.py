"""Texts of a translator: sentences of one language, and pairs of sentences of two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hanmill.trainer.errors import ConfigError
from hanmill.trainer.finetuning.files.task_file import (
    TaskFileError,
    is_json_lines,
    json_objects,
    not_empty,
    read_lines,
    shown,
)
from hanmill.trainer.finetuning.text_encoder import guess_language


@dataclass(frozen=True, slots=True)
class Parallel:
    """``texts`` of ``languages``, sentence by sentence translations of each other."""

    languages: tuple[str, str]
    texts: tuple[list[str], list[str]]


def read_monolingual(path: Path) -> list[str]:
    """A sentence a line; empty lines are left out. Raises TaskFileError."""
    found = [line.strip() for _, line in read_lines(path) if line.strip()]
    not_empty(found, path, "sentences")
    return found


def read_parallel(path: Path, languages: tuple[str, str]) -> Parallel:
    """A pair a line: two texts with a tab between them, or JSON with the languages as keys, at the top or under
    ``translation``. Which column is of which language the texts tell. Raises TaskFileError naming file and line.
    """
    lines = read_lines(path)
    if is_json_lines(lines):
        pairs = [_of_object(value, f"{path}, line {number}", languages) for number, value in json_objects(path, lines)]
        not_empty(pairs, path, "pairs")
        return Parallel(languages, ([one for one, _ in pairs], [other for _, other in pairs]))
    first, second = [], []
    for number, line in lines:
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != 2 or not all(cells):
            raise TaskFileError(f"{path}, line {number}: found {len(cells)} columns, expected two texts: {shown(line)}")
        first.append(cells[0])
        second.append(cells[1])
    not_empty(first, path, "pairs")
    found = guess_language(first), guess_language(second)
    if found == languages:
        return Parallel(languages, (first, second))
    if found == languages[::-1]:
        return Parallel(languages, (second, first))
    raise TaskFileError(f"{path}: found columns of {found[0]} and {found[1]}, expected {' and '.join(languages)}")


def _of_object(value: object, place: str, languages: tuple[str, str]) -> tuple[str, str]:
    found = value.get("translation", value) if isinstance(value, dict) else value
    texts = [found.get(language) if isinstance(found, dict) else None for language in languages]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise TaskFileError(f"{place}: found no texts of {' and '.join(languages)}, expected both as keys")
    return str(texts[0]), str(texts[1])


def two_languages(files: Sequence[tuple[str, list[str]]], known: Sequence[str]) -> dict[str, list[str]]:
    """Sentences by language, of files whose language is given or told by their texts.

    Raises ConfigError unless there are two and the model knows both.
    """
    found: dict[str, list[str]] = {}
    for given, texts in files:
        found.setdefault(given or guess_language(texts), []).extend(texts)
    if len(found) != 2:
        raise ConfigError(f"--train: found files of {', '.join(found)}, expected two languages, a file each or more")
    for language in found:
        if language not in known:
            raise ConfigError(f"--train: found text of {language}, expected one of the model's: {', '.join(known)}")
    return dict(sorted(found.items(), key=lambda item: known.index(item[0])))
