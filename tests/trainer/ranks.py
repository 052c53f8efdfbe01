"""Trainings on several ranks of this machine, one after another: ``python ranks.py JOBS.json``.

All of PyTorch that they use is imported once; the ranks of each job are forks of this process, which itself reads and
computes nothing.
A job is ``{"model", "config", "corpus", "output", "world", "port"}``.

- ``"after": [RUN, CHECKPOINT]``: it begins with that checkpoint of a finished run.
- ``"messages": FILE``: the command runs as under ``torchrun``, its standard error in the file, its failure expected.
- ``"stop_after": n``: the launcher gets SIGTERM when the log has n steps; ``"kill_after": n``: before that one rank is
  killed, and all are started again.
- ``"shares": FOLDER``: nothing is trained, each rank writes what it holds of a sharded model.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from hanmill.pipelines.commands.main import main
from hanmill.pipelines.commands.text_annotator import text_annotator
from hanmill.trainer.configs.config_file import load_config
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.distributed.parallel import gather, spread
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.model_spec import PretrainingConfig, PretrainingSpec
from hanmill.trainer.pretraining.loop import pretrain
from hanmill.trainer.registry import find_model

# Loaded late by the trainer and by PyTorch's optimisers; here once for all ranks.
for late in ("torch._dynamo", "hanmill.trainer.distributed.sharding"):
    importlib.import_module(late)


def run_rank(job: dict[str, Any], rank: int) -> int:
    os.environ |= {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(job["world"]),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(job["port"]),
    }
    torch.set_num_threads(1)
    try:
        spec = find_model(job["model"])
        config = load_config(spec, job["config"])
        if "shares" in job:
            write_share(spec, config, Path(job["shares"]) / f"{rank}.json")
            return 0
        pretrain(spec, config, Corpus(Path(job["corpus"])), Path(job["output"]), annotators=text_annotator)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def write_share(spec: PretrainingSpec, config: PretrainingConfig, path: Path) -> None:
    with Process.from_environment() as process:
        torch.manual_seed(1)
        model = spec.build(config, {"tokens": 101})
        before = gather(model.state_dict(), keep=True)
        spread(model, spec.layers, process, config.loop)
        after = gather(model.state_dict(), keep=True)
        share = {
            "held": sum(parameter.to_local().numel() for parameter in model.parameters()),
            "whole": sum(parameter.numel() for parameter in model.parameters()),
            "gathered": all(torch.equal(before[name], after[name]) for name in before),
        }
    path.write_text(json.dumps(share), encoding="utf-8")


def run_command(arguments: list[str]) -> None:
    torch.set_num_threads(1)
    main(arguments)


def run_agent(job: dict[str, Any]) -> int:
    """What ``torchrun`` does, without its import of PyTorch for each rank."""
    with Path(job["messages"]).open("wb") as messages:
        os.dup2(messages.fileno(), sys.stderr.fileno())
    config = LaunchConfig(
        1, 1, job["world"], run_id="test", rdzv_backend="c10d", rdzv_endpoint="127.0.0.1:0", local_addr="127.0.0.1",
        start_method="fork", max_restarts=1 if "kill_after" in job else 0, monitor_interval=0.1, shutdown_timeout=300,
    )  # fmt: skip
    names = ("--corpus", job["corpus"], "--config", job["config"], "--output", job["output"])
    try:
        elastic_launch(config, run_command)(["train", job["model"], *names])
    except (ChildFailedError, SignalException):
        return 1
    return 0


def fork(action: Callable[[], int]) -> int:
    process = os.fork()
    if not process:
        # No exit handlers of the parent, no second flush of its buffers.
        status = action()
        sys.stderr.flush()
        os._exit(status)
    return process


def steps_logged(job: dict[str, Any]) -> int:
    log = Path(job["output"]) / "log.jsonl"
    return log.read_text(encoding="utf-8").count('"event": "train"') if log.is_file() else 0


def run(job: dict[str, Any]) -> None:
    if "after" in job:
        source, name = job["after"]
        shutil.copytree(Path(source) / "checkpoints" / name, Path(job["output"]) / "checkpoints" / name)
    if "messages" in job:
        agent = fork(lambda: run_agent(job))
        if "kill_after" in job:
            while steps_logged(job) < job["kill_after"]:
                time.sleep(0.02)
            children = Path(f"/proc/{agent}/task/{agent}/children").read_text(encoding="ascii").split()
            os.kill(int(children[-1]), signal.SIGKILL)
            while '"event": "resume"' not in (Path(job["output"]) / "log.jsonl").read_text(encoding="utf-8"):
                time.sleep(0.02)
        if "stop_after" in job:
            while steps_logged(job) < job["stop_after"]:
                time.sleep(0.02)
            os.kill(agent, signal.SIGTERM)
        os.waitpid(agent, 0)
        return
    ranks = [fork(lambda rank=rank: run_rank(job, rank)) for rank in range(job["world"])]
    codes = [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in ranks]
    if any(codes):
        sys.exit(f"{job['output']}: exit codes of the ranks: {codes}")


if __name__ == "__main__":
    for job in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        run(job)
