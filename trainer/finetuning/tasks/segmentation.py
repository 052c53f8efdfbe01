"""Word segmentation: each character begins a word (B), is inside (M), ends one (E) or is one (S)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hanmill.trainer.configs.task_form import FormConfig
from hanmill.trainer.finetuning.batches import Input
from hanmill.trainer.finetuning.files.segmented import read_segmented, words_of
from hanmill.trainer.finetuning.files.tagged import Columns
from hanmill.trainer.finetuning.files.task_file import not_empty, read_lines
from hanmill.trainer.finetuning.files.units import UnitExample
from hanmill.trainer.finetuning.scores.words import score_words
from hanmill.trainer.finetuning.tasks.task import Floats, Kind, Rows
from hanmill.trainer.finetuning.tasks.unit_rows import unit_labels, unit_rows

Labels = tuple[str, ...]


class Segmentation:
    """Scored on words as the script of SIGHAN 2005 does."""

    name = "segmentation"

    def kind(self, labels: Sequence[str]) -> Kind:
        """A class for each character."""
        return "units"

    def read(self, path: Path, form: FormConfig, *, labelled: bool = True) -> list[UnitExample]:
        """Words with spaces, CoNLL-U, columns or a corpus; without labels, a text a line."""
        if labelled:
            return read_segmented(path, Columns(form.word_column, form.tag_column), form.language)
        found = [_unlabelled(line) for _, line in read_lines(path)]
        not_empty(found, path, "lines")
        return found

    def texts(self, examples: Sequence[UnitExample]) -> list[str]:
        """The texts."""
        return [example.text for example in examples]

    def labels(self, train: Sequence[UnitExample], form: FormConfig) -> Labels:
        """The four boundaries."""
        return ("B", "M", "E", "S")

    def known(self, train: Sequence[UnitExample]) -> frozenset[str]:
        """All words."""
        return frozenset(word for example in train for word in words_of(example, example.labels))

    def inputs(self, examples: Sequence[UnitExample], labels: Sequence[str], rows: Rows) -> list[Input]:
        """A token a character."""
        return unit_rows(examples, labels, rows, words=False)

    def decode(
        self, examples: Sequence[UnitExample], labels: Sequence[str], inputs: Sequence[Input], outputs: Sequence[Floats]
    ) -> list[Labels]:
        """A character that has no token stays with the one before it."""
        return unit_labels(examples, labels, inputs, outputs, "M")

    def score(
        self, examples: Sequence[UnitExample], predicted: Sequence[Labels], form: FormConfig, known: frozenset[str]
    ) -> dict[str, float]:
        """F, precision and recall of words; rate and recall of those that training lacks (OOV), recall of others."""
        gold = [words_of(example, example.labels) for example in examples]
        found = score_words(
            gold, [words_of(example, labels) for example, labels in zip(examples, predicted, strict=True)], known
        )
        return {
            "f1": found.f1, "precision": found.precision, "recall": found.recall, "oov_rate": found.unknown_rate,
            "oov_recall": found.unknown_recall, "iv_recall": found.known_recall, "words": found.gold,
        }  # fmt: skip

    def write(self, path: Path, examples: Sequence[UnitExample], predicted: Sequence[Labels]) -> Path:
        """Words with two spaces between, a sentence a line; the gold words beside, ``….gold.txt``."""
        target = path.with_name(f"{path.name}.words.txt")
        gold = path.with_name(f"{path.name}.gold.txt")
        for file, all_labels in ((target, predicted), (gold, [example.labels for example in examples])):
            lines = ["  ".join(words_of(example, labels)) for example, labels in zip(examples, all_labels, strict=True)]
            file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return target

    def record(self, example: UnitExample, predicted: Labels) -> dict[str, Any]:
        """Words with the place of each in the text."""
        words: list[dict[str, Any]] = []
        place = 0
        for word in words_of(example, predicted):
            spans = example.spans[place : place + len(word)]
            place += len(word)
            words.append({"start": spans[0][0], "end": spans[-1][1], "text": word})
        return {"text": example.text, "words": words}


def _unlabelled(text: str) -> UnitExample:
    places = [place for place, character in enumerate(text) if not character.isspace()]
    return UnitExample(text, tuple((place, place + 1) for place in places), ("",) * len(places))
