"""Tokens per second and MFU of training steps on one device, without the loader.

    python -m benchmarks.train_gpu                          # ChineseBERT base and large at 128, 256 and 512 tokens
    python -m benchmarks.train_gpu --model unihanlm --config base --window 256

Synthetic rows at the published vocabulary size, full, each of three documents where the model bounds attention:
forward, backward, clipping and AdamW as in the loop, bf16 and torch.compile as the configuration says. A step is one
micro-batch of as many tokens as the configuration's; the three steps before the first and those that compile are not
counted. Where attention weights are dropped out, a second line shows the step without, which on a GPU uses the
variable-length kernel. MFU is tokens/s · FLOPs a token ÷ peak, by the model's ``flops_per_token``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch

from hanmill.trainer.configs.config_file import load_config
from hanmill.trainer.data.boundaries import segment_boundaries
from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.distributed.parallel import clip_gradients, spread
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.models.chinesebert import ChineseBERTConfig
from hanmill.trainer.models.unihanlm import UnihanLMConfig
from hanmill.trainer.pretraining.optimizer import build_optimizer
from hanmill.trainer.pretraining.throughput import peak_flops
from hanmill.trainer.registry import CHINESEBERT, UNIHANLM, find_model

DOCUMENTS_A_ROW = 3
WARM_UP = 3

Config = UnihanLMConfig | ChineseBERTConfig


@dataclass(frozen=True)
class Speed:
    """Of one shape: ``flops`` of the model a second, ``memory`` bytes at most (0 on a processor)."""

    tokens: float
    flops: float
    memory: int


def shapes(config: Config, windows: list[int]) -> Iterator[Config]:
    """The configuration at each window, as many tokens a step; once more without attention dropout if it has any."""
    tokens = config.data.micro_batch * config.data.window
    for window in windows:
        data = replace(config.data, window=window, micro_batch=max(1, tokens // window))
        yield replace(config, data=data)
        if config.encoder.attention_dropout:
            yield replace(config, data=data, encoder=replace(config.encoder, attention_dropout=0.0))


def synthetic(config: Config, device: torch.device) -> MaskedBatch:
    """One micro-batch of random characters."""
    rows, window = config.data.micro_batch, config.data.window
    chinese = isinstance(config, ChineseBERTConfig)
    number = torch.arange(window) * DOCUMENTS_A_ROW // window
    segments = (number + 1).int().expand(rows, window).contiguous()
    first = torch.searchsorted(number, number)
    places = (torch.rand(rows * window) < config.masking.rate).nonzero().flatten()
    bounded = config.data.document_boundaries
    return MaskedBatch(
        ids=torch.randint(14, config.vocabulary_size, (rows, window)),
        positions=(torch.arange(window) - (first if bounded else 0)).expand(rows, window).contiguous(),
        segments=segments if bounded else None,
        pinyin=torch.zeros(rows, window, dtype=torch.long) if chinese else None,
        language=None if chinese else torch.zeros(rows, window, dtype=torch.long),
        places=places,
        targets=torch.randint(14, config.vocabulary_size, places.shape),
        cu_seqlens=torch.from_numpy(segment_boundaries(segments.numpy()).astype(np.int32)) if bounded else None,
    ).to(device)


def measure(config: Config, device: torch.device, steps: int) -> Speed:
    """Speed of ``steps`` steps. Raises torch.OutOfMemoryError."""
    torch.manual_seed(0)
    spec = CHINESEBERT if isinstance(config, ChineseBERTConfig) else UNIHANLM
    model = spec.build(config, {"tokens": config.vocabulary_size}).to(device).train()
    flops = spec.flops_per_token(model, config, config.stages[0])
    objective = spec.objective(config)
    replica = spread(model, spec.layers, Process(0, 1, device), config.loop)
    optimizer = build_optimizer(model, config.stages[0])
    batches = [synthetic(config, device) for _ in range(4)]
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    start = 0.0
    for step in range(steps + WARM_UP):
        if step == WARM_UP:
            _wait(device)
            start = time.perf_counter()
        batch = batches[step % len(batches)]
        with torch.autocast(device.type, torch.bfloat16, enabled=config.loop.bf16):
            loss = objective.loss_sum(replica, batch) / len(batch.targets)
        loss.backward()
        clip_gradients(model, config.stages[0].clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    _wait(device)
    tokens = config.data.micro_batch * config.data.window * steps / (time.perf_counter() - start)
    return Speed(tokens, flops * tokens, torch.cuda.max_memory_allocated(device) if device.type == "cuda" else 0)


def line(name: str, config: Config, speed: Speed, peak: float | None) -> str:
    """One row of the table."""
    data = config.data
    mfu = "    -" if peak is None else f"{speed.flops / peak:5.1%}"
    shape = f"{name:<18} {data.window:>6} {data.micro_batch:>5} {config.encoder.attention_dropout:>7}"
    return f"{shape} {speed.tokens:>12,.0f} {speed.flops / 1e12:>8.2f} {mfu} {speed.memory / 2**30:>6.1f}"


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=("unihanlm", "chinesebert"), default="chinesebert")
    parser.add_argument("--config", action="append", help="tiny, base, large or a file; repeatable")
    parser.add_argument("--window", action="append", type=int, help="tokens a row; repeatable")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--eager", action="store_true", help="without torch.compile")
    arguments = parser.parse_args()
    device = torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")
    device_name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    print(f"{device_name}, PyTorch {torch.__version__}")
    print(f"{'model':<18} {'window':>6} {'rows':>5} {'dropout':>7} {'tokens/s':>12} {'TFLOP/s':>8}   MFU    GiB")
    for config_name in arguments.config or ["base", "large"]:
        config = load_config(find_model(arguments.model), config_name)
        if arguments.eager:
            config = replace(config, loop=replace(config.loop, compile=False))
        peak = peak_flops(device, config.loop.peak_tflops)
        for shape in shapes(config, arguments.window or [128, 256, 512]):
            torch.compiler.reset()
            try:
                speed = measure(shape, device, arguments.steps)
            except torch.OutOfMemoryError:
                print(
                    f"{arguments.model} {config_name} at {shape.data.window}: {shape.data.micro_batch} rows do not fit"
                )
                continue
            print(line(f"{arguments.model} {config_name}", shape, speed, peak), flush=True)


if __name__ == "__main__":
    main()
