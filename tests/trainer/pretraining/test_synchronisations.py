"""What would make a GPU's processor wait, counted on a CPU: reading a number, or finding how many there are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from hanmill.trainer.distributed.parallel import clip_gradients
from hanmill.trainer.pretraining.optimizer import build_optimizer

#: Their results' shapes, or they themselves, are on the host.
WAITING = {"_local_scalar_dense", "nonzero", "masked_select", "unique_dim", "_unique2", "equal", "is_nonzero"}


class Waits(TorchDispatchMode):
    """Counts operations that copy to the host."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()

    def __torch_dispatch__(self, function: Any, types: Any, arguments: Any = (), settings: Any = None) -> Any:
        name = function.overloadpacket.__name__
        indices = arguments[1] if name == "index" else ()
        if name in WAITING or any(index is not None and index.dtype == torch.bool for index in indices):
            self.found[name] += 1
        return function(*arguments, **(settings or {}))


def test_they_are_counted() -> None:
    values = torch.arange(4)
    with Waits() as waits:
        _ = values[values > 1], values.max().item(), values.nonzero(), values + 1
    assert waits.found == {"index": 1, "_local_scalar_dense": 1, "nonzero": 1}


@pytest.mark.parametrize("optimizer", ["adamw", "muon", "stable_adamw"])
@pytest.mark.parametrize("model", ["unihanlm", "chinesebert", "mlma"])
def test_a_step_waits_for_nothing(word_corpus: Path, small, assemble, model: str, optimizer: str) -> None:
    """The one number that is read, the optimiser's count of its steps, lies in the host's memory anyway."""
    parts = assemble(model, small(model), word_corpus)
    stage = small(model).stages[0]
    learner = build_optimizer(parts.model, type(stage)(**{**_fields(stage), "optimizer": optimizer}), parts.spec.layers)
    (batch,) = parts.batches.epoch(stage, 0)[0]
    parts.model.train()
    with Waits() as waits:
        parts.objective.loss_sum(parts.model, batch).backward()
        clip_gradients(parts.model, 1.0)
    assert not waits.found
    with Waits() as waits:
        learner.step()
    counts = sum(len(state) > 1 for state in learner.state.values())
    assert waits.found["_local_scalar_dense"] <= (0 if optimizer == "adamw" else counts)
    assert set(waits.found) <= {"_local_scalar_dense"}


def _fields(stage: Any) -> dict[str, Any]:
    return {name: getattr(stage, name) for name in stage.__dataclass_fields__}
