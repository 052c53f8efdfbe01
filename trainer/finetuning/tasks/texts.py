"""A class or a number for one text (``sentence``) or two (``pair``)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from hanmill.trainer.configs.task_form import FormConfig
from hanmill.trainer.finetuning.batches import Input, frame
from hanmill.trainer.finetuning.files.labelled_texts import Fields, TextExample, read_labelled
from hanmill.trainer.finetuning.files.task_file import TaskFileError, is_json_lines, not_empty, read_lines
from hanmill.trainer.finetuning.scores.classes import accuracy, macro_f1, pearson, spearman
from hanmill.trainer.finetuning.tasks.task import Floats, Kind, Rows
from hanmill.trainer.finetuning.text_encoder import EncodedText

#: Marks a task of numbers in the place of its classes.
_NUMBERS = ("#number",)
#: More different numbers than this are no classes.
_MOST_CLASSES = 20


class Texts:
    """Labels are classes, unless they are numbers with fractions or very many."""

    def __init__(self, name: Literal["sentence", "pair"]) -> None:
        self.name = name
        self._pair = name == "pair"

    def kind(self, labels: Sequence[str]) -> Kind:
        """One number, or a class."""
        return "numbers" if tuple(labels) == _NUMBERS else "classes"

    def read(self, path: Path, form: FormConfig, *, labelled: bool = True) -> list[TextExample]:
        """TSV, CSV, JSON lines; without labels also a text a line."""
        fields = Fields(form.first, form.second, form.label)
        if labelled:
            return read_labelled(path, self._pair, fields)
        lines = read_lines(path)
        if is_json_lines(lines) or self._pair or any("\t" in line for _, line in lines):
            return read_labelled(path, self._pair, fields, labelled=False)
        found = [TextExample(str(number), line, "", "") for number, line in lines if line.strip()]
        not_empty(found, path, "lines")
        return found

    def texts(self, examples: Sequence[TextExample]) -> list[str]:
        """Both texts."""
        return [example.first + example.second for example in examples]

    def labels(self, train: Sequence[TextExample], form: FormConfig) -> tuple[str, ...]:
        """Classes by their spelling, numbers by their size."""
        found = sorted({example.label for example in train})
        numbers = [_number(label) for label in found]
        all_numbers = all(number is not None for number in numbers)
        if form.labels == "numbers" and not all_numbers:
            wrong = next(label for label, number in zip(found, numbers, strict=True) if number is None)
            raise TaskFileError(f"label found: {wrong!r}, expected a number as --labels says")
        fractions = all_numbers and (
            len(found) > _MOST_CLASSES or any(number is not None and number % 1 for number in numbers)
        )
        if form.labels == "numbers" or (fractions and form.labels != "classes"):
            return _NUMBERS
        return tuple(sorted(found, key=lambda label: (_number(label) or 0.0, label)) if all_numbers else found)

    def known(self, train: Sequence[TextExample]) -> frozenset[str]:
        """None are asked for."""
        return frozenset()

    def inputs(self, examples: Sequence[TextExample], labels: Sequence[str], rows: Rows) -> list[Input]:
        """One row each; the longer text of a pair is cut first."""
        numbers = {label: float(number) for number, label in enumerate(labels)}
        is_number = self.kind(labels) == "numbers"
        firsts, seconds = (
            rows.encoder.encode([getattr(example, part) for example in examples], rows.language, words=True)
            for part in ("first", "second")
        )
        two_types = rows.encoder.settings.kind != "unihanlm" and rows.encoder.settings.token_types > 1
        found = []
        for origin, example in enumerate(examples):
            first, second = firsts[origin], seconds[origin] if self._pair else None
            room = rows.max_length - (3 if second else 2)
            keep_first, keep_second = _shares(len(first.ids), len(second.ids) if second else 0, room)
            ids, types, pinyin = frame(
                rows.encoder.settings.special, _cut(first, keep_first), _cut(second, keep_second) if second else None,
                rows.language_id, two_types,
            )  # fmt: skip
            if is_number:
                number = _number(example.label)
                if number is None and example.label:
                    raise TaskFileError(
                        f"example {example.identifier}: label found: {example.label!r}, expected a number"
                    )
                target = number or 0.0
            else:
                target = numbers.get(example.label, -100.0)
            found.append(Input(ids, types, pinyin, rows.language_id, [0], [target], origin, []))
        return found

    def decode(
        self, examples: Sequence[TextExample], labels: Sequence[str], inputs: Sequence[Input], outputs: Sequence[Floats]
    ) -> list[str]:
        """The best class, or the number."""
        if self.kind(labels) == "numbers":
            return [f"{float(logits[0]):.4f}" for logits in outputs]
        return [labels[int(np.argmax(logits))] for logits in outputs]

    def score(
        self, examples: Sequence[TextExample], predicted: Sequence[str], form: FormConfig, known: frozenset[str]
    ) -> dict[str, float]:
        """Accuracy and macro F1 of classes; correlations of numbers."""
        gold = [example.label for example in examples]
        if form.labels == "numbers":
            wanted = [_number(label) for label in gold]
            if any(number is None for number in wanted):
                raise TaskFileError("labels found: names, expected numbers as in the training set")
            numbers = [number or 0.0 for number in wanted]
            mine = [float(value) for value in predicted]
            return {"pearson": pearson(numbers, mine), "spearman": spearman(numbers, mine), "examples": len(gold)}
        return {"accuracy": accuracy(gold, predicted), "macro_f1": macro_f1(gold, predicted), "examples": len(gold)}

    def write(self, path: Path, examples: Sequence[TextExample], predicted: Sequence[str]) -> Path:
        """Name of the example, gold and predicted label, by tabs, under a header."""
        target = path.with_name(f"{path.name}.labels.tsv")
        rows = [
            f"{example.identifier}\t{example.label}\t{label}"
            for example, label in zip(examples, predicted, strict=True)
        ]
        target.write_text("\n".join(["id\tgold\tpredicted", *rows]) + "\n", encoding="utf-8")
        return target

    def record(self, example: TextExample, predicted: str) -> dict[str, Any]:
        """The text or texts and the label."""
        texts = {"text": example.first} if not self._pair else {"first": example.first, "second": example.second}
        return {"id": example.identifier, **texts, "label": predicted}


def _shares(first: int, second: int, room: int) -> tuple[int, int]:
    """Tokens kept of each: the longer one gives first."""
    over = max(0, first + second - room)
    kept_first, kept_second = first, second
    if kept_first > kept_second:
        given = min(over, kept_first - kept_second)
        kept_first, over = kept_first - given, over - given
    else:
        given = min(over, kept_second - kept_first)
        kept_second, over = kept_second - given, over - given
    return kept_first - (over + 1) // 2, kept_second - over // 2


def _cut(text: EncodedText, length: int) -> EncodedText:
    return EncodedText(text.ids[:length], text.starts[:length], text.ends[:length], text.pinyin[:length])


def _number(label: str) -> float | None:
    try:
        value = float(label)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
