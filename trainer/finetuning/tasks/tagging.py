"""Named entities and parts of speech: a tag for each word or character."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from hanmill.trainer.configs.task_form import FormConfig
from hanmill.trainer.finetuning.batches import Input
from hanmill.trainer.finetuning.files.tagged import Columns, read_tagged, relabelled
from hanmill.trainer.finetuning.files.task_file import is_json_lines, json_objects, not_empty, read_lines
from hanmill.trainer.finetuning.files.units import UnitExample, as_characters
from hanmill.trainer.finetuning.tasks.task import Floats, Kind, Rows
from hanmill.trainer.finetuning.tasks.unit_rows import unit_labels, unit_rows
from hanmill.trainer.tagging.chunks import chunks, score

Labels = tuple[str, ...]


class Tagging:
    """``entities`` are scored as conlleval does, ``pos`` by accuracy."""

    def __init__(self, name: Literal["entities", "pos"]) -> None:
        self.name = name

    def kind(self, labels: Sequence[str]) -> Kind:
        """A class for each unit."""
        return "units"

    def read(self, path: Path, form: FormConfig, *, labelled: bool = True) -> list[UnitExample]:
        """Columns, CoNLL-U, JSON with spans or tokens; without labels, a text a line or JSON lines with ``text``."""
        if not labelled:
            return self._read_raw(path, form)
        kind: Literal["entities", "pos"] = "pos" if self.name == "pos" else "entities"
        found = read_tagged(path, kind, Columns(form.word_column, form.tag_column))
        if form.entity_types == "three" and kind == "entities":
            types = _three_types()
            found = relabelled(found, lambda kind: types.get(kind.lower(), ""))
        return [as_characters(example) for example in found] if form.units == "characters" else found

    def _read_raw(self, path: Path, form: FormConfig) -> list[UnitExample]:
        lines = read_lines(path)
        if is_json_lines(lines):
            texts = [str(value.get("text", value.get("sentence", ""))) for _, value in json_objects(path, lines)]
        else:
            texts = [line for _, line in lines]
        not_empty(texts, path, "lines")
        return [_raw(text) for text in texts]

    def texts(self, examples: Sequence[UnitExample]) -> list[str]:
        """The texts."""
        return [example.text for example in examples]

    def labels(self, train: Sequence[UnitExample], form: FormConfig) -> Labels:
        """All tags, by their spelling."""
        return tuple(sorted({label for example in train for label in example.labels}))

    def known(self, train: Sequence[UnitExample]) -> frozenset[str]:
        """None are asked for."""
        return frozenset()

    def inputs(self, examples: Sequence[UnitExample], labels: Sequence[str], rows: Rows) -> list[Input]:
        """Words in pieces where the model has such; characters one by one."""
        words = any(end - first > 1 for example in examples for first, end in example.spans)
        return unit_rows(examples, labels, rows, words=words)

    def decode(
        self, examples: Sequence[UnitExample], labels: Sequence[str], inputs: Sequence[Input], outputs: Sequence[Floats]
    ) -> list[Labels]:
        """The best tag of each unit."""
        return unit_labels(examples, labels, inputs, outputs, "O" if "O" in labels else labels[0])

    def score(
        self, examples: Sequence[UnitExample], predicted: Sequence[Labels], form: FormConfig, known: frozenset[str]
    ) -> dict[str, float]:
        """Of chunks F, precision and recall and their number; accuracy of units."""
        found = score((example.labels for example in examples), predicted)
        if self.name == "pos":
            return {"accuracy": found.accuracy, "units": found.tokens}
        return {
            "f1": found.f1, "precision": found.precision, "recall": found.recall, "accuracy": found.accuracy,
            "chunks": found.gold, "units": found.tokens,
        }  # fmt: skip

    def write(self, path: Path, examples: Sequence[UnitExample], predicted: Sequence[Labels]) -> Path:
        """Unit, gold tag and predicted tag a line, an empty line after each sentence: what conlleval reads."""
        target = path.with_name(f"{path.name}.conll.txt")
        with target.open("w", encoding="utf-8") as file:
            for example, labels in zip(examples, predicted, strict=True):
                for unit, gold, label in zip(example.units, example.labels, labels, strict=True):
                    file.write(f"{'_'.join(unit.split()) or '_'} {gold} {label}\n")
                file.write("\n")
        return target

    def record(self, example: UnitExample, predicted: Labels) -> dict[str, Any]:
        """Entities, or all units of parts of speech, with their places in the text."""
        if self.name == "pos":
            spans = [(label, number, number + 1) for number, label in enumerate(predicted)]
        else:
            spans = chunks(predicted)
        found = []
        for kind, first, end in spans:
            start, after = example.spans[first][0], example.spans[end - 1][1]
            found.append({"start": start, "end": after, "text": example.text[start:after], "label": kind})
        return {"text": example.text, "tags" if self.name == "pos" else "entities": found}


def _raw(text: str) -> UnitExample:
    """Words of alphabetic scripts, single characters of all others."""
    spans: list[tuple[int, int]] = []
    for place, character in enumerate(text):
        if character.isspace():
            continue
        if character.isalnum() and ord(character) < 0x1100 and spans and spans[-1][1] == place:
            before = text[place - 1]
            if before.isalnum() and ord(before) < 0x1100:
                spans[-1] = (spans[-1][0], place + 1)
                continue
        spans.append((place, place + 1))
    return UnitExample(text, tuple(spans), ("O",) * len(spans))


@cache
def _three_types() -> dict[str, str]:
    """PER, ORG or LOC for the types of several sets, by their names in lower case."""
    text = resources.files("hanmill.trainer.finetuning").joinpath("data/entity_types.tsv").read_text(encoding="utf-8")
    rows = csv.reader((line for line in text.splitlines() if not line.startswith("#")), delimiter="\t")
    return {row[0].lower(): row[1] for row in rows if row}
