"""Do the papers' ideas work on this corpus? Small models, pretrained and fine-tuned by seed, compared in pairs.

Run from the repository root, with the labelled files of ``evidence_tasks.tsv`` under DATA:
python -m benchmarks.evidence --work FOLDER --data DATA --budget small --output evidence

Everything is kept in FOLDER under a hash of what it was made from, so that a second run renders the tables in seconds
and a changed setting makes anew only what hangs on it. ``--seed`` makes a part, so that several processes can share the
work; without it what they made is put together.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol

import torch

from benchmarks.evidence_encoders import chinesebert, unihanlm
from benchmarks.evidence_pages import pages
from benchmarks.evidence_plan import BUDGETS, Budget, Comparison, Value
from benchmarks.evidence_summary import summary, write_into
from benchmarks.evidence_tables import render
from benchmarks.evidence_words import AlignedLanguages, Orthographies
from benchmarks.evidence_work import Work
from hanmill.schemas.hashing import file_sha256

_HERE = Path(__file__).resolve().parent


class Study(Protocol):
    """A comparison that can be measured."""

    about: Comparison

    def corpora(self) -> list[str]:
        """Names of the corpora that are read."""
        ...

    def measure(self, work: Work, seeds: range) -> Iterator[Value]:
        """Every value of some seeds."""
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
    parser.add_argument("--seed", type=int, help="Make what this seed needs, and write nothing.")
    parser.add_argument("--page", type=Path, help="A page whose part between the marks is written from the results.")
    parser.add_argument("--seeds", type=int, help="As many seeds as this, not the budget's.")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    budget = BUDGETS[options.budget]
    budget = replace(budget, seeds=options.seeds or budget.seeds)
    work = Work(options.work.resolve(), options.data.resolve(), budget)
    every = range(1, budget.seeds + 1)
    for name in options.only or STUDIES:
        study = STUDIES[name](budget)
        if options.seed is not None:
            for _ in study.measure(work, range(options.seed, options.seed + 1)):
                pass
            continue
        result = {
            **asdict(study.about),
            "about": _about(study, work),
            "rows": [asdict(value) for value in study.measure(work, every)],
        }
        options.output.mkdir(parents=True, exist_ok=True)
        path = options.output / f"{study.about.name}.{budget.name}.json"
        path.write_text(_one_row_a_line(result), encoding="utf-8")
    if options.seed is None:
        render(options.output)
        if options.page is not None:
            write_into(options.page, summary(options.output))


def _about(study: Study, work: Work) -> dict[str, Any]:
    """What the numbers were made with."""
    corpora = {name: work.corpus(name) for name in study.corpora()}
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=_HERE, capture_output=True, text=True, check=False)
    return {
        "commit": commit.stdout.strip() or None,
        "corpora": {
            name: {"manifest_sha256": file_sha256(path / "manifest.json"), "recipe": work.corpora[name][1:]}
            for name, path in corpora.items()
        },
        "characters": work.characters() if corpora else {},
        "hardware": f"{os.cpu_count()} cores, {platform.machine()}, torch {torch.__version__}, one thread a run",
        "budget": asdict(work.budget),
        "files": {name: file_sha256(path) for name, path in work.files.items() if path.is_file()},
    }


def _one_row_a_line(result: dict[str, Any]) -> str:
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in result["rows"])
    head = json.dumps({**result, "rows": []}, ensure_ascii=False, indent=1)
    return head.removesuffix("[]\n}") + f"[\n{rows}\n]}}\n"


if __name__ == "__main__":
    main()
