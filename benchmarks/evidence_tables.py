"""Evidence as tables and words: means over seeds, differences from the control in pairs with 95 % intervals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.evidence_pictures import draw
from benchmarks.evidence_work import table as rows_of
from hanmill.trainer.finetuning.scores.intervals import Interval, interval, paired

_PRETRAINING = "pretraining"
#: Nats under a unigram from which a small model is said to have learnt order: bags of words stay above.
_ORDER = 1.5
_ALPHA = 0.05
#: Scores below are of models that find nothing.
_NOTHING = 0.05
#: A cell of what was not measured, or is not said.
_NONE = "–"

Column = tuple[str, float, str]


@dataclass(frozen=True)
class Result:
    """A comparison at a budget, as its JSON file has it."""

    value: dict[str, Any]

    @property
    def columns(self) -> list[Column]:
        """Task, share and file of what was scored; losses of pretraining where some pay for the control's targets."""
        found = dict.fromkeys((row["task"], row["share"], row["file"]) for row in self.value["rows"])
        return [column for column in found if column[0] != _PRETRAINING or self._is_compared(column)]

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
        measure = measure or ("loss" if column[0] == _PRETRAINING else "")
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
        if column[0] == _PRETRAINING:
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
        files = {row["file"] for row in self.value["rows"] if row["task"] == _PRETRAINING}
        for file in files:
            loss, unigram = (self.values(variant, (_PRETRAINING, 1.0, file), name) for name in ("loss", "unigram"))
            if loss:
                return interval(list(loss.values())).mean, interval(list(unigram.values())).mean
        return None


def render(folder: Path) -> None:
    """Writes ``README.md`` and a picture a comparison from every JSON file of a folder."""
    parts = [_HEAD]
    for name, results in read_results(folder).items():
        parts += [f"## {results[0].value['title']}\n", f"Whose claim: {results[0].value['paper']}.\n"]
        for result in results:
            parts.append(section(result))
            draw(result, folder / f"{name}.{result.value['about']['budget']['name']}.svg")
        parts += moves(results)
    (folder / "README.md").write_text("\n".join(parts), encoding="utf-8")


def read_results(folder: Path) -> dict[str, list[Result]]:
    """The comparisons of a folder by name, each from its smallest budget to its largest."""
    found: dict[str, list[Result]] = {}
    for path in sorted(folder.glob("*.json")):
        value = json.loads(path.read_text(encoding="utf-8"))
        found.setdefault(value["name"], []).append(Result(value))
    return {name: sorted(found[name], key=_size) for name in sorted(found)}


def section(result: Result) -> str:
    """A comparison at one budget: its table, what it says, and what it was made with."""
    value, budget = result.value, result.value["about"]["budget"]
    paper = {variant: f"{found} ({where})" for name, variant, found, where in rows_of("evidence_paper.tsv")
             if name == value["name"]}  # fmt: skip
    names = [f"{variant}, the control" if variant == value["control"] else variant for variant in result.variants]
    columns = [("nats (a unigram's)", [_nats(result, variant) for variant in result.variants])]
    for column in result.columns:
        columns.append((_head(result, column), [_cell(result, variant, column) for variant in result.variants]))
    columns.append(("the paper's difference", [paper.get(variant, _NONE) for variant in result.variants]))
    columns = [(head, cells) for head, cells in columns if set(cells) != {_NONE}]
    note = [value["note"], ""] if value["note"] else []
    lines = [f"### Budget `{budget['name']}`", "", *note, *_table("variant", names, columns)]
    picture = f"{value['name']}.{budget['name']}.svg"
    lines += ["", f"![Differences from the control with their intervals]({picture})", ""]
    lines += [*(f"* {sentence}" for sentence in sentences(result)), "", _made_with(result), ""]
    return "\n".join(lines)


def sentences(result: Result) -> list[str]:
    """What the numbers say, and what they cannot."""
    control = result.value["control"]
    said = left_out(result.value)
    gaps = {variant: found[1] - found[0] for variant in result.variants if (found := result.losses(variant))}
    if gaps:
        said += _learnt(gaps)
    found = [
        (variant, column, difference)
        for variant in result.variants
        for column in (result.columns if variant != control else ())
        if (difference := result.difference(variant, column)) is not None
    ]
    if not found:
        return [*said, "No differences: two seeds at least are needed."]
    if nothing := [place(result, column) for column in result.columns if _finds_nothing(result, column)]:
        said.append(
            f"The control finds next to nothing in {'; '.join(nothing)}: differences there say how soon learning "
            "begins."
        )
    clear = [item for item in found if is_clear(item[2])]
    expected = _ALPHA * len(found)
    said.append(f"{len(clear)} of {len(found)} differences from the control leave out zero; about {expected:.1f} would "
                "if there were none at all.")  # fmt: skip
    for variant, column, difference in clear:
        better = (difference.mean > 0) != result.is_loss(column)
        side = "better" if better else "worse"
        said.append(f"{variant}: {signed(difference)}, {side} than the control, in {place(result, column)}.")
    # Two that find nothing at all differ by nothing, which says nothing.
    unseen = [item[2].half for item in found if not is_clear(item[2]) and item[2].half]
    if unseen:
        middle = sorted(unseen)[len(unseen) // 2]
        said.append(f"Where none is seen the interval is ± {middle:.3f} wide in the middle case: effects smaller than "
                    "that could be there.")  # fmt: skip
    return said


def left_out(value: dict[str, Any]) -> list[str]:
    """What of a comparison was not measured at its budget, tasks and variants that are missing altogether first."""
    missing = value["missing"]
    made = {name: {row[name] for row in value["rows"]} for name in ("task", "variant")}
    kinds = {name: dict.fromkeys(row[name] for row in missing if row[name] not in made[name]) for name in made}
    said = [f"Not measured at this budget: {'; '.join(names)}." for names in kinds.values() if names]
    some: dict[tuple[str, tuple[int, ...]], list[str]] = {}
    for variant in made["variant"]:
        seeds: dict[str, list[int]] = {}
        for row in missing:
            if row["variant"] == variant and row["task"] in made["task"]:
                seeds.setdefault(f"{row['task']} ({row['share']:.0%})", []).append(row["seed"])
        for task, numbers in seeds.items():
            some.setdefault((task, tuple(sorted(numbers))), []).append(variant)
    for (task, numbers), variants in sorted(some.items()):
        said.append(f"Not measured with seeds {', '.join(map(str, numbers))}: {task} of {', '.join(sorted(variants))}.")
    return said


def moves(results: Sequence[Result]) -> list[str]:
    """How differences move with the budget and the share of training data; nothing where neither varies."""
    control = results[0].value["control"]
    places: dict[tuple[str, str, str], list[str]] = {}
    for result in results:
        budget = result.value["about"]["budget"]
        for variant in result.variants:
            for column in result.columns if variant != control else ():
                if (difference := result.difference(variant, column)) is not None:
                    where = f"{budget['name']}, {column[1]:.0%}: {signed(difference)}"
                    places.setdefault((variant, column[0], column[2]), []).append(where)
    rows = [f"| {variant} | {task} | {file} | {'; '.join(found)} |"
            for (variant, task, file), found in places.items() if len(found) > 1]  # fmt: skip
    if not rows:
        return []
    return ["### How the differences move\n", "| variant | task | file | by budget and share of the training set |",
            "|---|---|---|---|", *rows, ""]  # fmt: skip


def signed(difference: Interval) -> str:
    """As tables have it."""
    return f"{difference.mean:+.3f}" + ("" if difference.half is None else f" ± {difference.half:.3f}")


def is_clear(difference: Interval) -> bool:
    """Whether the interval leaves out zero."""
    return clearness(difference) > 1


def clearness(difference: Interval) -> float:
    """How many times its half the interval's middle lies from zero; 0 where there is no interval."""
    return abs(difference.mean) / difference.half if difference.half else 0.0


def _learnt(gaps: dict[str, float]) -> list[str]:
    """What the losses at the end of pretraining say: nats under a unigram by variant."""
    least, most = min(gaps.values()), max(gaps.values())
    hardly = [variant for variant, gap in gaps.items() if gap < _ORDER]
    if most < 0:
        first = f"At the end of pretraining a target costs {-most:.2f} to {-least:.2f} nats more than by a unigram."
    elif least < 0:
        first = (
            f"At the end of pretraining a target costs between {-least:.2f} nats more and {most:.2f} less than by a "
            "unigram."
        )
    else:
        first = f"At the end of pretraining a target costs {least:.2f} to {most:.2f} nats less than by a unigram."
    if len(hardly) == len(gaps):
        second = (
            "These models are hardly trained: they know which tokens are frequent together, little of their order, so "
            "that what follows says nothing against a paper."
        )
    elif hardly:
        second = f"Hardly trained: {', '.join(hardly)}. What is said of it below is said of that."
    else:
        second = "All have learnt order."
    return [first, second]


def _finds_nothing(result: Result, column: Column) -> bool:
    reached = result.values(result.value["control"], column)
    return not result.is_loss(column) and bool(reached) and interval(list(reached.values())).mean < _NOTHING


def place(result: Result, column: Column) -> str:
    """A column as sentences have it."""
    task, share, file = column
    return f"nats of {task} ({file})" if result.is_loss(column) else f"{task} on {file} ({share:.0%})"


def _head(result: Result, column: Column) -> str:
    task, share, file = column
    less = f"{place(result, column)}, fewer are better"
    return less if result.is_loss(column) else f"{task}, on {file}, {share:.0%}"


def _nats(result: Result, variant: str) -> str:
    losses = result.losses(variant)
    return _NONE if losses is None else f"{losses[0]:.2f} ({losses[1]:.2f})"


def _table(corner: str, names: Sequence[str], columns: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Markdown with a row a name, or a column a name where those are fewer."""
    rows = [[name, *(cells[place] for _, cells in columns)] for place, name in enumerate(names)]
    rows.insert(0, [corner, *(head for head, _ in columns)])
    if len(names) < len(columns):
        rows = [list(row) for row in zip(*rows, strict=True)]
        rows[0][0] = ""
    rows.insert(1, ["---"] * len(rows[0]))
    return [f"| {' | '.join(row)} |" for row in rows]


def _cell(result: Result, variant: str, column: Column) -> str:
    values = result.values(variant, column)
    if not values:
        return _NONE
    mean = f"{interval(list(values.values())).mean:.3f}"
    difference = None if variant == result.value["control"] else result.difference(variant, column)
    return mean if difference is None else f"{mean} ({signed(difference)})"


def _made_with(result: Result) -> str:
    about, budget = result.value["about"], result.value["about"]["budget"]
    settings = ", ".join(f"{name} {budget[name]}" for name in result.value["settings"] if budget[name])
    corpora = ", ".join(f"{name} `{found['manifest_sha256'][:16]}`" for name, found in about["corpora"].items())
    characters = ", ".join(f"{count:,} {language}" for language, count in about["characters"].items())
    read = f" Characters of the texts: {characters}." if characters else ""
    read += f" SHA-256 of manifests: {corpora}." if corpora else ""
    makers = ", ".join(f"`{name[:12]}`" if name else "earlier ones" for name in sorted(about["made_by"], reverse=True))
    return f"Made with {settings}.{read} Commits: {makers}; {about['hardware']}."


def _size(result: Result) -> tuple[int, int]:
    budget = result.value["about"]["budget"]
    return budget["steps"] * budget["tokens"], budget["seeds"]


_HEAD = """# Evidence

Made by `make evidence`, tables, pictures and sentences alike; see [docs/tasks.md](../docs/tasks.md#evidence). A cell
has the mean over seeds (F1 from 0 to 1 unless it says otherwise) and in brackets the difference from the control, seed
by seed, with its 95 % interval (Student's t: with three seeds 4.3 standard errors). A percentage is the share of the
training set that was used. The papers' differences, in points of a hundred, are of models hundreds of times as large,
on other data: they stand beside ours for their direction.
"""
