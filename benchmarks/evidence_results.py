"""Evidence as numbers: means over seeds, and differences from the control in pairs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanmill.trainer.finetuning.scores.intervals import Interval, interval, paired

PRETRAINING = "pretraining"

Column = tuple[str, float, str]


@dataclass(frozen=True)
class Result:
    """A comparison at a budget, as its JSON file has it."""

    value: dict[str, Any]

    @property
    def columns(self) -> list[Column]:
        """Task, share and file of what was scored; losses of pretraining where some pay for the control's targets."""
        found = dict.fromkeys((row["task"], row["share"], row["file"]) for row in self.value["rows"])
        return [column for column in found if column[0] != PRETRAINING or self._is_compared(column)]

    def _is_compared(self, column: Column) -> bool:
        return any(self.difference(variant, column) for variant in self.variants[1:])

    @property
    def variants(self) -> list[str]:
        """In the order in which they were measured, the control first."""
        control = self.value["control"]
        names = list(dict.fromkeys(row["variant"] for row in self.value["rows"]))
        return [control, *(name for name in names if name != control)]

    def values(self, variant: str, column: Column, measure: str = "") -> dict[int, float]:
        """By seed; of pretraining the nats a target."""
        measure = measure or ("loss" if column[0] == PRETRAINING else "")
        return {
            row["seed"]: row["value"]
            for row in self.value["rows"]
            if row["variant"] == variant
            and (row["task"], row["share"], row["file"]) == column
            and (not measure or row["measure"] == measure)
        }

    def difference(self, variant: str, column: Column) -> Interval | None:
        """Of a variant from the control, over the seeds that both have; None without two, or where targets differ."""
        mine, other = self.values(variant, column), self.values(self.value["control"], column)
        seeds = sorted(mine.keys() & other.keys())
        if column[0] == PRETRAINING:
            # The same targets in the same places cost a unigram the same.
            paid, unigram = (self.values(name, column, "unigram") for name in (variant, self.value["control"]))
            seeds = [seed for seed in seeds if paid[seed] == unigram[seed]]
        if len(seeds) < 2:
            return None
        return paired([mine[seed] for seed in seeds], [other[seed] for seed in seeds])

    def is_loss(self, column: Column) -> bool:
        """Whether less is better."""
        return any(row["measure"] == "loss" for row in self.value["rows"]
                   if (row["task"], row["share"], row["file"]) == column)  # fmt: skip

    def losses(self, variant: str) -> tuple[float, float] | None:
        """Mean nats a target at the end of pretraining, and a unigram's."""
        files = {row["file"] for row in self.value["rows"] if row["task"] == PRETRAINING}
        for file in files:
            loss, unigram = (self.values(variant, (PRETRAINING, 1.0, file), name) for name in ("loss", "unigram"))
            if loss:
                return interval(list(loss.values())).mean, interval(list(unigram.values())).mean
        return None


def read_results(folder: Path) -> dict[str, list[Result]]:
    """The comparisons of a folder by name, each from its smallest budget to its largest."""
    found: dict[str, list[Result]] = {}
    for path in sorted(folder.glob("*.json")):
        value = json.loads(path.read_text(encoding="utf-8"))
        found.setdefault(value["name"], []).append(Result(value))
    return {name: sorted(found[name], key=_size) for name in sorted(found)}


def place(result: Result, column: Column) -> str:
    """A column as sentences have it."""
    task, share, file = column
    return f"nats of {task} ({file})" if result.is_loss(column) else f"{task} on {file} ({share:.0%})"


def signed(difference: Interval) -> str:
    """As tables have it."""
    return f"{difference.mean:+.3f}" + ("" if difference.half is None else f" ± {difference.half:.3f}")


def is_clear(difference: Interval) -> bool:
    """Whether the interval leaves out zero."""
    return clearness(difference) > 1


def clearness(difference: Interval) -> float:
    """How many times its half the interval's middle lies from zero; 0 where there is no interval."""
    return abs(difference.mean) / difference.half if difference.half else 0.0


def _size(result: Result) -> tuple[int, int]:
    budget = result.value["about"]["budget"]
    return budget["steps"] * budget["tokens"], budget["seeds"]
