"""Tokens per second and MFU of training steps on one device, without the loader.

    python benchmarks/train_gpu.py chinesebert --config base --steps 30

Synthetic rows at the published vocabulary size: forward, backward, clipping and AdamW as in the loop, bf16 and
torch.compile as the configuration says. The MFU formula is that of ``trainer.metrics.flops_per_token``.
"""

from __future__ import annotations

import argparse
import time

import torch

from trainer.config import BUILT_IN, MODELS, ChineseBERTConfig, TrainingConfig, load_config
from trainer.data.batch import Batch
from trainer.metrics import flops_per_token, peak_flops
from trainer.optimizer import build_optimizer
from trainer.tasks.masked_language_model import build_model, loss_sum

DOCUMENTS_A_ROW = 3


def synthetic(config: TrainingConfig, device: torch.device, bounded: bool) -> Batch:
    """One micro-batch of random characters, its rows full, each of three documents where ``bounded``."""
    rows, window = config.data.micro_batch, config.data.window
    segments = (torch.arange(window) * DOCUMENTS_A_ROW // window + 1).int().expand(rows, window)
    chosen = torch.rand(rows * window) < config.masking.rate
    places = chosen.nonzero().flatten()
    chinese = isinstance(config, ChineseBERTConfig)
    return Batch(
        ids=torch.randint(14, config.vocabulary_size, (rows, window)),
        positions=torch.arange(window).expand(rows, window).contiguous(),
        segments=segments.contiguous() if bounded else None,
        pinyin=torch.zeros(rows, window, dtype=torch.long) if chinese else None,
        language=None if chinese else torch.zeros(rows, window, dtype=torch.long),
        places=places,
        targets=torch.randint(14, config.vocabulary_size, places.shape),
    ).to(device)


def measure(config: TrainingConfig, device: torch.device, steps: int) -> float:
    """Seconds a step, after three steps that are not counted."""
    torch.manual_seed(0)
    model = build_model(config, config.vocabulary_size).to(device).train()
    replica = torch.compile(model) if config.loop.compile else model
    optimizer = build_optimizer(model, config.stages[0])
    batches = [synthetic(config, device, config.data.document_boundaries) for _ in range(4)]
    start = 0.0
    for step in range(steps + 3):
        if step == 3:
            _wait(device)
            start = time.perf_counter()
        batch = batches[step % len(batches)]
        with torch.autocast(device.type, torch.bfloat16, enabled=config.loop.bf16):
            loss = loss_sum(replica, batch) / len(batch.targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.grad is not None], 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    _wait(device)
    return (time.perf_counter() - start) / steps


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--config", default="base", help=f"{', '.join(BUILT_IN)} or a file")
    parser.add_argument("--steps", type=int, default=30)
    arguments = parser.parse_args()
    config = load_config(arguments.model, arguments.config)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    seconds = measure(config, device, arguments.steps)
    tokens = config.data.micro_batch * config.data.window
    with torch.device("meta"):
        flops = flops_per_token(build_model(config, config.vocabulary_size), config)
    peak = peak_flops(device, config.loop.peak_tflops)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    print(f"{arguments.model} {arguments.config} on {name}: {config.data.micro_batch} rows of {config.data.window}")
    print(f"{tokens / seconds:,.0f} tokens/s, {flops * tokens / seconds / 1e12:.3f} TFLOP/s of the model")
    print("MFU unknown: set loop.peak_tflops" if peak is None else f"MFU {flops * tokens / seconds / peak:.1%}")


if __name__ == "__main__":
    main()
