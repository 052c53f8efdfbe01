"""A run on several processes (gloo), killed at random and continued, beside the same run left alone.

    python -m benchmarks.kills CORPUS --kills 50                 # four ranks each time: every bit must be equal
    python -m benchmarks.kills CORPUS --kills 50 --mixed         # 1 to 4 ranks, replicated and sharded by turns: 1e-5

After a random time one rank is killed with SIGKILL; the others must end by themselves within a minute. The run goes
on from its newest checkpoint until it has been killed so often, and is then left to its end. Prints one line of JSON:
kills, steps computed, the largest relative difference of a step's loss, and whether the last weights are equal bit for
bit. Exit code 1 where something differs more than it may.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
import traceback
from dataclasses import replace
from pathlib import Path

import torch

from hanmill.trainer.configs.config_file import load_config
from hanmill.trainer.configs.stage import StageConfig
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.models.chinesebert import ChineseBERTConfig
from hanmill.trainer.pretraining.loop import pretrain
from hanmill.trainer.registry import CHINESEBERT
from hanmill.trainer.runs.checkpoint import newest_checkpoint
from hanmill.trainer.runs.log import read_log

WORLD, PATIENCE, TOLERANCE = 4, 60.0, 1e-5
#: Loaded late by the trainer and by PyTorch's optimisers; here once for all ranks.
LATE = ("torch._dynamo", "hanmill.trainer.distributed.sharding")


def small(steps: int, parallel: str) -> ChineseBERTConfig:
    """Two layers of 32 units, micro-batches of two rows."""
    config = load_config(CHINESEBERT, "tiny")
    encoder = replace(config.encoder, hidden=32, heads=2, feed_forward=64, positions=64)
    data = replace(config.data, window=32, global_batch=12, micro_batch=2, validation_rows=24)
    stage = StageConfig("pretraining", steps, 0.002, 2, "linear")
    loop = replace(config.loop, log_every=1, checkpoint_every=2, evaluate_every=10, parallel=parallel)  # type: ignore[arg-type]
    return replace(config, encoder=encoder, data=data, stages=(stage,), loop=loop)


def start(config: ChineseBERTConfig, corpus: Path, run: Path, world: int) -> list[int]:
    """Process ids of the ranks, forks of this process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return [_fork(config, corpus, run, rank, world, port) for rank in range(world)]


def _fork(config: ChineseBERTConfig, corpus: Path, run: Path, rank: int, world: int, port: int) -> int:
    process = os.fork()
    if process:
        return process
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(world)}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    os.dup2(os.open(run.with_suffix(f".rank{rank}"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    status = 1
    try:
        torch.set_num_threads(1)
        pretrain(CHINESEBERT, config, Corpus(corpus), run)
        status = 0
    except BaseException:
        traceback.print_exc()
    # No exit handlers of the parent.
    os._exit(status)


def wait(ranks: list[int], seconds: float) -> list[int]:
    """Exit codes; raises TimeoutError where a rank is still there."""
    codes, end = {}, time.monotonic() + seconds
    while len(codes) < len(ranks):
        for process in ranks:
            if process not in codes:
                done, status = os.waitpid(process, os.WNOHANG)
                if done:
                    codes[process] = os.waitstatus_to_exitcode(status)
        if time.monotonic() > end:
            for process in ranks:
                if process not in codes:
                    os.kill(process, signal.SIGKILL)
            raise TimeoutError(f"ranks that did not end in {seconds:g} s: {len(ranks) - len(codes)} of {len(ranks)}")
        time.sleep(0.01)
    return [codes[process] for process in ranks]


def losses(run: Path) -> list[tuple[int, float]]:
    """Step and loss of every line of the log: of a step that was computed twice, both."""
    log = run / "log.jsonl"
    lines = read_log(log) if log.is_file() else []
    return [(line["step"], line["loss"]) for line in lines if line["event"] == "train"]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--longest", type=float, default=2.0, help="seconds from the first new step to a kill, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mixed", action="store_true")
    options = parser.parse_args(arguments)
    for name in LATE:
        importlib.import_module(name)
    draw, made = random.Random(options.seed), 0
    with tempfile.TemporaryDirectory() as folder:
        whole, killed = Path(folder) / "whole", Path(folder) / "killed"
        if codes := [
            code for code in wait(start(small(options.steps, "ddp"), options.corpus, whole, WORLD), 900) if code
        ]:
            sys.exit(f"the run left alone ended with {codes}")
        while made < options.kills:
            world = draw.randint(1, WORLD) if options.mixed else WORLD
            config = small(options.steps, draw.choice(("ddp", "fsdp")) if options.mixed else "ddp")
            known = len(losses(killed))
            ranks = start(config, options.corpus, killed, world)
            while len(losses(killed)) == known and os.waitpid(ranks[0], os.WNOHANG)[0] == 0:
                time.sleep(0.005)
            time.sleep(draw.random() * options.longest)
            os.kill(draw.choice(ranks), signal.SIGKILL)
            wait(ranks, PATIENCE)
            made += 1
            if any(step == options.steps for step, _ in losses(killed)[known:]):
                # At its end nothing is left to kill: begin anew.
                _rewind(killed)
        codes = wait(start(small(options.steps, "ddp"), options.corpus, killed, WORLD), 900)
        expected, found = dict(losses(whole)), losses(killed)
        worst = max(abs(loss / expected[step] - 1) for step, loss in found)
        weights = [newest_checkpoint(run)[1].weights for run in (whole, killed)]
        equal = all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    right = not any(codes) and (worst <= TOLERANCE if options.mixed else worst == 0 and equal)
    print(json.dumps({"kills": made, "steps": len(found), "worst": worst, "equal_weights": equal, "right": right}))
    return 0 if right else 1


def _rewind(run: Path) -> None:
    """Takes the run's checkpoints away."""
    for path in sorted(run.glob("checkpoints/*/*")):
        path.unlink()
    for path in sorted(run.glob("checkpoints/*")):
        path.rmdir()


if __name__ == "__main__":
    sys.exit(main())
