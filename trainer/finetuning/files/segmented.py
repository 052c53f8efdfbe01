"""Texts cut into words: words with spaces, CoNLL-U, columns, and a corpus of our own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

from hanmill.schemas.location import parquet_source
from hanmill.schemas.manifest import MANIFEST_NAME
from hanmill.trainer.data.corpus import Corpus, primary_subtag
from hanmill.trainer.finetuning.files.slashed import is_slashed, read_slashed
from hanmill.trainer.finetuning.files.tagged import ANY_COLUMNS, Columns, Lines, read_columns, split_cells
from hanmill.trainer.finetuning.files.task_file import TaskFileError, not_empty, read_lines, shown
from hanmill.trainer.finetuning.files.units import UnitExample

#: Tags of files with a character a line.
_BOUNDARIES = frozenset("BMESIOLU")
#: Of the lines looked at: so many have a character and its boundary in a file of such lines.
_MOSTLY = 0.6
_COLUMN_LINES = 200


def read_segmented(path: Path, columns: Columns = ANY_COLUMNS, language: str = "") -> list[UnitExample]:
    """Sentences as characters labelled B, M, E and S. Raises TaskFileError naming file and line.

    ``language`` (a primary subtag) chooses documents of a corpus; other files are taken whole.
    """
    if path.is_dir():
        found = _of_corpus(path, language)
    else:
        lines = read_lines(path)
        filled = [(number, line) for number, line in lines if line.strip()]
        if is_slashed(filled):
            found = [labelled(words) for words, _ in read_slashed(lines, path)]
        elif _is_columns([line for _, line in filled]):
            if columns == ANY_COLUMNS:
                _check_columns(filled, path)
            found = [_of_column_sentence(example) for example in read_columns(lines, path, "pos", columns)]
        else:
            found = [labelled(words) for _, line in lines if (words := line.split())]
    not_empty(found, path, "sentences")
    return found


def labelled(words: list[str], text: str | None = None) -> UnitExample:
    """Characters of words end to end, or in ``text``, which holds them in order with white space anywhere."""
    joined = "".join(words)
    text = joined if text is None else text
    places = [place for place, character in enumerate(text) if not character.isspace()]
    labels: list[str] = []
    for word in words:
        length = len("".join(word.split()))
        labels += ["S"] if length == 1 else ["B", *"M" * (length - 2), "E"] if length else []
    return UnitExample(text, tuple((place, place + 1) for place in places), tuple(labels))


def words_of(example: UnitExample, labels: tuple[str, ...] | list[str]) -> list[str]:
    """Words by boundaries: one begins at B and S, after E and S, and after white space."""
    words: list[str] = []
    before, last = "S", -1
    for (first, end), label in zip(example.spans, labels, strict=True):
        if not words or label in ("B", "S") or before in ("E", "S") or first > last:
            words.append("")
        words[-1] += example.text[first:end]
        before, last = label, end
    return words


def _is_columns(lines: list[str]) -> bool:
    """Tabs on every line but comments, or a single character and its boundary on each."""
    looked = [line for line in lines[:_COLUMN_LINES] if not line.startswith("#")]
    if not looked:
        return False
    if all("\t" in line for line in looked):
        return True
    return sum(map(_is_boundary, looked)) >= _MOSTLY * len(looked)


def _is_boundary(line: str) -> bool:
    cells = split_cells(line)
    return len(cells) == 2 and len(cells[0]) == 1 and cells[1].partition("-")[0] in _BOUNDARIES


def _check_columns(lines: Lines, path: Path) -> None:
    """Raises TaskFileError naming a line unlike the others: one of words with tabs between is no line of columns."""
    rows = [(number, line) for number, line in lines if not line.startswith("#")]
    if all("\t" in line for _, line in rows):
        widths = Counter(line.count("\t") + 1 for _, line in rows)
        usual = widths.most_common(1)[0][0]
        odd = next(((number, line) for number, line in rows if line.count("\t") + 1 != usual), None)
        expected = f"{usual} columns as on other lines"
    else:
        odd = next(((number, line) for number, line in rows if not _is_boundary(line)), None)
        expected = "a character and its boundary (B, M, E, S) as on other lines"
    if odd is not None:
        raise TaskFileError(f"{path}, line {odd[0]}: found {shown(odd[1])}, expected {expected}")


def _of_column_sentence(example: UnitExample) -> UnitExample:
    units = example.units
    tags = [label.partition("-")[0] for label in example.labels]
    if all(len(unit) == 1 for unit in units) and set(tags) <= _BOUNDARIES and set(tags) != {"O"}:
        words: list[str] = []
        before = "S"
        for unit, tag in zip(units, tags, strict=True):
            if not words or tag in ("B", "S", "U", "O") or before in ("E", "S", "L", "U", "O"):
                words.append("")
            words[-1] += unit
            before = tag
        return labelled(words)
    return labelled(units)


def _of_corpus(path: Path, language: str) -> list[UnitExample]:
    if not (path / MANIFEST_NAME).is_file():
        raise TaskFileError(f"{path}: found a folder without {MANIFEST_NAME}, expected a file or a corpus")
    corpus = Corpus(path)
    found = []
    for place in (*corpus.validation, *corpus.train):
        table = pq.ParquetFile(parquet_source(place.path)).read_row_group(
            place.index, columns=["lang", "text", "sent_lens", "word_lens"]
        )
        for row in table.to_pylist():
            if not language or primary_subtag(row["lang"]) == language:
                found += _of_document(row["text"], row["sent_lens"], row["word_lens"])
    return found


def _of_document(text: str, sentences: list[int], lengths: list[int]) -> list[UnitExample]:
    characters = "".join(text.split())
    found, place, word = [], 0, 0
    for length in sentences:
        end, words = place + length, []
        while place < end:
            words.append(characters[place : place + lengths[word]])
            place += lengths[word]
            word += 1
        found.append(labelled(words))
    return found
