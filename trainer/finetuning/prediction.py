"""What a fine-tuned model says of examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from hanmill.trainer.data.specials import Specials
from hanmill.trainer.finetuning.batches import Input, collate
from hanmill.trainer.finetuning.heads import TaskModel
from hanmill.trainer.finetuning.tasks.task import Floats, Kind

#: Rows at a time.
_ROWS = 64


@torch.no_grad()
def run_rows(
    model: TaskModel, inputs: Sequence[Input], special: Specials, kind: Kind, pinyin: bool, device: torch.device
) -> tuple[list[Floats], float]:
    """Logits of each row (units [places, classes], texts [classes], answers [tokens, 2]), and the loss, a mean over
    targets.
    """
    model.eval()
    # Neighbours of one length waste no padding.
    order = sorted(range(len(inputs)), key=lambda place: len(inputs[place].ids))
    found: dict[int, Floats] = {}
    loss, targets = 0.0, 0
    for start in range(0, len(order), _ROWS):
        places = order[start : start + _ROWS]
        rows = [inputs[place] for place in places]
        batch = collate(rows, special, pinyin=pinyin, kind=kind).to(device)
        logits = model.logits(batch)
        loss += float(model.loss(logits, batch))
        targets += len(batch.targets)
        values = logits.float().cpu().numpy()
        parts: Any
        if kind == "units":
            parts = np.split(values, np.cumsum([len(row.places) for row in rows])[:-1])
        elif kind == "answers":
            parts = [values[number, : len(row.ids)] for number, row in enumerate(rows)]
        else:
            parts = list(values)
        found |= dict(zip(places, parts, strict=True))
    return [found[place] for place in range(len(inputs))], loss / max(1, targets)
