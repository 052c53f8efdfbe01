"""Rows of texts whose units carry a label each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hanmill.trainer.finetuning.batches import Input, frame
from hanmill.trainer.finetuning.files.units import UnitExample
from hanmill.trainer.finetuning.tasks.task import Floats, Rows
from hanmill.trainer.finetuning.text_encoder import EncodedText

#: Where a long text is cut, if it can be.
_CUTS = frozenset("。！？；，、!?;,．.")
#: Class of a unit that the training set does not have: not learnt from.
UNKNOWN_CLASS = -100


def unit_rows(examples: Sequence[UnitExample], labels: Sequence[str], rows: Rows, words: bool) -> list[Input]:
    """A row of each example, several of one longer than the longest row. A unit is read from its first token."""
    numbers = {label: number for number, label in enumerate(labels)}
    breaks = [frozenset(place for span in example.spans for place in span) for example in examples]
    encoded = rows.encoder.encode([example.text for example in examples], rows.language, words=words, breaks=breaks)
    found = []
    for origin, (example, text) in enumerate(zip(examples, encoded, strict=True)):
        unit_of = _units_of(example, text)
        for start, end in _stretches(example.text, text, rows.max_length - 2):
            part = EncodedText(
                text.ids[start:end], text.starts[start:end], text.ends[start:end], text.pinyin[start:end]
            )
            ids, types, pinyin = frame(rows.encoder.settings.special, part, None, rows.language_id, False)
            places = [place for place in range(start, end) if unit_of[place] >= 0]
            units = [unit_of[place] for place in places]
            targets: list[float] = [numbers.get(example.labels[unit], UNKNOWN_CLASS) for unit in units]
            found.append(
                Input(
                    ids,
                    types,
                    pinyin,
                    rows.language_id,
                    [place - start + 1 for place in places],
                    targets,
                    origin,
                    units,
                )
            )
    return found


def unit_labels(
    examples: Sequence[UnitExample],
    labels: Sequence[str],
    inputs: Sequence[Input],
    outputs: Sequence[Floats],
    otherwise: str,
) -> list[tuple[str, ...]]:
    """The best class of each unit; ``otherwise`` that of units without a token of their own."""
    found = [[otherwise] * len(example.spans) for example in examples]
    for row, logits in zip(inputs, outputs, strict=True):
        for unit, number in zip(row.marks, np.argmax(logits, axis=1).tolist() if len(logits) else [], strict=True):
            found[row.origin][unit] = labels[number]
    return [tuple(example) for example in found]


def _units_of(example: UnitExample, text: EncodedText) -> list[int]:
    """The unit whose first token each token is, else -1."""
    found = [-1] * len(text.ids)
    token = 0
    for unit, (first, end) in enumerate(example.spans):
        while token < len(text.ids) and text.starts[token] < first:
            token += 1
        if token < len(text.ids) and text.starts[token] < end:
            found[token] = unit
            token += 1
    return found


def _stretches(raw: str, text: EncodedText, limit: int) -> list[tuple[int, int]]:
    stretches, start, total = [], 0, len(text.ids)
    while total - start > limit:
        end = start + limit
        for place in range(end, start + limit * 2 // 3, -1):
            if raw[text.starts[place - 1]] in _CUTS:
                end = place
                break
        stretches.append((start, end))
        start = end
    return [*stretches, (start, total)]
