"""Trainings on several ranks of this machine, one after another: ``python ranks.py JOBS.json``.

PyTorch is imported once; the ranks of each job are forks of this process, which itself reads and computes nothing.
A job is ``{"model", "config", "corpus", "output", "world", "port"}`` and may say ``"after": [RUN, CHECKPOINT]``: it
then begins with that checkpoint of a finished run.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import traceback
from pathlib import Path
from typing import Any

import torch

from trainer.config import load_config
from trainer.data.corpus import Corpus
from trainer.run import train


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
        train(job["model"], load_config(job["model"], job["config"]), Corpus(Path(job["corpus"])), Path(job["output"]))
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def run(job: dict[str, Any]) -> None:
    if "after" in job:
        source, name = job["after"]
        (Path(job["output"]) / "checkpoints").mkdir(parents=True)
        shutil.copy(Path(source) / "checkpoints" / name, Path(job["output"]) / "checkpoints" / name)
    ranks = []
    for rank in range(job["world"]):
        process = os.fork()
        if not process:
            # No exit handlers of the parent, no second flush of its buffers.
            status = run_rank(job, rank)
            sys.stderr.flush()
            os._exit(status)
        ranks.append(process)
    codes = [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in ranks]
    if any(codes):
        sys.exit(f"{job['output']}: exit codes of the ranks: {codes}")


if __name__ == "__main__":
    for job in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        run(job)
