"""Tokens per second, MFU and memory of training steps on one GPU, without the loader, beside Hugging Face's Trainer.

    python -m benchmarks.train_gpu --output speed.json      # everything, under eight minutes on an H100 or H200
    python -m benchmarks.train_gpu --smoke                  # the same with tiny models, two steps a case; any processor
    python -m benchmarks.train_gpu --case chinesebert-base-512 --case trainer-bert-base-512

Synthetic rows at the published vocabulary size, full, each of three documents where the model bounds attention:
forward, backward, clipping and AdamW as in the loop, bf16 and torch.compile as the configuration says. A step is one
micro-batch of as many tokens as the configuration's; the three steps before the first and those that compile are not
counted. ``-masked`` has the boolean mask in the place of ``cu_seqlens``, ``-eager`` no compilation, ``-nccl`` a process
group of one rank and DistributedDataParallel (gloo on a processor). ``trainer-…`` is Hugging Face's BERT of one size
in its Trainer, or, where accelerate is not installed, in a plain loop with the same optimiser; rows are whole, as it
bounds nothing, and it scores every token where we score the masked ones. MFU is tokens/s · FLOPs a token ÷ peak by the
model's ``flops_per_token``; of the Trainer by ours of the same shape, so that both are of the same work.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import nn

from hanmill.trainer.configs.config_file import load_config
from hanmill.trainer.data.boundaries import segment_boundaries
from hanmill.trainer.data.candidates import draw_candidates
from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.data.sentence_batch import SPECIALS, SentenceBatch, bundle_of
from hanmill.trainer.data.tagged_batch import TaggedBatch
from hanmill.trainer.distributed.parallel import clip_gradients, replicate, spread
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.models.chinesebert import ChineseBERTConfig
from hanmill.trainer.models.unihanlm import UnihanLMConfig
from hanmill.trainer.pretraining.optimizer import build_optimizer
from hanmill.trainer.pretraining.throughput import peak_flops
from hanmill.trainer.registry import CHINESEBERT, MIXED_ORTHOGRAPHIC, MLMA, UNIHANLM

DOCUMENTS_A_ROW = 3
WARM_UP = 3

Config = UnihanLMConfig | ChineseBERTConfig


@dataclass(frozen=True)
class Speed:
    """Of one shape: ``flops`` of the model a second, ``memory`` bytes at most (0 on a processor)."""

    tokens: float
    flops: float
    memory: int

    def record(self, peak: float | None) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"mfu": None if peak is None else self.flops / peak}


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


def measure(config: Config, device: torch.device, steps: int, masked: bool = False, wrap: bool = False) -> Speed:
    """Speed of ``steps`` steps of a masked language model. Raises torch.OutOfMemoryError."""
    torch.manual_seed(0)
    spec = CHINESEBERT if isinstance(config, ChineseBERTConfig) else UNIHANLM
    model = spec.build(config, {"tokens": config.vocabulary_size}).to(device).train()
    flops = spec.flops_per_token(model, config, config.stages[0])
    objective = spec.objective(config)
    replica = spread(model, spec.layers, Process(0, 1, device), config.loop)
    if wrap:
        replica = replicate(replica)
    batches = [synthetic(config, device) for _ in range(4)]
    if masked:
        batches = [batch._replace(cu_seqlens=None) for batch in batches]

    def loss(batch: MaskedBatch) -> torch.Tensor:
        return objective.loss_sum(replica, batch) / len(batch.targets)

    seconds = _time(model, build_optimizer(model, config.stages[0], spec.layers), loss, batches, config, device, steps)
    return _speed(config.data.micro_batch * config.data.window * steps, flops, seconds, device)


def measure_mlma(config: Any, device: torch.device, steps: int) -> Speed:
    """Of two languages of whole vocabularies, sentences of 25 words."""
    torch.manual_seed(0)
    names, length = config.data.languages, 25
    rows, size = max(1, config.data.tokens // length), config.vocabulary_size
    model = MLMA.build(config, dict.fromkeys(names, size)).to(device).train()
    draw = np.random.default_rng(1)

    def batch() -> SentenceBatch:
        found = []
        for _ in names:
            ids = draw.integers(SPECIALS, size, (rows, length))
            found.append(bundle_of(ids, *draw_candidates(draw, size, config.samples)))
        return SentenceBatch(tuple(found)).to(device)

    replica = spread(model, MLMA.layers, Process(0, 1, device), config.loop)
    objective = MLMA.objective(config)
    batches = [batch() for _ in range(4)]
    optimizer = build_optimizer(model, config.stages[0], MLMA.layers)
    seconds = _time(model, optimizer, lambda b: objective.loss_sum(replica, b), batches, config, device, steps)
    flops = MLMA.flops_per_token(model, config, config.stages[0])
    return _speed(rows * length * len(names) * steps, flops, seconds, device)


def measure_mom(config: Any, device: torch.device, steps: int, rows: int = 256, length: int = 25) -> Speed:
    """Of sentences of 25 words of seven bigrams; 6 FLOPs a parameter of both LSTMs and the dense layer a word."""
    torch.manual_seed(0)
    sizes = MIXED_ORTHOGRAPHIC.nominal_sizes(config)
    model = MIXED_ORTHOGRAPHIC.build(config, sizes).to(device).train()

    def batch() -> TaggedBatch:
        words = torch.randint(2, sizes["words"], (rows, length))
        pieces = torch.randint(2, sizes["pieces"], (rows, length, 7))
        tags = torch.randint(0, sizes["tags"], (rows, length))
        return TaggedBatch(words, pieces, tags, torch.full((rows,), length)).to(device)

    optimizer = torch.optim.Adam(model.parameters(), lr=config.fit.learning_rate)
    batches = [batch() for _ in range(4)]
    seconds = _time(model, optimizer, lambda b: model(b) / (rows * length), batches, None, device, steps)
    dense = {name: weight.numel() for name, weight in model.named_parameters() if "embedding" not in name}
    pieces = sum(count for name, count in dense.items() if name.startswith("pieces."))
    words = sum(count for name, count in dense.items() if not name.startswith(("pieces.", "words.")))
    return _speed(rows * length * steps, 6.0 * (words + 7 * pieces), seconds, device)


def measure_trainer(config: ChineseBERTConfig, device: torch.device, steps: int) -> Speed:
    """Hugging Face's BERT of the same size, batch and window. Raises ImportError where transformers is missing."""
    from transformers import BertConfig, BertForMaskedLM

    torch.manual_seed(0)
    shape, data = config.encoder, config.data
    model = BertForMaskedLM(
        BertConfig(
            vocab_size=config.vocabulary_size, hidden_size=shape.hidden, num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads, intermediate_size=shape.feed_forward,
            max_position_embeddings=shape.positions, attention_probs_dropout_prob=0.0,
        )
    ).to(device)  # fmt: skip
    flops = CHINESEBERT.flops_per_token(
        CHINESEBERT.build(config, {"tokens": config.vocabulary_size}), config, config.stages[0]
    )
    rows = [
        {"input_ids": ids, "labels": torch.where(torch.rand(data.window) < config.masking.rate, ids, -100)}
        for ids in torch.randint(14, config.vocabulary_size, (4 * data.micro_batch, data.window))
    ]
    tokens = data.micro_batch * data.window * steps
    if importlib.util.find_spec("accelerate"):
        return _speed(tokens, flops, _time_trainer(model, rows, config, device, steps), device)
    pieces = [rows[at : at + data.micro_batch] for at in range(0, len(rows), data.micro_batch)]
    batches = [{name: torch.stack([row[name] for row in part]).to(device) for name in rows[0]} for part in pieces]
    replica: Any = torch.compile(model) if config.loop.compile else model
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    seconds = _time(model, optimizer, lambda batch: replica(**batch).loss, batches, config, device, steps)
    return _speed(tokens, flops, seconds, device)


def _time_trainer(
    model: nn.Module, rows: list[dict[str, torch.Tensor]], config: ChineseBERTConfig, device: torch.device, steps: int
) -> float:
    from transformers import Trainer, TrainerCallback, TrainingArguments

    times: list[float] = []

    class Clock(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, *arguments: Any, **settings: Any) -> None:
            if len(times) in (WARM_UP - 1, WARM_UP + steps - 1):
                _wait(device)
            times.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder, per_device_train_batch_size=config.data.micro_batch, max_steps=WARM_UP + steps,
            bf16=config.loop.bf16,
            torch_compile=config.loop.compile, optim="adamw_torch_fused", report_to=[], save_strategy="no",
            logging_steps=10_000, dataloader_drop_last=True, use_cpu=device.type == "cpu", disable_tqdm=True,
        )  # fmt: skip
        Trainer(model, arguments, train_dataset=rows, callbacks=[Clock()]).train()
    return times[-1] - times[WARM_UP - 1]


def _time(
    model: nn.Module, optimizer: torch.optim.Optimizer, loss: Callable[[Any], torch.Tensor], batches: list[Any],
    config: Any, device: torch.device, steps: int,
) -> float:  # fmt: skip
    """Seconds of ``steps`` updates after those that warm up."""
    bf16, clip = (config.loop.bf16, config.stages[0].clip) if config else (False, 5.0)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    start = 0.0
    for step in range(steps + WARM_UP):
        if step == WARM_UP:
            _wait(device)
            start = time.perf_counter()
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            found = loss(batches[step % len(batches)])
        found.backward()  # type: ignore[no-untyped-call]
        clip_gradients(model, clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    _wait(device)
    return time.perf_counter() - start


def _speed(tokens: int, flops: float, seconds: float, device: torch.device) -> Speed:
    memory = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else 0
    return Speed(tokens / seconds, flops * tokens / seconds, memory)


@contextmanager
def one_rank(device: torch.device) -> Iterator[None]:
    """A process group of this process alone."""
    backend = "nccl" if device.type == "cuda" else "gloo"
    dist.init_process_group(backend, store=dist.HashStore(), rank=0, world_size=1)
    try:
        yield
    finally:
        dist.destroy_process_group()


def cases(smoke: bool, device: torch.device, steps: int) -> dict[str, Callable[[], Speed]]:
    """Every measurement by name, the most telling first."""
    size = "tiny" if smoke else "base"
    glyph, stream, words = (load_config(spec, size) for spec in (CHINESEBERT, UNIHANLM, MLMA))
    mom = load_config(MIXED_ORTHOGRAPHIC, size)
    if smoke:
        glyph, stream = (
            replace(c, data=replace(c.data, window=16, micro_batch=4), vocabulary_size=300) for c in (glyph, stream)
        )
        words = replace(words, data=replace(words.data, tokens=128), vocabulary_size=900, samples=64)
    (short,) = list(shapes(glyph, [8 if smoke else 128]))
    eager = replace(glyph, loop=replace(glyph.loop, compile=False))

    def with_one_rank() -> Speed:
        with one_rank(device):
            return measure(eager, device, steps, wrap=True)

    found: dict[str, Callable[[], Speed]] = {
        f"chinesebert-{size}-{glyph.data.window}": lambda: measure(glyph, device, steps),
        f"trainer-bert-{size}-{glyph.data.window}": lambda: measure_trainer(glyph, device, steps),
        f"unihanlm-{size}-{stream.data.window}": lambda: measure(stream, device, steps),
        f"mlma-{size}": lambda: measure_mlma(words, device, steps),
        f"mom-{size}": lambda: measure_mom(mom, device, steps),
        f"chinesebert-{size}-{glyph.data.window}-masked": lambda: measure(glyph, device, steps, masked=True),
        f"chinesebert-{size}-{glyph.data.window}-eager": lambda: measure(eager, device, steps),
        f"chinesebert-{size}-{glyph.data.window}-nccl": with_one_rank,
        f"chinesebert-{size}-{short.data.window}": lambda: measure(short, device, steps),
    }
    if not smoke:
        large = load_config(CHINESEBERT, "large")
        found["chinesebert-large-512"] = lambda: measure(large, device, steps)
    return found


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def run(chosen: dict[str, Callable[[], Speed]], budget: float, peak: float | None) -> dict[str, dict[str, Any]]:
    """Each case's record, or why there is none; after ``budget`` seconds no case is begun."""
    start, records = time.perf_counter(), {}
    for name, case in chosen.items():
        if time.perf_counter() - start > budget:
            records[name] = {"skipped": f"{budget:g} seconds were over"}
            continue
        torch.compiler.reset()
        begun = time.perf_counter()
        try:
            records[name] = case().record(peak)
        except (torch.OutOfMemoryError, ImportError) as error:
            records[name] = {"skipped": " ".join(str(error).split())[:200]}
        records[name]["seconds"] = round(time.perf_counter() - begun, 1)
        print(f"{name:<34} {json.dumps(records[name])}", flush=True)
    return records


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", action="append", help="one of the names that are printed; repeatable")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--budget", type=float, default=420.0, help="seconds after which no case is begun")
    parser.add_argument("--smoke", action="store_true", help="tiny models, two steps: that everything runs")
    parser.add_argument("--output", type=Path, help="a JSON file")
    options = parser.parse_args(arguments)
    device = torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")
    device_name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    found = cases(options.smoke, device, 2 if options.smoke else options.steps)
    if unknown := sorted(set(options.case or ()) - found.keys()):
        parser.error(f"--case: found {', '.join(unknown)}; expected of {', '.join(found)}")
    chosen = {name: case for name, case in found.items() if not options.case or name in options.case}
    peak = peak_flops(device, 0.0)
    trainer = "transformers.Trainer" if importlib.util.find_spec("accelerate") else "plain loop, accelerate missing"
    if "missing" in trainer and any(name.startswith("trainer-") for name in chosen):
        said = "accelerate is not installed: trainer-… is a plain loop; for the Trainer: pip install accelerate"
        print(said, file=sys.stderr)
    report = {"device": device_name, "pytorch": torch.__version__, "peak_flops": peak, "trainer": trainer}
    report["cases"] = run(chosen, options.budget, peak)
    if options.output:
        options.output.write_text(json.dumps(report, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
