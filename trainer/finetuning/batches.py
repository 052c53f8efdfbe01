"""Encoded examples of a task as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch

from hanmill.schemas.corpus import SYLLABLE_LENGTH
from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.data.specials import Specials
from hanmill.trainer.finetuning.text_encoder import EncodedText


@dataclass(frozen=True, slots=True)
class Input:
    """One row, special tokens included. ``types`` 0 or 1 a token; ``pinyin`` as ``EncodedText.pinyin``.

    ``places`` are the tokens that are predicted, ``targets`` the class of each, or, of a text, the one class or number;
    of a question ``places`` are the tokens that may be answers, ``targets`` the first and the last token of the answer.
    ``origin`` says which example it is of, ``marks`` what each place stands for: the number of its unit, or of a
    token of a paragraph where it begins and ends.
    """

    ids: list[int]
    types: list[int]
    pinyin: list[tuple[int, ...]]
    language: int
    places: list[int]
    targets: list[float]
    origin: int
    marks: list[Any]


class TaskBatch(NamedTuple):
    """``inputs``; ``places`` int64 [targets] of the flattened rows; ``targets`` int64, or float of numbers, as long, or
    [rows, 2] for answers.
    """

    inputs: MaskedBatch
    places: torch.Tensor
    targets: torch.Tensor

    def to(self, device: torch.device) -> TaskBatch:
        """The same batch on a device."""
        return TaskBatch(self.inputs.to(device), self.places.to(device), self.targets.to(device))


def frame(
    special: Specials, first: EncodedText, second: EncodedText | None, language: int, two_types: bool
) -> tuple[list[int], list[int], list[tuple[int, ...]]]:
    """``begin first end`` or ``begin first end second end``: ids, types and pinyin."""
    nothing = (0,) * SYLLABLE_LENGTH
    ids = [special.begin, *first.ids, special.end]
    pinyin = [nothing, *first.pinyin, nothing] if first.pinyin or not first.ids else []
    types = [0] * len(ids)
    if second is not None:
        ids += [*second.ids, special.end]
        types += [int(two_types)] * (len(second.ids) + 1)
        pinyin = [*pinyin, *second.pinyin, nothing] if pinyin else []
    return ids, types, pinyin


def collate(rows: Sequence[Input], special: Specials, *, pinyin: bool, kind: str) -> TaskBatch:
    """Rows padded to the longest. ``kind``: ``units``, ``classes``, ``numbers`` or ``answers``."""
    longest = max(len(row.ids) for row in rows)
    shape = (len(rows), longest)
    ids = np.full(shape, special.padding, np.int64)
    segments, types, language = np.zeros(shape, np.int32), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    spelled = np.zeros((*shape, SYLLABLE_LENGTH), np.uint8) if pinyin else None
    places: list[int] = []
    targets: list[float] = []
    for number, row in enumerate(rows):
        length = len(row.ids)
        ids[number, :length] = row.ids
        types[number, :length] = row.types
        segments[number, :length] = 1
        language[number] = row.language
        if spelled is not None and row.pinyin:
            spelled[number, :length] = row.pinyin
        places += [number * longest + place for place in row.places]
        targets += row.targets
    inputs = MaskedBatch(
        ids=torch.from_numpy(ids),
        positions=torch.arange(longest).expand(shape),
        segments=torch.from_numpy(segments),
        pinyin=None if spelled is None else torch.from_numpy(spelled),
        language=torch.from_numpy(language),
        places=torch.empty(0, dtype=torch.int64),
        targets=torch.empty(0, dtype=torch.int64),
        types=torch.from_numpy(types),
    )
    kept = torch.tensor(targets, dtype=torch.float32 if kind == "numbers" else torch.int64)
    if kind == "answers":
        kept = kept.view(-1, 2)
    return TaskBatch(inputs, torch.tensor(places, dtype=torch.int64), kept)
