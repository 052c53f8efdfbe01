"""What one worker does with one task: the interface between plain code and the engines that run it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipelines.records import Split


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of a stage: the split it concerns and the shard that says it is done.

    ``key`` is the content address (16 hexadecimal digits), ``done`` the file whose existence means that nothing
    is left to do, ``label`` what a person is told when it fails.
    """

    key: str
    done: str
    label: str
    split: Split
    #: The shards of earlier stages this one reads, by stage name.
    reads: tuple[tuple[str, str], ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether the final shard exists."""
        return Path(self.done).exists()

    def reading(self, stage: str) -> Path:
        """The shard of an earlier stage."""
        return Path(dict(self.reads)[stage])


class Job(Protocol):
    """A stage's work. Pickles; ``open`` builds what does not (dictionaries, models), once per process."""

    @property
    def name(self) -> str:
        """The stage's name."""

    def open(self) -> Callable[[Task], None]:
        """A function that does one task and leaves its shards behind."""
