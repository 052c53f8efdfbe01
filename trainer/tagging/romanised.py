"""Romanised words of a column file, from the output of ``hanmill annotate`` on it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from hanmill.trainer.data.tagged_file import ColumnsConfig, TaggedFileError, TaggedSentence, read_tagged, with_roman


def read_with_roman(path: Path, columns: ColumnsConfig, language: str, annotated: Path | None) -> list[TaggedSentence]:
    """Sentences of a column file, romanised by ``annotated`` where it is given. Raises TaggedFileError."""
    sentences = read_tagged(path, columns, language)
    if annotated is None:
        return sentences
    lines = read_romanised(annotated)
    if len(lines) != len(sentences):
        raise TaggedFileError(f"{annotated}: lines: {len(lines):,}; sentences of {path}: {len(sentences):,}")
    numbered = enumerate(zip(sentences, lines, strict=True), 1)
    return [_romanised(sentence, words, f"{annotated}, line {number}") for number, (sentence, words) in numbered]


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


def _romanised(sentence: TaggedSentence, words: Iterable[tuple[str, str]], place: str) -> TaggedSentence:
    """Both sides in NFKC, as the recipe ``mom`` writes a text; the sentence keeps its own words."""
    folded = replace(sentence, words=tuple(map(_fold, sentence.words)))
    return replace(with_roman(folded, [(_fold(word), roman) for word, roman in words], place), words=sentence.words)


def _fold(word: str) -> str:
    return unicodedata.normalize("NFKC", word)
