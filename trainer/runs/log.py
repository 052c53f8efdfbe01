"""What a run reports: its log."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any


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
