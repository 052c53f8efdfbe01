"""The loop: it learns, it continues as if never stopped, and it refuses what it must."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest
import torch

from hanmill.schemas.manifest import ManifestError
from hanmill.trainer.errors import CheckpointError, CorpusError, Interrupted, TrainingDiverged
from hanmill.trainer.model_spec import PretrainingConfig
from hanmill.trainer.runs.checkpoint import Checkpoints


def stages(model: str, *steps: int, rate: float = 0.005) -> list[dict]:
    names = ("cluster", "character") if model == "unihanlm" else ("pretraining",)
    return [
        {"name": name, "steps": count, "learning_rate": rate, "warmup": 10, "schedule": "inverse_sqrt", "clip": 5.0}
        for name, count in zip(names, steps, strict=True)
    ]


def curve(tools, run: Path) -> list[tuple]:
    return [(line["stage"], line["step"], line["loss"]) for line in tools.log_of(run, "train")]


@pytest.mark.parametrize(("model", "steps"), [("unihanlm", (70, 40)), ("chinesebert", (110,))])
def test_held_out_loss_falls_below_unigram(
    corpus_folder: Path, tmp_path: Path, small, train_here, corpus_tools, model: str, steps: tuple
) -> None:
    sizes = {"encoder": {"hidden": 64, "feed_forward": 128}, "data": {"global_batch": 32, "micro_batch": 32}}
    config = small(model, stages=stages(model, *steps), **sizes)
    train_here(model, config, corpus_folder, tmp_path / "run")
    validation = corpus_tools.log_of(tmp_path / "run", "validation")
    first, last = validation[0], validation[-1]
    assert last["stage"] == config.stages[-1].name
    assert last["loss"] < first["loss"] - 1
    assert last["loss"] < last["unigram"] - 0.5
    assert first["loss"] > first["unigram"]


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
    assert first.name == "step-00-000000003.pt"
    for path in later:
        path.unlink()
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
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_damaged_checkpoint_is_passed_over(
    corpus_folder: Path, tmp_path: Path, small, train_here, corpus_tools
) -> None:
    run = tmp_path / "run"
    config = small("unihanlm", stages=stages("unihanlm", 2, 2), loop={"checkpoint_every": 1})
    train_here("unihanlm", config, corpus_folder, run)
    before = curve(corpus_tools, run)
    newest = Checkpoints(run / "checkpoints", 2).paths()[-1]
    newest.write_bytes(newest.read_bytes()[:5000])
    train_here("unihanlm", config, corpus_folder, run)
    (damaged,) = corpus_tools.log_of(run, "damaged")
    assert damaged["found"].startswith(f"{newest}: found a damaged")
    assert curve(corpus_tools, run) == [*before, before[-1]]


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
