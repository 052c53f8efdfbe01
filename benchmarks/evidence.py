"""Do the papers' ideas work on this corpus? Small models, pretrained and fine-tuned by seed, compared in pairs.

Run from the repository root, with the labelled files of ``evidence_tasks.tsv`` under DATA:
python -m benchmarks.evidence --work FOLDER --data DATA --budget small --output evidence

Everything is kept in FOLDER under a hash of what it was made from, so that a second run renders the tables in seconds
and a changed setting makes anew only what hangs on it. ``--budget glance`` takes half an hour
of one core and proves nothing of ChineseBERT, which 320 steps leave above a unigram's loss; ``small`` takes one and a
half hours, ``full`` a night.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
import yaml

from benchmarks.evidence_tables import render
from benchmarks.evidence_texts import write_texts
from hanmill.pipelines.commands.main import main as main_command
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.typed_mapping import overlay

_HERE = Path(__file__).resolve().parent
#: Files whose bytes decide what the texts are.
_TEXT_CODE = ("evidence_texts.py", "segmenter_sources.py", "evidence.yaml")


@dataclass(frozen=True)
class Budget:
    """``steps`` of pretraining in all, a part of them in the stage of clusters; ``seeds`` of each run; ``shares`` of
    the training sets and ``epochs`` of fine-tuning.
    """

    name: str
    steps: int
    seeds: int
    shares: tuple[float, ...]
    epochs: int
    reading: bool


BUDGETS = {
    budget.name: budget
    for budget in (
        Budget("test", 6, 2, (0.02,), 1, False),
        Budget("glance", 400, 3, (0.25,), 3, False),
        Budget("small", 2000, 3, (0.25,), 3, False),
        Budget("full", 4000, 5, (0.1, 0.3, 1.0), 8, True),
    )
}


@dataclass(frozen=True)
class Variant:
    """A way to pretrain: ``config`` over the built-in ``tiny``; ``clusters`` False for clusters of one."""

    name: str
    model: str
    config: dict[str, Any] = field(default_factory=dict)
    clusters: bool = True
    pretrained: bool = True


@dataclass(frozen=True)
class TaskRun:
    """A fine-tuning of every variant: names of ``evidence_tasks.tsv``; ``scored`` are (file, measure) of the tables."""

    name: str
    task: str
    train: str
    dev: str
    tests: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    measure: str = "f1"


@dataclass(frozen=True)
class Comparison:
    """``control`` names the variant that the others are compared with."""

    name: str
    title: str
    paper: str
    control: str
    variants: tuple[Variant, ...]
    tasks: tuple[TaskRun, ...]


def unihanlm(budget: Budget) -> Comparison:
    """Two stages against clusters of one, characters alone, clusters alone and no pretraining."""
    first = budget.steps * 5 // 8
    later = budget.steps - first

    def stages(*parts: tuple[str, int]) -> dict[str, Any]:
        shared = {"learning_rate": 0.002, "decay_norms_and_biases": True, "clip": 5.0}
        kinds = {"cluster": "inverse_sqrt", "character": "linear"}
        return {
            "stages": [
                {"name": name, "steps": steps, "warmup": max(1, steps // 12), "schedule": kinds[name], **shared}
                for name, steps in parts
            ]
        }

    two = stages(("cluster", first), ("character", later))
    words = ("--max-length", "128")
    entities = ("--units", "characters", "--entity-types", "three", *words)
    return Comparison(
        "unihanlm", "UnihanLM: characters learnt by way of their clusters",
        "Xu et al. 2020, tables 5 and 6: two stages lift zero-shot segmentation over one of characters",
        "clusters of one",
        (
            Variant("cluster → character", "unihanlm", two),
            Variant("clusters of one", "unihanlm", two, clusters=False),
            Variant("characters only", "unihanlm", stages(("character", budget.steps))),
            Variant("clusters only", "unihanlm", stages(("cluster", budget.steps))),
            Variant("not pretrained", "unihanlm", two, pretrained=False),
        ),
        (
            TaskRun("words zh→ja", "segmentation", "zh-words-train", "zh-words-dev", ("ja-words-dev",), words),
            *(
                (TaskRun("words ja→zh", "segmentation", "ja-words-train", "ja-words-dev", ("zh-words-dev",), words),)
                if budget.name != "glance"
                else ()
            ),
            TaskRun("entities zh→ja", "entities", "zh-entities-train", "zh-entities-dev",
                    ("zh-hant-entities-dev", "ja-entities"), entities),
        ),
    )  # fmt: skip


def chinesebert(budget: Budget) -> Comparison:
    """With and without glyphs and pinyin, words against characters masked."""
    steps = budget.steps * 4 // 5
    stage = {
        "name": "pretraining",
        "steps": steps,
        "learning_rate": 0.002,
        "warmup": max(1, steps // 20),
        "schedule": "linear",
    }
    whole = {"stages": [stage], "data": {"languages": ["zh"]}, "masking": {"whole_word": 0.9}}
    words = ("--max-length", "128")
    entities = ("--units", "characters", *words)
    tasks = [
        TaskRun("words", "segmentation", "zh-words-train", "zh-words-dev", (), words),
        TaskRun("entities", "entities", "zh-entities-train", "zh-entities-dev", ("zh-hant-entities-dev",), entities),
    ]
    if budget.reading:
        tasks.append(TaskRun("reading", "reading", "zh-hant-questions", "zh-questions", (), ("--max-length", "256")))
    without = {"glyphs": ["character", "pinyin"], "pinyin": ["character", "glyph"]}
    further: tuple[Variant, ...] = ()
    if budget.name == "full":
        without["both"] = ["character"]
        further = (Variant("not pretrained", "chinesebert", whole, pretrained=False),)
    return Comparison(
        "chinesebert", "ChineseBERT: characters with their pictures and readings",
        "Sun et al. 2021, section 5: without glyph or pinyin accuracy falls, most with little training data",
        "glyphs and pinyin",
        (
            Variant("glyphs and pinyin", "chinesebert", whole),
            *(Variant(f"without {name}", "chinesebert", whole | {"features": kept}) for name, kept in without.items()),
            Variant("characters masked, not words", "chinesebert", whole | {"masking": {"whole_word": 0.0}}),
            *further,
        ),
        tuple(tasks),
    )  # fmt: skip


COMPARISONS: tuple[Callable[[Budget], Comparison], ...] = (unihanlm, chinesebert)


class Bench:
    """Makes and keeps everything in ``work``."""

    def __init__(self, work: Path, data: Path, budget: Budget) -> None:
        self.work, self.data, self.budget = work, data, budget
        rows = csv.reader(
            (line for line in (_HERE / "evidence_tasks.tsv").read_text("utf-8").splitlines() if line[:1] != "#"),
            delimiter="\t",
        )
        self.files = {name: data / path for name, path in rows}

    def corpus(self, clusters: bool) -> Path:
        """The corpus, with clusters of variants or with each character its own."""
        digest = _hash({name: file_sha256(_HERE / name) for name in _TEXT_CODE})
        texts = self.work / "texts" / digest
        if not (texts / "counts.json").is_file():
            counts = write_texts(texts, self.work / "packages")
            (texts / "counts.json").write_text(json.dumps(counts), encoding="utf-8")
        folder = self.work / "corpora" / f"{digest}-{'clusters' if clusters else 'single'}"
        if not (folder / "manifest.json").is_file():
            command = [
                "build",
                str(_HERE / "evidence.yaml"),
                "--input",
                f"tables={texts}/*.jsonl",
                "--output",
                str(folder),
            ]
            _hanmill([*command, *([] if clusters else ["--set", "unihan.max_cluster_size=1"])])
        return folder

    def pretrained(self, variant: Variant, seed: int) -> Path:
        """The run of a variant; of one that is not pretrained, a run of a single step at no rate."""
        corpus = self.corpus(variant.clusters)
        config = overlay(
            {"extends": "tiny", "loop": {"seed": seed, "checkpoint_every": 10**6, "evaluate_every": self.budget.steps}},
            variant.config,
        )
        if not variant.pretrained:
            config["stages"] = [
                {**config["stages"][-1], "steps": 1, "warmup": 0, "learning_rate": 0.0, "schedule": "constant"}
            ]
        digest = _hash([variant.model, config, file_sha256(corpus / "manifest.json")])
        run = self.work / "models" / digest
        if not (run / "done").is_file():
            run.mkdir(parents=True, exist_ok=True)
            path = run / "asked.yaml"
            path.write_text(yaml.safe_dump(config), encoding="utf-8")
            _hanmill(["train", variant.model, "--corpus", str(corpus), "--config", str(path), "--output", str(run)])
            (run / "done").touch()
        return run

    def tuned(self, model: Path, task: TaskRun, share: float, seed: int) -> dict[str, Any]:
        """Scores of a fine-tuning."""
        files = [self.files[name] for name in (task.train, task.dev, *task.tests)]
        settings = [model.name, asdict(task), share, seed, self.budget.epochs, [file_sha256(path) for path in files]]
        run = self.work / "tuned" / _hash(settings)
        if not (run / "scores.json").is_file():
            command = ["finetune", task.task, "--model", str(model), "--train", str(files[0]), "--dev", str(files[1])]
            for name, path in zip(task.tests, files[2:], strict=True):
                command += ["--test", f"{name}={path}"]
            command += ["--output", str(run), "--preset", "small", "--epochs", str(self.budget.epochs)]
            _hanmill([*command, "--seed", str(seed), "--train-share", str(share), *task.options])
        found: dict[str, Any] = json.loads((run / "scores.json").read_text(encoding="utf-8"))
        return dict(found["seeds"][0]["scores"])

    def measure(self, comparison: Comparison) -> list[dict[str, Any]]:
        """A row a variant, task, share and seed."""
        self.corpus(True), self.corpus(False)
        jobs = [(variant, seed) for seed in range(1, self.budget.seeds + 1) for variant in comparison.variants]
        return [row for variant, seed in jobs for row in self._rows(comparison, variant, seed)]

    def _rows(self, comparison: Comparison, variant: Variant, seed: int) -> list[dict[str, Any]]:
        model = self.pretrained(variant, seed)
        rows = []
        for task in comparison.tasks:
            for share in self.budget.shares:
                for name, scores in self.tuned(model, task, share, seed).items():
                    shown = task.dev if name == "dev" else name
                    rows.append(
                        {"variant": variant.name, "seed": seed, "task": task.name, "share": share, "file": shown,
                         "measure": task.measure, "value": scores[task.measure]}
                    )  # fmt: skip
        return rows

    def about(self) -> dict[str, Any]:
        """What the numbers were made with."""
        corpora = {kind: self.corpus(kind == "clusters") for kind in ("clusters", "single")}
        counts = json.loads((next((self.work / "texts").glob("*")) / "counts.json").read_text(encoding="utf-8"))
        commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=_HERE, capture_output=True, text=True, check=False)
        return {
            "commit": commit.stdout.strip() or None,
            "recipe": yaml.safe_load((_HERE / "evidence.yaml").read_text(encoding="utf-8")),
            "corpus_manifest_sha256": {kind: file_sha256(path / "manifest.json") for kind, path in corpora.items()},
            "characters": counts,
            "hardware": f"{os.cpu_count()} cores, {platform.machine()}, torch {torch.__version__}, one thread a run",
            "budget": asdict(self.budget),
            "files": {name: file_sha256(path) for name, path in self.files.items() if path.is_file()},
        }


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line, makes what is missing, and writes JSON and tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--work", "--data", "--output"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--budget", choices=list(BUDGETS), default="small")
    parser.add_argument("--only", action="append", choices=[make.__name__ for make in COMPARISONS])
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    budget = BUDGETS[options.budget]
    bench = Bench(options.work.resolve(), options.data.resolve(), budget)
    options.output.mkdir(parents=True, exist_ok=True)
    for make in COMPARISONS:
        if options.only and make.__name__ not in options.only:
            continue
        comparison = make(budget)
        rows = bench.measure(comparison)
        about = bench.about()
        result = {
            "name": comparison.name, "title": comparison.title, "paper": comparison.paper,
            "control": comparison.control, "about": about, "rows": rows,
        }  # fmt: skip
        path = options.output / f"{comparison.name}.json"
        path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    render(options.output)


def _hanmill(arguments: Sequence[str]) -> None:
    """A command in this process: PyTorch is loaded once. Raises SystemExit as the command does."""
    print("hanmill", *arguments, file=sys.stderr, flush=True)
    main_command.main(args=list(arguments), standalone_mode=False)


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()[:16]


if __name__ == "__main__":
    main()
