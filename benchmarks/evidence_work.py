"""The folder that keeps what the evidence is made from, each thing under a hash of what it was made from."""

from __future__ import annotations

import csv
import fcntl
import hashlib
import json
import lzma
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import yaml

from benchmarks.evidence_plan import Budget, NotMade, TaskRun, Variant
from benchmarks.evidence_texts import write_texts
from hanmill.pipelines.commands.main import main as main_command
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.typed_mapping import overlay
from hanmill.trainer.runs.log import read_log

_HERE = Path(__file__).resolve().parent
_CORPORA = "evidence_corpora.tsv"
_MADE_BY = "commit"
#: Files whose bytes decide what the texts are.
_TEXT_CODE = ("evidence_texts.py", "evidence_sources.py", "segmenter_sources.py")


def table(name: str) -> Iterator[list[str]]:
    """Rows of a table beside this file."""
    lines = (_HERE / name).read_text(encoding="utf-8").splitlines()
    return csv.reader((line for line in lines if line[:1] != "#"), delimiter="\t")


def digest_of(value: Any) -> str:
    """A short hash of a value that JSON can say."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()[:16]


def hanmill(arguments: Sequence[str]) -> None:
    """A command in this process: PyTorch is loaded once. Raises SystemExit as the command does."""
    print("hanmill", *arguments, file=sys.stderr, flush=True)
    main_command.main(args=list(arguments), standalone_mode=False)


class Work:
    """Makes and keeps everything in ``folder``. Labelled files lie under ``data``.

    Several processes may work in one folder: what one is making the others wait for. With ``making`` false nothing is
    made: what is missing raises ``NotMade``.
    """

    def __init__(self, folder: Path, data: Path, budget: Budget) -> None:
        self.folder, self.data, self.budget = folder, data, budget
        self.making = True
        #: Commits of the programs that made what was asked for; empty where it is not known.
        self.commits: set[str] = set()
        rows = list(table("evidence_tasks.tsv"))
        self.files = {row[0]: data / row[1] for row in rows}
        self._lines = {row[0]: row[2] for row in rows if len(row) > 2}
        self.corpora = {name: (texts, recipe, options.split()) for name, texts, recipe, options in table(_CORPORA)}

    def texts(self) -> Path:
        """The packages' texts, a file a language, and ``counts.json``."""
        digest = digest_of({name: file_sha256(_HERE / name) for name in _TEXT_CODE})

        def make(folder: Path) -> None:
            counts = write_texts(folder, self.folder / "packages")
            (folder / "counts.json").write_text(json.dumps(counts), encoding="utf-8")

        return self.kept("texts", digest, "counts.json", make)

    def quarter(self) -> Path:
        """Every fourth document of the texts."""
        texts = self.texts()

        def make(folder: Path) -> None:
            for path in sorted(texts.glob("*.jsonl")):
                with path.open(encoding="utf-8") as lines, (folder / path.name).open("w", encoding="utf-8") as part:
                    part.writelines(islice(lines, 0, None, 4))
            (folder / "done").touch()

        return self.kept("texts", digest_of(["quarter", texts.name]), "done", make)

    def characters(self) -> dict[str, int]:
        """Characters of each language's texts."""
        counts = json.loads((self.texts() / "counts.json").read_text(encoding="utf-8"))
        return {language: sum(sources.values()) for language, sources in counts.items()}

    def corpus(self, name: str) -> Path:
        """A corpus of ``evidence_corpora.tsv``."""
        places, recipe, options = self.corpora[name]
        quarter = self.quarter() if "{quarter}" in places else None
        inputs = [place.format(texts=self.texts(), quarter=quarter, data=self.data) for place in places.split()]
        made_from = [_TEXT_CODE, self.texts().name, file_sha256(_HERE / recipe), places, options]

        def make(folder: Path) -> None:
            given = [part for place in inputs for part in ("--input", place)]
            hanmill(["build", str(_HERE / recipe), *given, "--output", str(folder), *options])

        return self.kept("corpora", digest_of(made_from), "manifest.json", make)

    def pretrained(self, variant: Variant, seed: int) -> Path:
        """The run of a variant; of one that is not pretrained, a run of a single step at no rate."""
        corpus = self.corpus(variant.corpus)
        loop = {"seed": seed, "checkpoint_every": 10**6, "evaluate_every": self.budget.steps}
        config = overlay({"extends": "tiny", "loop": loop}, variant.config)
        if not variant.pretrained:
            still = {"steps": 1, "warmup": 0, "learning_rate": 0.0, "schedule": "constant"}
            config["stages"] = [{**config["stages"][-1], **still}]
        start = self.pretrained(variant.start, seed) if variant.start else None

        def make(run: Path) -> None:
            path = run / "asked.yaml"
            path.write_text(yaml.safe_dump(config), encoding="utf-8")
            begin = ["--from", str(start)] if start else []
            given = ["--corpus", str(corpus), "--config", str(path), *begin, "--output", str(run)]
            hanmill(["train", variant.model, *given])
            (run / "done").touch()

        made_from = [variant.model, config, file_sha256(corpus / "manifest.json"), *([start.name] if start else [])]
        return self.kept("models", digest_of(made_from), "done", make)

    def file(self, name: str) -> Path:
        """A labelled file, or the lines of one that ``evidence_tasks.tsv`` names as FIRST:LAST."""
        whole = self.files[name]
        if name not in self._lines:
            return whole
        first, last = map(int, self._lines[name].split(":"))

        def make(folder: Path) -> None:
            with lzma.open(whole, "rt", encoding="utf-8") as lines:
                (folder / f"{name}.json").write_text("".join(islice(lines, first, last)), encoding="utf-8")

        digest = digest_of(["lines", name, first, last, file_sha256(whole)])
        return self.kept("sentences", digest, f"{name}.json", make) / f"{name}.json"

    def losses(self, run: Path) -> tuple[float, float] | None:
        """Nats a target of a pretrained run at its end, and what a unigram pays."""
        found = [line for line in read_log(run / "log.jsonl") if line["event"] == "validation"]
        return (found[-1]["loss"], found[-1]["unigram"]) if found else None

    def tuned(self, model: Path, task: TaskRun, share: float, seed: int) -> dict[str, Any]:
        """Scores of a fine-tuning, a file at a time."""
        files = [self.file(name) for name in (task.train, task.dev, *task.tests)]
        how = ["--preset", "small", "--rate", "0.001", "--epochs", str(self.budget.epochs), *task.options]
        asked = {name: value for name, value in asdict(task).items() if name != "shares"}
        settings = [model.name, asked, share, seed, how, [file_sha256(path) for path in files]]

        def make(run: Path) -> None:
            command = ["finetune", task.task, "--model", str(model), "--train", str(files[0]), "--dev", str(files[1])]
            for name, path in zip(task.tests, files[2:], strict=True):
                command += ["--test", f"{name}={path}"]
            command += ["--output", str(run), "--seed", str(seed), "--train-share", str(share)]
            hanmill([*command, *how])

        run = self.kept("tuned", digest_of(settings), "scores.json", make)
        found: dict[str, Any] = json.loads((run / "scores.json").read_text(encoding="utf-8"))
        return dict(found["seeds"][0]["scores"])

    def kept(self, kind: str, digest: str, sign: str, make: Callable[[Path], None]) -> Path:
        """The folder ``kind/digest``, made where its file ``sign`` is missing, with the commit of what made it.

        Raises NotMade where it is missing and nothing is to be made.
        """
        folder = self.folder / kind / digest
        if not (folder / sign).is_file():
            if not self.making:
                raise NotMade(f"{folder}: found no {sign}, expected it to be made")
            folder.parent.mkdir(parents=True, exist_ok=True)
            with _alone(folder.with_suffix(".lock")):
                if not (folder / sign).is_file():
                    folder.mkdir(exist_ok=True)
                    make(folder)
                    (folder / _MADE_BY).write_text(commit(), encoding="utf-8")
        made_by = folder / _MADE_BY
        self.commits.add(made_by.read_text(encoding="utf-8") if made_by.is_file() else "")
        return folder


@cache
def commit() -> str:
    """The commit of this program, or nothing where git knows none."""
    found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=_HERE, capture_output=True, text=True, check=False)
    return found.stdout.strip()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Waits until no other process makes the same."""
    with path.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
