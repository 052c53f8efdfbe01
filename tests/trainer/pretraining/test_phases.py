"""Rows, batches and masks that change inside a stage, while its optimiser goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hanmill.trainer.configs.stage import StageConfig
from hanmill.trainer.errors import CheckpointError
from hanmill.trainer.runs.checkpoint import Checkpoints

PHASES = [
    {"start": 3, "shape": {"mask_rate": 0.3}},
    {"start": 5, "shape": {"window": 32, "global_batch": 12, "micro_batch": 6}},
]
STAGE = {"name": "pretraining", "steps": 8, "learning_rate": 0.005, "warmup": 1, "schedule": "linear"}


def test_short_rows_then_long_ones(corpus_folder: Path, tmp_path: Path, small, train_here, corpus_tools) -> None:
    stage = STAGE | {"shape": {"window": 16, "global_batch": 30, "micro_batch": 15}, "phases": PHASES}
    loop = {"checkpoint_every": 1, "keep_checkpoints": 9, "evaluate_every": 2}
    config = small("chinesebert", stages=[stage], encoder={"dropout": 0.1}, loop=loop)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    train_here("chinesebert", config, corpus_folder, whole)
    lines = corpus_tools.log_of(whole, "train")
    assert [(line["epoch"], line["batch"]) for line in lines] == [(0, n) for n in range(1, 6)] + [
        (1, n) for n in range(1, 4)
    ]
    # Targets of the same validation documents: more at twice the rate; the best starts anew with longer rows.
    targets = [line["targets"] for line in corpus_tools.log_of(whole, "validation")]
    assert targets[2] > 1.5 * targets[1]
    (best,) = Checkpoints(whole / "checkpoints", 9).paths("best")
    assert best.name in ("best-00-000000006", "best-00-000000008")
    shutil.copytree(whole, cut)
    for path in Checkpoints(cut / "checkpoints", 9).paths():
        if path.name not in ("step-00-000000004", "step-00-000000005"):
            shutil.rmtree(path)
    train_here("chinesebert", config, corpus_folder, cut)
    shutil.rmtree(cut / "checkpoints" / "step-00-000000005")
    again = corpus_tools.log_of(cut, "train")[8:]
    assert [line["loss"] for line in again] == [line["loss"] for line in lines[5:]]
    # What one step holds in memory may change, what it learns may not.
    phases = [PHASES[0], {"start": 5, "shape": {"window": 32, "global_batch": 12, "micro_batch": 4}}]
    train_here(
        "chinesebert",
        small("chinesebert", stages=[stage | {"phases": phases}], encoder={"dropout": 0.1}, loop=loop),
        corpus_folder,
        cut,
    )
    phases = [PHASES[0], {"start": 6, "shape": PHASES[1]["shape"]}]
    with pytest.raises(CheckpointError, match=r"stages\.0\.phases\.1\.start of the checkpoint: 5; asked: 6"):
        train_here(
            "chinesebert",
            small("chinesebert", stages=[stage | {"phases": phases}], encoder={"dropout": 0.1}, loop=loop),
            corpus_folder,
            cut,
        )


def test_shapes(small) -> None:
    stage = small("chinesebert", stages=[STAGE | {"phases": PHASES}]).stages[0]
    assert [stage.at(step).shape.mask_rate for step in (0, 2, 3, 7)] == [None, None, 0.3, 0.3]
    assert [stage.changes_after(step) for step in (0, 3, 4, 5)] == [3, 5, 5, 8]
    with pytest.raises(ValueError, match="phases whose starts rise from above 0"):
        StageConfig(**{**STAGE, "phases": tuple(reversed(stage.phases))})
    with pytest.raises(ValueError, match=r"data\.window \(65\) of at most encoder\.positions"):
        small("unihanlm", stages=[STAGE | {"name": "character", "shape": {"window": 65}}])
    with pytest.raises(ValueError, match=r"window \(2\) of at least 3"):
        small("chinesebert", stages=[STAGE | {"shape": {"window": 2}}])
    with pytest.raises(ValueError, match="a shape of global_batch alone"):
        small("mlma", stages=[STAGE | {"shape": {"window": 16}}])


def test_the_batch_of_mlma_grows(word_corpus: Path, tmp_path: Path, small, train_here, corpus_tools) -> None:
    stage = STAGE | {"steps": 4, "phases": [{"start": 2, "shape": {"global_batch": 3}}]}
    train_here("mlma", small("mlma", stages=[stage]), word_corpus, tmp_path / "run")
    assert [line["epoch"] for line in corpus_tools.log_of(tmp_path / "run", "train")] == [0, 0, 1, 1]


def test_a_stage_of_other_rows_begins_an_epoch(
    corpus_folder: Path, tmp_path: Path, small, train_here, corpus_tools
) -> None:
    for window, places in ((32, [(0, 1), (0, 2), (0, 3), (0, 4)]), (16, [(0, 1), (0, 2), (1, 1), (1, 2)])):
        stages = [STAGE | {"name": name, "steps": 2} for name in ("cluster", "character")]
        stages[1] |= {"shape": {"window": window}} if window != 32 else {}
        run = tmp_path / str(window)
        train_here("unihanlm", small("unihanlm", stages=stages), corpus_folder, run)
        assert [(line["epoch"], line["batch"]) for line in corpus_tools.log_of(run, "train")] == places
