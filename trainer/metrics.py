"""What a run reports: throughput, model FLOPs utilisation, and the log."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import torch
from torch import nn

from trainer.config import TrainingConfig

#: Dense bf16 peak in TFLOP/s, from the vendors' data sheets.
_PEAKS = {"H200": 989.0, "H100": 989.0, "A100": 312.0, "L40S": 362.0, "4090": 165.0}


def flops_per_token(model: nn.Module, config: TrainingConfig) -> float:
    """Floating-point operations of forward and backward pass for one token of the window.

    ``6·N + 12·L·H·T + 6·p·N_head``: N parameters in the encoder's layers, L layers of H units, T tokens in the
    window, and the share p of tokens whose scores are computed (N_head: the tied output layer and what stands
    before it). Embeddings are look-ups and count nothing; attention is counted over the whole window although
    document boundaries spare part of it; recomputation does not count.
    """
    shape = config.encoder
    encoder = sum(parameter.numel() for name, parameter in model.named_parameters() if name.startswith("encoder."))
    head = sum(parameter.numel() for name, parameter in model.named_parameters() if name.startswith("head."))
    tied = sum(parameter.numel() for name, parameter in model.named_parameters() if name == "characters.weight")
    attention = 12 * shape.layers * shape.hidden * config.data.window
    return 6.0 * encoder + attention + 6.0 * config.masking.rate * (head + tied)


def peak_flops(device: torch.device, tflops: float) -> float | None:
    """Peak of one device in FLOP/s: the configured one, the known one, or None."""
    if tflops:
        return tflops * 1e12
    if device.type != "cuda":
        return None
    name = torch.cuda.get_device_name(device)
    return next((peak * 1e12 for part, peak in _PEAKS.items() if part in name), None)


class Stopwatch:
    """Tokens and waiting since the last reading."""

    def __init__(self, flops: float, peak: float | None, world: int) -> None:
        self._flops, self._peak, self._world = flops, peak, world
        self._begin()

    def _begin(self) -> None:
        self._start, self._waited, self._tokens, self._cells = time.perf_counter(), 0.0, 0.0, 0

    def add(self, tokens: float, cells: int, waited: float) -> None:
        """Counts a step: tokens and cells (tokens and padding) over all ranks, seconds this rank waited for data."""
        self._tokens += tokens
        self._cells += cells
        self._waited += waited

    def read(self) -> dict[str, float | None]:
        """Rates since the last reading; begins anew. ``mfu`` is None where the device's peak is not known."""
        seconds = max(time.perf_counter() - self._start, 1e-9)
        achieved = self._flops * self._cells / seconds / self._world
        found = {
            "tokens_per_second": round(self._tokens / seconds, 1),
            "padding": round(1 - self._tokens / max(1, self._cells), 4),
            "mfu": None if self._peak is None else round(achieved / self._peak, 4),
            "data_wait": round(self._waited / seconds, 4),
        }
        self._begin()
        return found


class Log:
    """``log.jsonl``, always; TensorBoard where installed; a line on standard error for people."""

    def __init__(self, folder: Path, active: bool) -> None:
        self._file: IO[str] | None = None
        self._board: Any = None
        self.folder = folder
        if active:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = (folder / "log.jsonl").open("a", encoding="utf-8")
            try:
                from torch.utils.tensorboard import SummaryWriter
            except ImportError:
                return
            self._board = SummaryWriter(str(folder / "tensorboard"))

    def write(self, event: str, total_step: int, **values: Any) -> None:
        """One line. Numbers that are not finite become null, as JSON has none."""
        if self._file is None:
            return
        record = {"event": event} | {name: _finite(value) for name, value in values.items()}
        self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
        self._file.flush()
        _say(event, values)
        if self._board is not None:
            for name, value in values.items():
                if isinstance(value, (int, float)):
                    self._board.add_scalar(f"{event}/{name}", value, total_step)

    def close(self) -> None:
        """Flushes and closes."""
        if self._file is not None:
            self._file.close()
        if self._board is not None:
            self._board.close()


def read_log(path: Path) -> list[dict[str, Any]]:
    """Lines of a log, oldest first; a last line cut by a crash is left out."""
    records = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            records.append(json.loads(line))
        except ValueError:
            continue
    return records


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _say(event: str, values: Mapping[str, Any]) -> None:
    shown = " ".join(
        f"{name} {value:,.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in values.items()
        if value is not None
    )
    # Clears what a progress bar may have left on the line.
    clear = "\r\x1b[K" if sys.stderr.isatty() else ""
    print(f"{clear}{event}: {shown}", file=sys.stderr)
