"""The loop: it continues as if never stopped, and it refuses what it must."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest
import torch

from hanmill.schemas.manifest import ManifestError
from hanmill.trainer.errors import CheckpointError, CorpusError, Interrupted, RunError, TrainingDiverged
from hanmill.trainer.model_spec import PretrainingConfig
from hanmill.trainer.runs.checkpoint import Checkpoints, load_checkpoint


def stages(model: str, *steps: int, rate: float = 0.005) -> list[dict]:
    names = ("cluster", "character") if model == "unihanlm" else ("pretraining",)
    return [
        {"name": name, "steps": count, "learning_rate": rate, "warmup": 10, "schedule": "inverse_sqrt", "clip": 5.0}
        for name, count in zip(names, steps, strict=True)
    ]


def curve(tools, run: Path) -> list[tuple]:
    return [(line["stage"], line["step"], line["loss"]) for line in tools.log_of(run, "train")]


@pytest.mark.parametrize("model", ["unihanlm", "chinesebert"])
def test_continues_the_same_curve(
    corpus_folder: Path, tmp_path: Path, small, train_here, corpus_tools, model: str
) -> None:
    # With dropout, across an epoch's end, and for UnihanLM across the change of stage.
    steps = (5, 4) if model == "unihanlm" else (9,)
    sizes = {"encoder": {"dropout": 0.1}, "data": {"global_batch": 150, "micro_batch": 60}}
    loop = {"checkpoint_every": 3, "log_every": 2, "keep_checkpoints": 9}
    config = small(model, stages=stages(model, *steps), loop=loop, **sizes)
    train_here(model, config, corpus_folder, tmp_path / "whole")
    whole = curve(corpus_tools, tmp_path / "whole")
    last = corpus_tools.log_of(tmp_path / "whole", "train")[-1]
    assert last["epoch"] >= 1

    # A machine that went down after step 3, in the middle of a logging interval.
    shutil.copytree(tmp_path / "whole", tmp_path / "cut")
    first, *later = Checkpoints(tmp_path / "cut" / "checkpoints", 9).paths()
    assert first.name == "step-00-000000003"
    for path in later:
        shutil.rmtree(path)
    train_here(model, config, corpus_folder, tmp_path / "cut")
    assert corpus_tools.log_of(tmp_path / "cut", "resume")[0]["step"] == 3
    assert curve(corpus_tools, tmp_path / "cut") == whole + whole[1:]
    ended = [Checkpoints(tmp_path / run / "checkpoints", 9).newest()[1].weights for run in ("whole", "cut")]
    assert all(torch.equal(ended[0][name], ended[1][name]) for name in ended[0])


def test_without_validation_shards(texts: list, tmp_path: Path, small, train_here, corpus_tools) -> None:
    corpus = corpus_tools.write(tmp_path / "corpus", texts[:60], validation=0, shards=1)
    config = small("chinesebert", stages=stages("chinesebert", 2))
    train_here("chinesebert", config, corpus, tmp_path / "run")
    assert len(corpus_tools.log_of(tmp_path / "run", "train")) == 2
    assert not corpus_tools.log_of(tmp_path / "run", "validation")


def test_accumulation_changes_nothing(corpus_folder: Path, tmp_path: Path, small, train_here, corpus_tools) -> None:
    curves = []
    for micro in (12, 5):
        config = small("chinesebert", stages=stages("chinesebert", 4), data={"micro_batch": micro})
        train_here("chinesebert", config, corpus_folder, tmp_path / str(micro))
        curves.append([loss for _, _, loss in curve(corpus_tools, tmp_path / str(micro))])
    assert curves[0] == pytest.approx(curves[1], rel=1e-5)


def test_sigterm_saves_and_the_run_goes_on(
    corpus_folder: Path, tmp_path: Path, small, train_here, corpus_tools
) -> None:
    config = small("chinesebert", stages=stages("chinesebert", 100000))
    run = tmp_path / "run"
    before = signal.getsignal(signal.SIGTERM)

    def stop() -> None:
        while not (run / "log.jsonl").is_file() or len(corpus_tools.log_of(run, "train")) < 3:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    killer = threading.Thread(target=stop)
    killer.start()
    with pytest.raises(Interrupted, match=r"step \d+: stopped by a signal, saved"):
        train_here("chinesebert", config, corpus_folder, run)
    killer.join()
    newest = Checkpoints(run / "checkpoints", 2).newest()
    assert newest is not None
    assert newest[1].progress.step == corpus_tools.log_of(run, "train")[-1]["step"] > 2
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_what_stands_beside_the_checkpoints_is_written_again(
    corpus_folder: Path, tmp_path: Path, small, train_here, corpus_tools, damage: str
) -> None:
    config = small("unihanlm", stages=stages("unihanlm", 1, 1))
    run = tmp_path / "run"
    train_here("unihanlm", config, corpus_folder, run)
    whole = {name: (run / name).read_bytes() for name in ("vocabulary.json", "config.yaml")}
    train_here("unihanlm", config, corpus_folder, run)
    assert not corpus_tools.log_of(run, "damaged")
    for name, content in whole.items():
        (run / name).unlink()
        if damage == "cut":
            (run / name).write_bytes(content[:40])
    train_here("unihanlm", config, corpus_folder, run)
    assert {name: (run / name).read_bytes() for name in whole} == whole
    (line,) = corpus_tools.log_of(run, "damaged")
    assert line["found"].startswith(f"{run / 'vocabulary.json'}: cannot be read (")


def test_a_place_that_cannot_hold_checkpoints_is_refused_first(
    corpus_folder: Path, tmp_path: Path, small, train_here
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "checkpoints").write_text("", encoding="utf-8")
    with pytest.raises(RunError, match=r"run/checkpoints: found a file, expected a folder to write to"):
        train_here("unihanlm", small("unihanlm"), corpus_folder, tmp_path / "run")


def test_a_damaged_checkpoint_is_passed_over(
    corpus_folder: Path, tmp_path: Path, small, train_here, corpus_tools, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    config = small("unihanlm", stages=stages("unihanlm", 2, 2), loop={"checkpoint_every": 1})
    train_here("unihanlm", config, corpus_folder, run)
    before = curve(corpus_tools, run)
    newest = Checkpoints(run / "checkpoints", 2).paths()[-1]
    weights = newest / "weights-00000-of-00001.safetensors"
    content = bytearray(weights.read_bytes())
    content[5000:5400] = bytes(400)
    weights.write_bytes(content)
    train_here("unihanlm", config, corpus_folder, run)
    (damaged,) = corpus_tools.log_of(run, "damaged")
    assert damaged["found"].startswith(f"{weights}: sha256 found: ")
    assert corpus_tools.log_of(run, "fallback") == [
        {"event": "fallback", "taken": "step-01-000000001", "passed_over": 1}
    ]
    said = capsys.readouterr().err
    assert f"damaged: found {weights}: sha256 found: " in said
    assert "fallback: taken step-01-000000001 passed_over 1" in said
    assert curve(corpus_tools, run) == [*before, before[-1]]


@pytest.mark.parametrize("schedule", ["constant", "linear"])
def test_a_run_is_made_longer(
    corpus_folder: Path, tmp_path: Path, small, train_here, corpus_tools, schedule: str
) -> None:
    def config(*steps: int, **changes: object) -> PretrainingConfig:
        listed = [stage | {"schedule": schedule, "warmup": 0} for stage in stages("unihanlm", *steps)]
        return small("unihanlm", stages=listed, encoder={"dropout": 0.1}, **changes)

    run = tmp_path / "run"
    train_here("unihanlm", config(3, 2), corpus_folder, run)
    train_here("unihanlm", config(3, 4), corpus_folder, run)
    (resumed,) = corpus_tools.log_of(run, "resume")
    assert resumed["changed"] == {"stages.1.steps": [2, 4]}
    assert "steps: 4" in (run / "config.yaml").read_text(encoding="utf-8")
    assert [line[:2] for line in curve(corpus_tools, run)[-4:]] == [("character", step) for step in (1, 2, 3, 4)]
    if schedule == "constant":
        train_here("unihanlm", config(3, 4), corpus_folder, tmp_path / "whole")
        assert curve(corpus_tools, run) == curve(corpus_tools, tmp_path / "whole")
    with pytest.raises(CheckpointError, match=r"stages\.1\.steps asked: 3; steps already made: 4"):
        train_here("unihanlm", config(3, 3), corpus_folder, run)
    with pytest.raises(CheckpointError, match=r"stages\.0\.steps of the checkpoint: 3; asked: 5"):
        train_here("unihanlm", config(5, 4), corpus_folder, run)


def test_the_fall_of_the_rate_begins_at_any_checkpoint(
    corpus_folder: Path, tmp_path: Path, small, train_here, corpus_tools
) -> None:
    def config(steps: int, decay: int) -> PretrainingConfig:
        stage = {"name": "pretraining", "learning_rate": 0.004, "warmup": 1, "schedule": "stable_decay"}
        loop = {"checkpoint_every": 4, "keep_checkpoints": 9}
        return small("chinesebert", stages=[stage | {"steps": steps, "decay": decay}], loop=loop)

    train_here("chinesebert", config(9, 1), corpus_folder, tmp_path / "long")
    shutil.copytree(
        tmp_path / "long" / "checkpoints" / "step-00-000000004",
        tmp_path / "branch" / "checkpoints" / "step-00-000000004",
    )
    train_here("chinesebert", config(6, 2), corpus_folder, tmp_path / "branch")
    train_here("chinesebert", config(6, 2), corpus_folder, tmp_path / "whole")
    (resumed,) = corpus_tools.log_of(tmp_path / "branch", "resume")
    assert resumed["changed"] == {"stages.0.decay": [1, 2], "stages.0.steps": [9, 6]}
    assert curve(corpus_tools, tmp_path / "branch") == curve(corpus_tools, tmp_path / "whole")[4:]
    rates = [line["learning_rate"] for line in corpus_tools.log_of(tmp_path / "branch", "train")]
    assert rates == pytest.approx([0.004 * 2 / 3, 0.004 / 3])


def test_the_best_by_validation_perplexity_is_kept(
    corpus_folder: Path, tmp_path: Path, small, train_here, corpus_tools, assemble
) -> None:
    # A rate that climbs until it spoils what was learnt: the best is not the last.
    stage = {"name": "pretraining", "steps": 30, "learning_rate": 0.3, "warmup": 30, "schedule": "constant"}
    loop = {"evaluate_every": 3, "checkpoint_every": 5}
    config = small("chinesebert", stages=[stage], loop=loop)
    train_here("chinesebert", config, corpus_folder, tmp_path / "run")
    validation = corpus_tools.log_of(tmp_path / "run", "validation")
    assert all(math.log(line["perplexity"]) == pytest.approx(line["loss"]) for line in validation)
    best = min(validation[1:], key=lambda line: line["perplexity"])
    assert 0 < best["step"] < 30
    (kept,) = Checkpoints(tmp_path / "run" / "checkpoints", 2).paths("best")
    assert kept.name == f"best-00-{best['step']:09d}"
    found = load_checkpoint(kept)
    assert found.progress.step == best["step"]
    assert found.progress.best == best["loss"]
    assert found.optimizer == {}
    parts = assemble("chinesebert", config, corpus_folder)
    parts.model.load_state_dict(found.weights)
    parts.model.eval()
    with torch.no_grad():
        losses = [
            parts.objective.validation_loss(parts.model, held_out.batch)
            for held_out in parts.batches.validation(config.stages[0], 0)
        ]
    assert sum(loss.nats for loss in losses) / sum(loss.targets for loss in losses) == pytest.approx(best["loss"])


class TestRefusals:
    """Each ends with a message that names both sides."""

    def config(self, small, **changes: object) -> PretrainingConfig:
        return small("chinesebert", stages=stages("chinesebert", 2), **changes)

    def test_wrong_hash(self, corpus_copy: Path, tmp_path: Path, small, train_here) -> None:
        shard = corpus_copy / "train" / "part-00000.parquet"
        shard.write_bytes(shard.read_bytes()[:-1] + b"X")
        with pytest.raises(ManifestError, match="sha256 in the manifest"):
            train_here("chinesebert", self.config(small), corpus_copy, tmp_path / "run")
        assert not (tmp_path / "run").exists()

    def test_broken_lengths(self, corpus_copy: Path, tmp_path: Path, small, train_here, corpus_tools) -> None:
        for row in range(16):
            corpus_tools.edit_row(corpus_copy, 0, row, word_lens=[1])
        with pytest.raises(CorpusError, match="word_lens sums to 1, char_ids has"):
            train_here(
                "chinesebert", small("chinesebert", stages=stages("chinesebert", 40)), corpus_copy, tmp_path / "run"
            )

    def test_corpus_smaller_than_a_batch(self, corpus_folder: Path, tmp_path: Path, small, train_here) -> None:
        config = self.config(small, data={"global_batch": 100000})
        with pytest.raises(CorpusError, match=r"rows in an epoch: [\d,]+; rows in one global batch: 100,000"):
            train_here("chinesebert", config, corpus_folder, tmp_path / "run")

    def test_no_glyphs(self, corpus_copy: Path, tmp_path: Path, small, train_here, corpus_tools) -> None:
        corpus_tools.drop_table(corpus_copy, "glyphs")
        with pytest.raises(CorpusError, match="tables in the manifest: characters, syllables; needed: glyphs"):
            train_here("chinesebert", self.config(small), corpus_copy, tmp_path / "run")
        # UnihanLM needs none.
        train_here("unihanlm", small("unihanlm", stages=stages("unihanlm", 1, 1)), corpus_copy, tmp_path / "run")

    def test_no_finite_loss(self, corpus_folder: Path, tmp_path: Path, small, train_here) -> None:
        config = small("chinesebert", stages=stages("chinesebert", 20, rate=1e30), loop={"checkpoint_every": 1})
        with pytest.raises(
            TrainingDiverged, match=r"step \d+: found loss .*, expected finite numbers; last checkpoint"
        ):
            train_here("chinesebert", config, corpus_folder, tmp_path / "run")
        newest = Checkpoints(tmp_path / "run" / "checkpoints", 2).newest()
        assert newest is None or newest[1].progress.step < 20

    def test_checkpoint_of_another_model_configuration_or_corpus(
        self, corpus_folder: Path, corpus_copy: Path, tmp_path: Path, small, train_here, corpus_tools
    ) -> None:
        run = tmp_path / "run"
        config = self.config(small)
        train_here("chinesebert", config, corpus_folder, run)
        other = small("unihanlm", stages=stages("unihanlm", 1, 1))
        with pytest.raises(CheckpointError, match="checkpoint of chinesebert, asked to train unihanlm"):
            train_here("unihanlm", other, corpus_folder, run)
        deeper = self.config(small, encoder={"layers": 3})
        with pytest.raises(CheckpointError, match=r"encoder\.layers of the checkpoint: 2; asked: 3"):
            train_here("chinesebert", deeper, corpus_folder, run)
        corpus_tools.edit_row(corpus_copy, 0, 0, title="改")
        with pytest.raises(CheckpointError, match="manifest hash of its corpus"):
            train_here("chinesebert", config, corpus_copy, run)

    def test_intervals_may_change(self, corpus_folder: Path, tmp_path: Path, small, train_here, corpus_tools) -> None:
        run = tmp_path / "run"
        train_here("chinesebert", self.config(small), corpus_folder, run)
        train_here("chinesebert", self.config(small, loop={"log_every": 2}, data={"workers": 1}), corpus_folder, run)
        assert [line["event"] for line in map(json.loads, (run / "log.jsonl").read_text().splitlines())][-1] == "resume"
