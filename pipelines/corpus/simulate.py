"""What other rules and thresholds would have kept, by the measures that a corpus has stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanmill.pipelines.clean.rules import applies, measure_name
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.location import Location, open_parquet
from hanmill.schemas.recipe import CleanRecipe, RuleSetting

LANGUAGE = "language@1"
KEPT, UNKNOWN = "kept", "not measured"
_COLUMNS = ("source", "lang", "script", "title", "measures")
_TEXT_CHARACTERS = 120

#: Source, language and script.
Kind = tuple[str, str, str]


class SimulationError(HanmillError, ValueError):
    """A rule that was not measured."""


@dataclass(frozen=True, slots=True)
class Example:
    """A document whose verdict changes: by which rule, what that measured (None for the language), how it begins."""

    rule: str
    value: float | None
    title: str
    text: str


@dataclass(slots=True)
class Simulation:
    """What changes: counts by kind of document, by rule, and a few documents that leave and that enter.

    ``kinds`` holds for every kind how many are kept now, would be kept, leave, enter, and how many cannot be told.
    ``rules`` holds how many each verdict has now and would have; ``measured`` are the names of all measures seen.
    """

    kinds: dict[Kind, Counter[str]] = field(default_factory=dict)
    rules: dict[str, Counter[str]] = field(default_factory=dict)
    leaving: dict[str, list[Example]] = field(default_factory=dict)
    entering: dict[str, list[Example]] = field(default_factory=dict)
    measured: set[str] = field(default_factory=set)

    def total(self) -> Counter[str]:
        """Over all kinds."""
        return sum(self.kinds.values(), Counter())

    def count(self, kinds: Sequence[Kind], before: Sequence[str], after: Sequence[str]) -> None:
        """Takes in documents: their kinds, their verdicts now and by the new rules."""
        for (kind, old, new), number in Counter(zip(kinds, before, after, strict=True)).items():
            counts = self.kinds.setdefault(kind, Counter())
            counts["before"] += number * (old == KEPT)
            counts["after"] += number * (new == KEPT)
            counts["unknown"] += number * (new == UNKNOWN)
            counts["leave"] += number * (old == KEPT and new not in (KEPT, UNKNOWN))
            counts["enter"] += number * (old != KEPT and new == KEPT)
            self.rules.setdefault(old, Counter())["before"] += number
            self.rules.setdefault(new, Counter())["after"] += number


def simulate(shards: Iterable[Location], old: CleanRecipe, new: CleanRecipe, examples: int) -> Simulation:
    """Judges the documents of shards of DOCUMENTS and DROPPED again, by languages and rules alone.

    What was dropped or failed before the rules, or behind them, stays as it is and is not counted. ``examples`` are
    shown of every rule. Raises SimulationError where a rule was measured on no document.
    """
    found = Simulation()
    judged_by = {LANGUAGE, *(setting.rule for setting in old.rules)}
    for shard in shards:
        with open_parquet(shard) as file:
            dropped = "outcome" in file.schema_arrow.names
            columns = [*_COLUMNS, *(("outcome", "rule", "snippet") if dropped else ())]
            for group in range(file.metadata.num_row_groups):
                table = file.read_row_group(group, columns=columns)
                before = table["rule"].to_pylist() if dropped else [KEPT] * table.num_rows
                if dropped:
                    judged = [rule in judged_by for rule in before]
                    table, before = table.filter(pa.array(judged, pa.bool_())), _chosen(before, judged)
                after, values = verdicts(table, new, found.measured)
                kinds = list(zip(*(table[name].to_pylist() for name in ("source", "lang", "script")), strict=True))
                found.count(kinds, before, after)
                changed = [
                    row
                    for row, (was, now) in enumerate(zip(before, after, strict=True))
                    if (was == KEPT) != (now == KEPT) and now != UNKNOWN
                ]
                known = found.entering if dropped else found.leaving
                by = before if dropped else after
                if chosen := [row for row in changed if len(known.setdefault(by[row], [])) < examples]:
                    texts = table["snippet"] if dropped else file.read_row_group(group, columns=["text"])["text"]
                    for row in chosen:
                        if len(known[by[row]]) < examples:
                            value = None if dropped else values.get(by[row], {}).get(row)
                            text = str(texts[row].as_py())[:_TEXT_CHARACTERS]
                            known[by[row]].append(Example(by[row], value, table["title"][row].as_py(), text))
    _refuse_unmeasured(found, new)
    return found


def verdicts(
    table: pa.Table, clean: CleanRecipe, measured: set[str] | None = None
) -> tuple[list[str], dict[str, dict[int, float]]]:
    """The verdict on every row of a table with ``source``, ``lang``, ``script`` and ``measures``.

    A verdict is ``kept``, the rule that refuses first, or ``not measured``. Beside it, for every rule, what it measured
    on the rows it refuses. Names of measures are added to ``measured``.
    """
    count = table.num_rows
    result = np.full(count, KEPT, dtype=object)
    open_rows = np.ones(count, bool)
    if clean.languages:
        wrong = ~np.isin(np.array(table["lang"].to_pylist(), dtype=object), clean.languages)
        result[wrong] = LANGUAGE
        open_rows &= ~wrong
    measures = _Measures(table["measures"])
    if measured is not None:
        measured |= measures.names
    sources, scripts = table["source"].to_pylist(), table["script"].to_pylist()
    values: dict[str, dict[int, float]] = {}
    for setting in clean.rules:
        concerned = open_rows & _concerned(setting, sources, scripts)
        column = measures.column(measure_name(setting), count)
        unknown = concerned & np.isnan(column)
        low = column < setting.min if setting.min is not None else np.zeros(count, bool)
        high = column > setting.max if setting.max is not None else np.zeros(count, bool)
        refused = concerned & (low | high)
        result[unknown] = UNKNOWN
        result[refused] = setting.rule
        values.setdefault(setting.rule, {}).update((int(row), float(column[row])) for row in np.flatnonzero(refused))
        open_rows &= ~(unknown | refused)
    return result.tolist(), values


class _Measures:
    """A column of lists of MEASURE, by name."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        lists = column.combine_chunks()
        flat = lists.flatten()
        self._rows: npt.NDArray[np.int64] = lists.value_parent_indices().to_numpy()
        self._values: npt.NDArray[np.float64] = flat.field("value").to_numpy()
        encoded = flat.field("name").dictionary_encode()
        self._codes: npt.NDArray[np.int32] = encoded.indices.to_numpy()
        self._names: list[str] = encoded.dictionary.to_pylist()
        self.names = set(self._names)

    def column(self, name: str, count: int) -> npt.NDArray[np.float64]:
        """float64 [count]: what was measured under a name, NaN where nothing."""
        column = np.full(count, np.nan)
        if name in self.names:
            mine = self._codes == self._names.index(name)
            column[self._rows[mine]] = self._values[mine]
        return column


def _concerned(setting: RuleSetting, sources: Sequence[str], scripts: Sequence[str]) -> npt.NDArray[np.bool_]:
    pairs = list(zip(sources, scripts, strict=True))
    known = {pair: applies(setting, *pair) for pair in set(pairs)}
    return np.array([known[pair] for pair in pairs], bool)


def _chosen(values: Sequence[str], wanted: Sequence[bool]) -> list[str]:
    return [value for value, chosen in zip(values, wanted, strict=True) if chosen]


def _refuse_unmeasured(found: Simulation, new: CleanRecipe) -> None:
    if not found.total()["unknown"]:
        return
    for name in map(measure_name, new.rules):
        if name not in found.measured:
            known = ", ".join(sorted(found.measured)) or "none"
            raise SimulationError(f"{name}: was not measured on any document; measured: {known}")


def lines_of(found: Simulation) -> Iterator[tuple[str, ...]]:
    """Rows of a table for people: kind and counts, all documents first."""
    yield "source", "language", "script", "kept", "would be", "leave", "enter", "not measured"
    kinds = sorted(found.kinds.items(), key=lambda item: (-item[1]["before"] - item[1]["after"], item[0]))
    for kind, counts in ((("all", "", ""), found.total()), *kinds):
        figures = (counts[name] for name in ("before", "after", "leave", "enter", "unknown"))
        yield (*kind, *(f"{figure:,}" for figure in figures))
