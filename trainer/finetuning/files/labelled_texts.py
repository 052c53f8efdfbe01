"""One text or two with a class or a number: TSV, CSV and JSON lines, with a header or without."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanmill.trainer.finetuning.files.task_file import (
    TaskFileError,
    is_json_lines,
    json_objects,
    not_empty,
    read_json,
    read_lines,
    read_text,
    shown,
)

#: Names of columns and keys in published sets, best first.
FIRST = (
    "sentence1", "sentence_a", "premise", "text1", "text_a", "question1", "query1", "sentence", "text", "review",
    "review_body", "content", "title", "source",
)  # fmt: skip
SECOND = (
    "sentence2", "sentence_b", "hypothesis", "hypo", "text2", "text_b", "question2", "query2", "target", "keywords",
)  # fmt: skip
LABEL = ("gold_label", "label", "labels", "score", "similarity", "stars", "class", "category", "y")
_NAME = ("id", "idx", "guid", "pairid", "pair_id", "sentence_pair_id", "qid")
#: NLI sets mark pairs on which no two people agreed so.
_NO_LABEL = "-"


@dataclass(frozen=True, slots=True)
class Fields:
    """Columns or keys by name, or columns by number from 0; empty: found by their names and contents."""

    first: str = ""
    second: str = ""
    label: str = ""


ANY_FIELDS = Fields()


@dataclass(frozen=True, slots=True)
class TextExample:
    """``second`` is empty for a single text; ``label`` as it is written, empty where unknown."""

    identifier: str
    first: str
    second: str
    label: str


def read_labelled(path: Path, pair: bool, fields: Fields = ANY_FIELDS, labelled: bool = True) -> list[TextExample]:
    """Examples of a file; those without an agreed label (``-``) are left out. Raises TaskFileError naming the line."""
    name = path.name.removesuffix(path.suffix) if path.suffix in (".xz", ".gz", ".bz2") else path.name
    lines = read_lines(path)
    if is_json_lines(lines) and not (name.endswith(".json") and len(lines) == 1 and '"data"' in lines[0][1][:40]):
        rows = [(f"{path}, line {number}", value) for number, value in json_objects(path, lines)]
        found = _from_objects(rows, pair, fields, labelled)
    elif name.endswith(".json"):
        value = read_json(path)
        items = value if isinstance(value, list) else value.get("data") if isinstance(value, dict) else None
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise TaskFileError(f"{path}: found {type(value).__name__}, expected a list of JSON objects")
        found = _from_objects([(f"{path}, item {n}", item) for n, item in enumerate(items, 1)], pair, fields, labelled)
    else:
        found = _from_table(path, _cells(path, name, lines), pair, fields, labelled)
    found = [example for example in found if not labelled or example.label != _NO_LABEL]
    not_empty(found, path, "examples")
    return found


def _cells(path: Path, name: str, lines: list[tuple[int, str]]) -> list[tuple[int, list[str]]]:
    if name.endswith(".csv"):
        reader = csv.reader(io.StringIO(read_text(path), newline=""))
        return [(reader.line_num, row) for row in reader if row]
    # In TSV a quotation mark is a character as any other.
    return [(number, line.split("\t")) for number, line in lines if line.strip()]


def _from_objects(
    rows: Sequence[tuple[str, dict[str, Any]]], pair: bool, fields: Fields, labelled: bool
) -> list[TextExample]:
    found = []
    for number, (place, item) in enumerate(rows):
        names = {str(key).lower(): key for key in item}

        def value(
            wanted: str, known: Sequence[str], need: bool, place: str = place, item: Any = item, names: Any = names
        ) -> str:
            for name in (wanted,) if wanted else known:
                key = name if name in item else names.get(name.lower())
                if key is not None and item[key] is not None:
                    return item[key] if isinstance(item[key], str) else _written(item[key])
            if need:
                expected = wanted or ", ".join(known)
                raise TaskFileError(f"{place}: keys found: {', '.join(map(str, item))}; expected one of {expected}")
            return ""

        found.append(
            TextExample(
                value("", _NAME, False) or str(number),
                value(fields.first, FIRST, True),
                value(fields.second, SECOND, True) if pair else "",
                value(fields.label, LABEL, labelled),
            )
        )
    return found


def _from_table(
    path: Path, rows: list[tuple[int, list[str]]], pair: bool, fields: Fields, labelled: bool
) -> list[TextExample]:
    if not rows:
        return []
    header = [cell.strip().strip('"').lower() for cell in rows[0][1]]
    known = {*FIRST, *SECOND, *LABEL, *_NAME, "text_id", "lang", "language"}
    named = sum(cell in known for cell in header) >= min(2, len(header))
    wanted = [field for field in (fields.first, fields.second, fields.label) if field]
    named = named or any(field.lower() in header for field in wanted)
    if named:
        columns = _named_columns(path, header, pair, fields, labelled)
        rows = rows[1:]
    else:
        columns = _columns(path, [cells for _, cells in rows], pair, fields, labelled)
    identifier = next((header.index(name) for name in _NAME if name in header), None) if named else None
    least = max(column for column in columns.values()) + 1
    found = []
    for number, cells in rows:
        if len(cells) < least:
            raise TaskFileError(
                f"{path}, line {number}: columns found: {len(cells)}, expected at least {least}: "
                f"{shown(' | '.join(cells))}"
            )
        values = {name: cells[column].strip() for name, column in columns.items()}
        name = cells[identifier] if identifier is not None else str(number)
        found.append(TextExample(name, values["first"], values.get("second", ""), values.get("label", "")))
        if labelled and not values.get("label"):
            raise TaskFileError(f"{path}, line {number}: label found: '', expected one: {shown(' | '.join(cells))}")
    return found


def _named_columns(path: Path, header: list[str], pair: bool, fields: Fields, labelled: bool) -> dict[str, int]:
    columns = {}
    needed = [("first", fields.first, FIRST), ("label", fields.label, LABEL)]
    if pair:
        needed.append(("second", fields.second, SECOND))
    for field, wanted, names in needed:
        candidates = (wanted.lower(),) if wanted else names
        place = next((header.index(name) for name in candidates if name in header), None)
        if place is None and wanted.isdecimal() and int(wanted) < len(header):
            place = int(wanted)
        if place is None and field == "label" and not labelled:
            continue
        if place is None:
            raise TaskFileError(
                f"{path}, line 1: columns found: {', '.join(header)}; expected one of {', '.join(candidates)}"
            )
        columns[field] = place
    return columns


def _columns(path: Path, rows: list[list[str]], pair: bool, fields: Fields, labelled: bool) -> dict[str, int]:
    """Without a header: the label is the column with the fewest different short values, texts are the longest ones."""
    width = min(len(cells) for cells in rows)
    columns = {}
    for field, wanted in (("first", fields.first), ("second", fields.second), ("label", fields.label)):
        if wanted:
            if not wanted.isdecimal() or int(wanted) >= width:
                raise TaskFileError(
                    f"{path}: columns found: {width}, without names; expected a number below, found {wanted!r}"
                )
            columns[field] = int(wanted)
    least = (2 if pair else 1) + labelled
    if width < least:
        raise TaskFileError(
            f"{path}, line 1: columns found: {width}, expected at least {least}: {shown(' | '.join(rows[0]))}"
        )
    looked = rows[:1000]
    free = [column for column in range(width) if column not in columns.values()]
    lengths = {column: sum(len(row[column]) for row in looked) for column in free}
    missing = least - len(columns)
    if missing > 0 and len(free) > missing + 1:
        # One more may be a number of the row; which of several are texts is anyone's guess.
        names = ("first", "second", "label") if pair else ("first", "label")
        options = " ".join(f"--{name} N" for name in names if name not in columns)
        raise TaskFileError(f"{path}, line 1: columns found: {width}, without names; expected {options}")
    if labelled and "label" not in columns:
        columns["label"] = min(free, key=lambda column: _as_label(looked, column))
        free.remove(columns["label"])
    texts = [field for field in ("first", "second")[: 2 if pair else 1] if field not in columns]
    longest = sorted(sorted(free, key=lambda column: -lengths[column])[: len(texts)])
    return columns | dict(zip(texts, longest, strict=True))


def _as_label(rows: list[list[str]], column: int) -> tuple[int, bool, int]:
    """The least is likeliest the label: few different values, numbers before words, the last column."""
    values = {row[column].strip() for row in rows}
    return len(values), not all(map(_is_number, values)), -column


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _written(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value)
