"""What a run reports: its log."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from hanmill.trainer.errors import RunError
from hanmill.trainer.runs.trackers import Tracker, open_trackers


class Log:
    """``log.jsonl``, always; trackers asked for, TensorBoard where installed; a line on standard error for people.

    ``settings`` is the run's configuration, for the trackers. Raises ConfigError where one is not installed.
    """

    def __init__(
        self, folder: Path, active: bool, trackers: tuple[str, ...] = (), settings: Mapping[str, Any] | None = None
    ) -> None:
        self._file: IO[str] | None = None
        self._trackers: list[Tracker] = []
        self.folder = folder
        if active:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / "log.jsonl"
            # A crash may have cut the last line: what follows is not to be a part of it.
            try:
                cut = path.is_file() and not path.read_bytes().endswith(b"\n") and path.stat().st_size
                self._file = path.open("a", encoding="utf-8")
            except OSError as error:
                raise RunError(f"{path}: cannot be written ({error.strerror}), expected a file") from error
            self._file.write("\n" if cut else "")
            if "tensorboard" not in trackers and importlib.util.find_spec("tensorboard"):
                trackers = ("tensorboard", *trackers)
            self._trackers = open_trackers(trackers, folder, settings or {})

    def write(self, event: str, total_step: int, **values: Any) -> None:
        """One line. Numbers that are not finite become null, as JSON has none."""
        if self._file is None:
            return
        record = {"event": event} | {name: _finite(value) for name, value in values.items()}
        try:
            self._file.write(json.dumps(record, ensure_ascii=False) + "\n")
            self._file.flush()
        except OSError as error:
            raise RunError(f"{self.folder / 'log.jsonl'}: cannot be written: {error.strerror}") from error
        _say(event, values)
        numbers = {
            f"{event}/{name}": value
            for name, value in values.items()
            if isinstance(value, (int, float)) and math.isfinite(value)
        }
        for tracker in self._trackers:
            tracker.write(numbers, total_step)

    def close(self) -> None:
        """Flushes and closes."""
        if self._file is not None:
            self._file.close()
        for tracker in self._trackers:
            tracker.close()


def read_log(path: Path) -> list[dict[str, Any]]:
    """Lines of a log, oldest first; one cut by a crash, or otherwise no JSON, is left out."""
    records = []
    for line in path.read_bytes().splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and "event" in record:
            records.append(record)
    return records


def check_folder(folder: Path) -> None:
    """Raises RunError where nothing can be written to a folder, there or not: said before anything takes time."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise RunError(f"{there}: found a file, expected a folder to write to")
    if not os.access(there, os.W_OK):
        raise RunError(f"{there}: found a folder that cannot be written to, expected one that can")


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
