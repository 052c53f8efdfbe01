"""Spikes are left out, or gone behind, by rule; activations computed again change nothing; a trace is written."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pytest
import torch

from hanmill.trainer.configs.loop import SpikeConfig
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.errors import TrainingDiverged
from hanmill.trainer.pretraining import loop as module
from hanmill.trainer.pretraining.loop import pretrain
from hanmill.trainer.pretraining.spikes import is_spike, limit, running_mean
from hanmill.trainer.registry import find_model
from hanmill.trainer.runs.checkpoint import Checkpoints

STAGE = {"name": "pretraining", "steps": 8, "learning_rate": 0.002, "warmup": 0, "schedule": "constant"}


def test_the_rule() -> None:
    rule = SpikeConfig("skip", factor=3.0, memory=10, after=5)
    assert limit(rule, None, 5) == limit(rule, 1.0, 4) == math.inf
    assert limit(rule, 2.0, 5) == 6.0
    assert [is_spike(norm, 6.0) for norm in (6.0, 6.1, math.nan, math.inf)] == [False, True, True, True]
    assert running_mean(rule, running_mean(rule, None, 2.0), 4.0) == pytest.approx(2.2)
    with pytest.raises(ValueError, match="factor above 1"):
        SpikeConfig(factor=1.0)


@pytest.fixture
def spiky(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Batches, by their number in the epoch, whose gradients come out a thousand times too large."""
    chosen: list[int] = []
    step = module._Loop._step

    def enlarged(self, stage, replica, optimizer, batch, targets):
        self.objective = find_model("chinesebert").objective(self.config)
        if batch.number in chosen:
            plain = self.objective.loss_sum
            self.objective.loss_sum = lambda model, batch: 1000 * plain(model, batch)
        return step(self, stage, replica, optimizer, batch, targets)

    monkeypatch.setattr(module._Loop, "_step", enlarged)
    return chosen


@pytest.mark.parametrize("action", ["skip", "rollback"])
def test_spikes(corpus_folder: Path, tmp_path: Path, small, train_here, corpus_tools, spiky: list, action: str) -> None:
    spikes = {"action": action, "after": 3, "memory": 4, "factor": 10.0}
    loop = {"checkpoint_every": 2, "keep_checkpoints": 9, "spikes": spikes}
    config = small("chinesebert", stages=[STAGE], loop=loop)
    spiky.append(5)
    train_here("chinesebert", config, corpus_folder, tmp_path / "run")
    (spike,) = corpus_tools.log_of(tmp_path / "run", "spike")
    assert (spike["step"], spike["batch"], spike["action"]) == (6, 5, action)
    assert spike["gradient_norm"] > 10 * spike["limit"]
    lines = corpus_tools.log_of(tmp_path / "run", "train")
    assert max(line["loss"] for line in lines) < 10
    if action == "rollback":
        (gone,) = corpus_tools.log_of(tmp_path / "run", "rollback")
        assert (gone["taken"], gone["batch"]) == ("step-00-000000004", 6)
        assert [(line["step"], line["batch"]) for line in lines[4:]] == [(5, 5), (5, 7), (6, 8), (7, 9), (8, 10)]
    else:
        assert [line["step"] for line in lines] == list(range(1, 9))
    # A run that was stopped before the spike meets it again and does the same.
    cut = tmp_path / "cut"
    shutil.copytree(tmp_path / "run", cut)
    for path in Checkpoints(cut / "checkpoints", 9).paths()[2:]:
        shutil.rmtree(path)
    train_here("chinesebert", config, corpus_folder, cut)
    assert [line["loss"] for line in corpus_tools.log_of(cut, "train")[len(lines) :]] == [
        line["loss"] for line in lines[4:]
    ]
    if action == "rollback":
        spiky += range(6, 99)
        with pytest.raises(
            TrainingDiverged, match=r"found a spike, checkpoint to go back to: .*gone back before: 3 times"
        ):
            train_here("chinesebert", config, corpus_folder, tmp_path / "hopeless")


def test_computing_activations_again_changes_nothing(
    corpus_folder: Path, tmp_path: Path, small, train_here, corpus_tools
) -> None:
    losses = []
    for again in (False, True):
        stage = STAGE | {"steps": 3}
        config = small("chinesebert", stages=[stage], encoder={"dropout": 0.1}, loop={"recompute": again})
        train_here("chinesebert", config, corpus_folder, tmp_path / str(again))
        losses.append([line["loss"] for line in corpus_tools.log_of(tmp_path / str(again), "train")])
    assert losses[0] == losses[1]


def test_a_trace_of_three_steps(corpus_folder: Path, tmp_path: Path, small) -> None:
    config = small("unihanlm", stages=[STAGE | {"name": "character", "steps": 9}])
    threads = torch.get_num_threads()
    pretrain(find_model("unihanlm"), config, Corpus(corpus_folder), tmp_path / "run", profile=True)
    assert torch.get_num_threads() == threads
    trace = json.loads((tmp_path / "run" / "profile" / "rank-0.json").read_text(encoding="utf-8"))
    names = [event.get("name", "") for event in trace["traceEvents"]]
    assert (
        sum(
            name.startswith("ProfilerStep#") and "cat" in event
            for name, event in zip(names, trace["traceEvents"], strict=True)
        )
        >= 3
    )
    assert "aten::addmm" in names
