"""Evidence as tables and pages: means over seeds, differences from the control with 95 % intervals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.evidence_pictures import draw
from benchmarks.evidence_results import Column, Result, place, read_results, signed
from benchmarks.evidence_sentences import sentences
from benchmarks.evidence_work import table as rows_of
from hanmill.trainer.finetuning.scores.intervals import interval

#: A cell of what was not measured, or is not said.
_NONE = "–"


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


_HEAD = """# Evidence

Made by `make evidence`, tables, pictures and sentences alike; see [docs/tasks.md](../docs/tasks.md#evidence). A cell
has the mean over seeds (F1 from 0 to 1 unless it says otherwise) and in brackets the difference from the control, seed
by seed, with its 95 % interval (Student's t: with three seeds 4.3 standard errors). A percentage is the share of the
training set that was used. The papers' differences, in points of a hundred, are of models hundreds of times as large,
on other data: they stand beside ours for their direction.
"""
