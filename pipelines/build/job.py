"""What one worker does with one task: the interface between plain code and the engines that run it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from hanmill.pipelines.sources.records import Split
from hanmill.schemas.location import Location, location


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of a stage: what it reads and the shards it leaves behind.

    ``key`` is the content address (16 hexadecimal digits), ``label`` what a person is told when it fails.
    ``writes`` and ``reads`` are pairs of a kind (``documents``) and a path; the task is done when all it writes
    exists. ``split`` is set where an input is read. ``number`` is the task's place in its stage.
    """

    key: str
    label: str
    writes: tuple[tuple[str, str], ...]
    reads: tuple[tuple[str, str], ...] = ()
    split: Split | None = None
    number: int = 0

    @property
    def is_done(self) -> bool:
        """Whether every shard of the task exists."""
        return all(location(path).exists() for _, path in self.writes)

    def writing(self, kind: str) -> Location:
        """The shard of this kind that the task writes."""
        return location(dict(self.writes)[kind])

    def reading(self, kind: str) -> Location:
        """The one shard of this kind that the task reads."""
        return location(dict(self.reads)[kind])

    def reading_all(self, kind: str) -> list[Location]:
        """Every shard of this kind that the task reads, in order."""
        return [location(path) for name, path in self.reads if name == kind]


class Job(Protocol):
    """A stage's work. Hashable, and pickles; ``open`` builds what does not (dictionaries, models)."""

    @property
    def name(self) -> str:
        """The stage's name."""

    def open(self) -> Callable[[Task], None]:
        """A function that does one task and leaves its shards behind. Called once per process and stage."""
