"""Do the papers' ideas work on this corpus? Small models, pretrained and fine-tuned by seed, compared in pairs.

Run from the repository root, with the labelled files of ``evidence_tasks.tsv`` under DATA:
python -m benchmarks.evidence --work FOLDER --data DATA --budget small --output evidence

Everything is kept in FOLDER under a hash of what it was made from, so that a second run renders the tables in seconds
and a changed setting makes anew only what hangs on it. ``--seed``, ``--variant`` and ``--task`` make a part: several
processes can share the work, and where time is short the tables have what there is and name what there is not.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol

import torch

from benchmarks.evidence_encoders import chinesebert, unihanlm
from benchmarks.evidence_pages import pages
from benchmarks.evidence_plan import BUDGETS, Budget, Comparison, Job, NotMade
from benchmarks.evidence_summary import summary, write_into
from benchmarks.evidence_tables import render
from benchmarks.evidence_words import AlignedLanguages, Orthographies
from benchmarks.evidence_work import Work, commit
from hanmill.schemas.hashing import file_sha256


class Study(Protocol):
    """A comparison that can be measured."""

    about: Comparison

    def corpora(self) -> list[str]:
        """Names of the corpora that are read."""
        ...

    def jobs(self, work: Work) -> Iterator[Job]:
        """All there is to measure, seed by seed, so that a run that is cut short has whole pairs."""
        ...


STUDIES: dict[str, Callable[[Budget], Study]] = {
    "unihanlm": unihanlm,
    "chinesebert": chinesebert,
    "mlma": lambda budget: AlignedLanguages(),
    "mom": lambda budget: Orthographies(),
    "corpus": pages,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line, makes what is missing, and writes JSON, tables and pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--work", "--data", "--output"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--budget", choices=list(BUDGETS), default="small")
    parser.add_argument("--only", action="append", choices=list(STUDIES), help="Comparisons; all unless named.")
    parser.add_argument("--seed", type=int, action="append", help="Make of these seeds alone.")
    parser.add_argument("--variant", action="append", help="Make of these variants alone.")
    parser.add_argument("--task", action="append", help="Make of these tasks alone.")
    parser.add_argument("--made", action="store_true", help="Make nothing: write what there is.")
    parser.add_argument("--page", type=Path, help="A page whose part between the marks is written from the results.")
    parser.add_argument("--seeds", type=int, help="As many seeds as this, not the budget's.")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    budget = BUDGETS[options.budget]
    budget = replace(budget, seeds=options.seeds or budget.seeds)
    asked = {"seed": options.seed, "variant": options.variant, "task": options.task}

    def is_asked(job: Job) -> bool:
        return not options.made and all(not some or getattr(job, name) in some for name, some in asked.items())

    for name in options.only or STUDIES:
        work = Work(options.work.resolve(), options.data.resolve(), budget)
        study = STUDIES[name](budget)
        result = measure(study, work, is_asked)
        options.output.mkdir(parents=True, exist_ok=True)
        path = options.output / f"{study.about.name}.{budget.name}.json"
        path.write_text(_one_row_a_line(result), encoding="utf-8")
    render(options.output)
    if options.page is not None:
        write_into(options.page, summary(options.output))


def measure(study: Study, work: Work, is_asked: Callable[[Job], bool]) -> dict[str, Any]:
    """A comparison as JSON has it; of jobs that are not asked for, what is made already."""
    rows: list[dict[str, Any]] = []
    missing: list[dict[str, Any]] = []
    for job in study.jobs(work):
        work.making = is_asked(job)
        try:
            rows += [asdict(value) for value in job.measure()]
        except NotMade:
            missing.append({name: getattr(job, name) for name in ("variant", "seed", "task", "share")})
    return {**asdict(study.about), "about": _about(study, work), "missing": missing, "rows": rows}


def _about(study: Study, work: Work) -> dict[str, Any]:
    """What the numbers were made with."""
    work.making = False
    corpora = {}
    for name in study.corpora():
        with suppress(NotMade):
            corpora[name] = work.corpus(name)
    return {
        "commit": commit() or None,
        "made_by": sorted(work.commits),
        "corpora": {
            name: {"manifest_sha256": file_sha256(path / "manifest.json"), "recipe": work.corpora[name][1:]}
            for name, path in corpora.items()
        },
        "characters": _characters(work, corpora),
        "hardware": f"{os.cpu_count()} cores, {platform.machine()}, torch {torch.__version__}, one thread a run",
        "budget": asdict(work.budget),
        "files": {name: file_sha256(path) for name, path in work.files.items() if path.is_file()},
    }


def _characters(work: Work, corpora: Iterable[str]) -> dict[str, int]:
    """Characters of the texts that corpora are made from, by language."""
    places = " ".join(work.corpora[name][0] for name in corpora)
    read = set(re.findall(r"\{(?:texts|quarter)\}/(\w+)", places))
    return {name: count for name, count in work.characters().items() if name in read} if read else {}


def _one_row_a_line(result: dict[str, Any]) -> str:
    lists = {name: result[name] for name in ("missing", "rows")}
    others = {name: value for name, value in result.items() if name not in lists}
    head = json.dumps(others, ensure_ascii=False, indent=1)
    parts = [head.removesuffix("\n}")]
    for name, rows in lists.items():
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        parts.append(f' "{name}": [\n{lines}\n]' if rows else f' "{name}": []')
    return ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
