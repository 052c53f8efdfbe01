"""How long the stages of a build took and what they needed: beside the corpus, whose bytes do not hang on it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from hanmill.pipelines.corpus.atomic import write_text
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.location import Location

TIMES_NAME = "times.jsonl"


class TimesError(HanmillError, ValueError):
    """A file of times that is not one."""


@dataclass(frozen=True, slots=True)
class Usage:
    """``processor_seconds`` of all workers together, ``peak_bytes`` of memory of the largest since it was started."""

    processor_seconds: float = 0.0
    peak_bytes: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.processor_seconds + other.processor_seconds,
            max(self.peak_bytes, other.peak_bytes),
        )


@dataclass(frozen=True, slots=True)
class StageTime:
    """One run of a stage: ``made`` of its ``shards`` were not there. ``seconds`` are of the clock, ``ended`` is UTC."""

    stage: str
    ended: str
    shards: int
    made: int
    seconds: float
    processor_seconds: float
    peak_bytes: int

    @classmethod
    def of(cls, stage: str, shards: int, made: int, seconds: float, usage: Usage) -> StageTime:
        """Of a stage that ends now."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        used = round(usage.processor_seconds, 3)
        return cls(stage, now, shards, made, round(seconds, 3), used, usage.peak_bytes)


def add_time(corpus: Location, time: StageTime) -> None:
    """Adds a line to ``times.jsonl``."""
    path = corpus / TIMES_NAME
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    write_text(path, before + json.dumps(asdict(time)) + "\n")


def read_times(corpus: Location) -> list[StageTime]:
    """All runs of stages in their order; none where no file is there. Raises TimesError naming the line."""
    path = corpus / TIMES_NAME
    return list(_times(path)) if path.is_file() else []


def latest(times: Sequence[StageTime]) -> list[StageTime]:
    """The last run of each stage."""
    return list({time.stage: time for time in times}.values())


def _times(path: Location) -> Iterator[StageTime]:
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            value: dict[str, Any] = json.loads(line)
            yield StageTime(**value)
        except (TypeError, ValueError) as error:
            raise TimesError(f"{path}:{number}: {error}: expected the time of a stage as a build writes it") from error
