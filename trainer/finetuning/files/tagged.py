"""Named entities and parts of speech: column files, CoNLL-U, JSON with spans, JSON lines with lists of tokens."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hanmill.trainer.finetuning.files.slashed import is_slashed, read_slashed
from hanmill.trainer.finetuning.files.task_file import (
    TaskFileError,
    is_json_lines,
    json_objects,
    not_empty,
    read_json,
    read_lines,
    shown,
)
from hanmill.trainer.finetuning.files.units import UnitExample, from_characters, from_words

Kind = Literal["entities", "pos"]
Lines = list[tuple[int, str]]

_ENTITY = re.compile(r"[BIESMLU](-\S+)?|O|0")
_PREFIXED = re.compile(r"([a-z]{2,3}(?:-[a-z]+)?):.+", re.DOTALL)
#: Lines that decide what the columns of a file are.
_LOOKED_AT = 2000
#: UPOS and XPOS of CoNLL-U.
_UPOS = 3


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a file hold word and tag, from 0, or from the end with -1; None: found by what is in them."""

    word: int | None = None
    tag: int | None = None


ANY_COLUMNS = Columns()


def read_tagged(path: Path, kind: Kind, columns: Columns = ANY_COLUMNS) -> list[UnitExample]:
    """Sentences of a file, whatever form it has. Raises TaskFileError naming file and line."""
    name = path.name.removesuffix(path.suffix) if path.suffix in (".xz", ".gz", ".bz2") else path.name
    lines = read_lines(path)
    if kind == "pos" and is_slashed(lines):
        found = [from_words(words, tags) for words, tags in read_slashed(lines, path)]
    elif is_json_lines(lines) and not _is_one_object(lines):
        found = [_from_object(value, f"{path}, line {number}") for number, value in json_objects(path, lines)]
    elif name.endswith(".json") or next((line for _, line in lines if line.strip()), "").lstrip()[:1] in ("[", "{"):
        found = _from_json(read_json(path), path)
    else:
        found = read_columns(lines, path, kind, columns)
    not_empty(found, path, "sentences")
    if kind == "entities" and all(label.isdecimal() for example in found for label in example.labels):
        raise TaskFileError(f"{path}: labels found: numbers, expected names as B-PER and O")
    return found


def _is_one_object(lines: Lines) -> bool:
    """Whether a file of one line holds a list of texts, not a text."""
    filled = [line for _, line in lines if line.strip()]
    if len(filled) != 1:
        return False
    value = json.loads(filled[0])
    return _first(value, "text", "sentence", "content", "tokens", "words") is None


def read_columns(lines: Lines, path: Path, kind: Kind, columns: Columns) -> list[UnitExample]:
    """Sentences parted by empty lines; ``-DOCSTART-``, comments, contractions and elided words are left out."""
    form = _Form.of(lines, path, kind, columns)
    sentences: list[UnitExample] = []
    words: list[str] = []
    tags: list[str] = []
    for number, line in [*lines, (0, "")]:
        if not line.strip(" \t\ufeff"):
            if words:
                sentences.append(from_words(words, tags))
            words, tags = [], []
            continue
        cells = split_cells(line)
        if form.is_comment(line, cells, begins=not words) or form.is_skipped(cells):
            continue
        word, tag = form.take(cells, f"{path}, line {number}", line)
        words.append(word)
        tags.append(tag)
    return sentences


def split_cells(line: str) -> list[str]:
    """Columns parted by tabs where a line has one, else by spaces; an ideographic space may be a word."""
    return line.split("\t") if "\t" in line else [cell for cell in line.split(" ") if cell]


@dataclass(frozen=True, slots=True)
class _Form:
    """What the lines of a column file look like."""

    word: int
    tag: int
    width: int
    numbered: bool
    prefix: str

    @classmethod
    def of(cls, lines: Lines, path: Path, kind: Kind, columns: Columns) -> _Form:
        filled = [(number, line) for number, line in lines[:_LOOKED_AT] if line.strip(" \t\ufeff")]
        rows = [(line, split_cells(line)) for _, line in filled]
        cells = [found for line, found in rows if not line.startswith("#") and found and found[0] != "-DOCSTART-"]
        if not cells:
            raise TaskFileError(f"{path}: lines of words found: 0, expected at least 1")
        width = Counter(map(len, cells)).most_common(1)[0][0]
        usual = [found for found in cells if len(found) == width]
        if width < 2:
            number, line = filled[0]
            raise TaskFileError(f"{path}, line {number}: columns found: {width}, expected at least 2: {shown(line)}")
        numbered = width > 2 and all(found[0].replace("-", "").replace(".", "").isdecimal() for found in usual)
        word = (1 if numbered else 0) if columns.word is None else columns.word
        tag = _tag_column(usual, width, numbered, kind) if columns.tag is None else columns.tag
        for name, column in (("word", word), ("tag", tag)):
            if not -width <= column < width:
                raise TaskFileError(f"{path}: columns found: {width}, the {name} expected in column {column}")
        prefixes = {match[1] if (match := _PREFIXED.fullmatch(found[word])) else "" for found in usual}
        prefix = f"{prefixes.pop()}:" if len(prefixes) == 1 and "" not in prefixes else ""
        return cls(word, tag, width, numbered, prefix)

    def is_comment(self, line: str, cells: Sequence[str], begins: bool) -> bool:
        """A # before a sentence that is no word: a numbered line begins with its number, any other has all columns."""
        return line.startswith("#") and (self.numbered or (begins and len(cells) != self.width))

    def is_skipped(self, cells: Sequence[str]) -> bool:
        if cells[0] == "-DOCSTART-":
            return True
        return self.numbered and not cells[0].isdecimal() and cells[0].replace("-", "").replace(".", "").isdecimal()

    def take(self, cells: Sequence[str], place: str, line: str) -> tuple[str, str]:
        least = max(column + 1 if column >= 0 else -column for column in (self.word, self.tag))
        if len(cells) < max(least, 2):
            raise TaskFileError(
                f"{place}: columns found: {len(cells)}, expected {self.width} as on other lines: {shown(line)}"
            )
        word, tag = cells[self.word].removeprefix(self.prefix).strip(" "), cells[self.tag].strip()
        if not word or not tag:
            raise TaskFileError(f"{place}: word found: {word!r}, tag found: {tag!r}, expected both: {shown(line)}")
        return word, "O" if tag == "0" else tag


def _tag_column(rows: list[list[str]], width: int, numbered: bool, kind: Kind) -> int:
    """Entities: the last column of such tags, the first where lines are numbered (outer entities before inner ones).

    Parts of speech: UPOS of CoNLL-U, the second of CoNLL-2003's four columns, else the last.
    """
    if kind == "pos":
        return _UPOS if numbered and width >= 10 else 1 if width == 4 and not numbered else width - 1
    likely = [
        column
        for column in range(1, width)
        if all(_ENTITY.fullmatch(row[column].strip()) for row in rows) and any(row[column] != "O" for row in rows)
    ]
    if not likely:
        return width - 1
    return likely[0] if numbered else likely[-1]


def _from_json(value: Any, path: Path) -> list[UnitExample]:
    items = value
    if isinstance(value, dict):
        items = next((item for item in value.values() if isinstance(item, list)), None)
    if not isinstance(items, list):
        raise TaskFileError(f"{path}: found {type(value).__name__}, expected a list of texts with entities")
    return [_from_object(item, f"{path}, item {number}") for number, item in enumerate(items, 1)]


def _from_object(item: Any, place: str) -> UnitExample:
    if not isinstance(item, dict):
        raise TaskFileError(f"{place}: found {type(item).__name__}, expected a JSON object")
    words = _first(item, "tokens", "words")
    if isinstance(words, list):
        labels = _first(item, "ner_tags", "tags", "labels", "pos_tags", "upos", "bio_tags")
        if not isinstance(labels, list) or len(labels) != len(words):
            found = len(labels) if isinstance(labels, list) else "none"
            raise TaskFileError(f"{place}: labels found: {found}, expected {len(words)}, one a token")
        return from_words([str(word) or " " for word in words], [str(label) for label in labels])
    text = _first(item, "text", "sentence", "content")
    if not isinstance(text, str):
        raise TaskFileError(f"{place}: keys found: {', '.join(map(str, item))}; expected text or tokens")
    return from_characters(text, _spans(item, text, place))


def _spans(item: dict[str, Any], text: str, place: str) -> list[tuple[int, int, str]]:
    """Entities of a text, longest first where they overlap."""
    value = _first(item, "entities", "label", "labels", "spans", "annotations")
    found: list[tuple[int, int, str]] = []
    if isinstance(value, dict):
        # {kind: {name: [[first, last]]}}: the last character is counted in.
        for kind, names in value.items():
            for name, places in names.items() if isinstance(names, dict) else [("", names)]:
                for a, b in places:
                    span = _number(a, place), _number(b, place) + 1, str(kind)
                    _check_name(name, span, text, place)
                    found.append(span)
    elif isinstance(value, list):
        for entry in value:
            span = _span(entry, place)
            name = _first(entry, "name", "text", "word", "value", "mention") if isinstance(entry, dict) else None
            _check_name(name, span, text, place)
            found.append(span)
    else:
        raise TaskFileError(f"{place}: keys found: {', '.join(map(str, item))}; expected entities")
    chosen: list[tuple[int, int, str]] = []
    for first, end, kind in sorted(found, key=lambda span: span[0] - span[1]):
        if not 0 <= first < end <= len(text):
            raise TaskFileError(f"{place}: span found: {first} to {end}, expected inside the {len(text)} characters")
        if all(end <= other or first >= last for other, last, _ in chosen):
            chosen.append((first, end, kind))
    return sorted(chosen)


def _check_name(name: Any, span: tuple[int, int, str], text: str, place: str) -> None:
    """Raises TaskFileError where an entity is not what stands at its place: offsets may count something else."""
    first, end, _ = span
    if isinstance(name, str) and name and 0 <= first < end <= len(text) and text[first:end] != name:
        raise TaskFileError(f"{place}: at {first} to {end} found {shown(text[first:end])}, expected {shown(name)}")


def _span(entry: Any, place: str) -> tuple[int, int, str]:
    if isinstance(entry, (list, tuple)) and len(entry) >= 3:
        return _number(entry[0], place), _number(entry[1], place), str(entry[2])
    if isinstance(entry, dict):
        kind = _first(entry, "type", "label", "entity_type", "entity", "tag")
        span = _first(entry, "span", "offsets", "position")
        first, end = span if isinstance(span, list) and len(span) == 2 else (
            _first(entry, "start", "start_offset", "begin", "start_idx"), _first(entry, "end", "end_offset", "end_idx")
        )  # fmt: skip
        if kind is not None:
            return _number(first, place), _number(end, place), str(kind)
    raise TaskFileError(f"{place}: entity found: {shown(str(entry))}, expected its span and type")


def _number(value: Any, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TaskFileError(f"{place}: offset found: {value!r}, expected a whole number")
    return value


def _first(item: dict[str, Any], *names: str) -> Any:
    return next((item[name] for name in names if name in item), None)


#: Makes labels of others: entity types mapped, say.
Relabel = Callable[[str], str]


def relabelled(examples: Sequence[UnitExample], relabel: Relabel) -> list[UnitExample]:
    """Each label ``B-KIND`` with another kind; an empty one makes it O."""
    found = []
    for example in examples:
        labels = []
        for label in example.labels:
            prefix, separator, kind = label.partition("-")
            new = relabel(kind) if separator else kind
            labels.append(label if not separator else f"{prefix}-{new}" if new else "O")
        found.append(UnitExample(example.text, example.spans, tuple(labels)))
    return found
