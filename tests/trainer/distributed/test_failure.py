"""A job of several ranks ends with one line, and a signal is a checkpoint."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import yaml

from hanmill.schemas.typed_mapping import to_mapping
from hanmill.trainer.data.row_format import DataConfig
from hanmill.trainer.data.sentence_format import SentenceDataConfig
from hanmill.trainer.distributed.failure import explain
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.errors import OutOfMemory, RankLost
from hanmill.trainer.runs.checkpoint import Checkpoints

RANK = Process(1, 4, torch.device("cpu"))
DATA = DataConfig(window=512, global_batch=64, micro_batch=16)


def test_under_torchrun(corpus_folder: Path, corpus_copy: Path, tmp_path: Path, small, corpus_tools, run_ranks) -> None:
    stage = {"name": "pretraining", "learning_rate": 0.001, "warmup": 2, "schedule": "linear", "steps": 100000}
    corpus_tools.edit_row(corpus_copy, 0, 70, word_lens=[1])
    changed = Path(shutil.copytree(corpus_folder, tmp_path / "changed"))
    shard = changed / "train" / "part-00001.parquet"
    shard.write_bytes(shard.read_bytes() + b" ")
    jobs = []
    for name, corpus, settings in (
        ("stopped", corpus_folder, {"loop": {"parallel": "fsdp"}}),
        ("broken", corpus_copy, {"data": {"global_batch": 60, "micro_batch": 30}}),
        ("refused", corpus_folder, {"data": {"global_batch": 100000}}),
        ("hash", changed, {}),
        ("killed", corpus_folder, {"loop": {"checkpoint_every": 2, "keep_checkpoints": 99}}),
    ):
        path = tmp_path / f"{name}.yaml"
        config = small("chinesebert", stages=[stage], **settings)
        path.write_text(yaml.safe_dump(to_mapping(config)), encoding="utf-8")
        places = {"config": str(path), "corpus": str(corpus), "output": str(tmp_path / name)}
        jobs.append(places | {"model": "chinesebert", "world": 2, "messages": str(tmp_path / f"{name}.txt")})
    jobs[0]["stop_after"] = 3
    # The checkpoint of step 6 waits for that of step 4 to be on the disk.
    jobs[-1] |= {"kill_after": 7, "stop_after": 9}
    run_ranks(jobs)
    messages = {
        name: (tmp_path / f"{name}.txt").read_text() for name in ("stopped", "broken", "refused", "hash", "killed")
    }

    (step,) = re.findall(r"^stage pretraining, step (\d+): stopped by a signal, saved$", messages["stopped"], re.M)
    newest = Checkpoints(tmp_path / "stopped" / "checkpoints", 2).newest()
    assert newest is not None
    assert newest[1].progress.step == int(step) == corpus_tools.log_of(tmp_path / "stopped", "train")[-1]["step"]

    (error,) = re.findall(r"^error: (.*)$", messages["broken"], re.M)
    assert "word_lens sums to 1, char_ids has" in error
    (error,) = re.findall(r"^error: (.*)$", messages["refused"], re.M)
    assert re.search(r"rows in an epoch: [\d,]+; rows in one global batch: 100,000", error)
    # One rank was killed: all were started again and went on from the newest checkpoint.
    (resumed,) = corpus_tools.log_of(tmp_path / "killed", "resume")
    steps = [line["step"] for line in corpus_tools.log_of(tmp_path / "killed", "train")]
    assert resumed["step"] >= 4
    again = steps.index(resumed["step"]) + 1
    assert sorted(set(steps)) == list(range(1, max(steps) + 1))
    assert resumed["step"] + 1 in steps[again:]
    assert len(re.findall(r"stopped by a signal, saved$", messages["killed"], re.M)) == 1

    (error,) = re.findall(r"^error: (.*)$", messages["hash"], re.M)
    assert re.search(r"part-00001\.parquet: sha256 in the manifest: [0-9a-f]{64}; of the file: ", error)
    for text in messages.values():
        # Those of the launcher bear its own marks before them.
        assert not re.search(r"^Traceback", text, re.M)


def test_memory_names_the_setting() -> None:
    with pytest.raises(RuntimeError) as full:
        torch.empty(1 << 60)
    for error in (full.value, torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate 20 GiB"), MemoryError()):
        found = explain(error, DATA.memory_advice, RANK)
        assert isinstance(found, OutOfMemory)
        assert (
            "a step does not fit the memory of cpu: data.micro_batch 16 rows of 512 tokens; a smaller data.micro_batch"
            in str(found)
        )
        assert "\n" not in str(found)


def test_memory_of_mlma_names_its_own_setting() -> None:
    found = explain(MemoryError(), SentenceDataConfig(languages=("zh", "ja"), tokens=2048).memory_advice, RANK)
    assert isinstance(found, OutOfMemory)
    assert "does not fit the memory of cpu: data.tokens 2,048 a language" in str(found)


def test_a_lost_rank_is_told_from_other_errors() -> None:
    gloo = RuntimeError("[/pytorch/third_party/gloo/gloo/transport/tcp/pair.cc:534]\nConnection closed by peer")
    for error in (gloo, dist.DistBackendError("NCCL error: remote process exited")):
        found = explain(error, DATA.memory_advice, RANK)
        assert isinstance(found, RankLost)
        assert str(found).startswith("rank 1 of 4: another rank ended or cannot be reached (")
        assert "\n" not in str(found)
    assert explain(RuntimeError("shape mismatch"), DATA.memory_advice, RANK) is None
