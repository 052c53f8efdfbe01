"""MLMA and the Mixed Orthographic Model: taggers over words, taken from one language to another."""

from __future__ import annotations

import lzma
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import yaml

from benchmarks.evidence_plan import Comparison, Value
from benchmarks.evidence_work import Work, digest_of, hanmill
from hanmill.schemas.hashing import file_sha256
from hanmill.trainer.runs.log import read_log

_ALIGNMENTS = {
    "no alignment": "none",
    "identical strings": "identical",
    "mean and variance": "mean_variance",
    "average linkage": "average_linkage",
    "all three": "all",
}
_SUMS = {"s.w.s.": "self", "f.w.s.": "fully"}
#: Layer groups of Johnson et al. 2019, table 4.
_GROUPS = ("char", "word", "dense", "char,word", "word,dense", "char,dense", "char,word,dense")
_BEST = "char,dense"
#: Of a variant that reads words as they are spelt in the file.
_OWN = ", not romanised"
_TEST = "ja-wikipedia-dev"
#: The share of the Japanese sentences at which all groups are tried.
_ALL_GROUPS_AT = 0.3
_JAPANESE_SHARES = (0.1, 0.3, 1.0)
#: Sentences that choose the epoch.
_DEV = 800
_COLUMNS: dict[str, dict[str, Any]] = {
    "wikiann": {"prefix": "{language}:"},
    "ja": {"word": 0, "tag": -1, "comment": "#", "tag_set": "irex"},
}


class AlignedLanguages:
    """MLMA with each alignment; a tagger learnt on English over it, scored on German and Dutch."""

    about = Comparison("mlma", "MLMA: languages drawn together without a dictionary", "Bao et al. 2019", "no alignment")

    def corpora(self) -> list[str]:
        """Names of the corpora that are read."""
        return ["words"]

    def measure(self, work: Work, seeds: range) -> Iterator[Value]:
        """F1 of entities for each alignment and sum of layers, and what the language models pay."""
        for seed in seeds:
            for name, method in _ALIGNMENTS.items():
                model = self._model(work, method, seed)
                if found := work.losses(model):
                    for measure, value in zip(("loss", "unigram"), found, strict=True):
                        yield Value(name, seed, "pretraining", 1.0, "validation", measure, value)
                for task, layers in _SUMS.items():
                    for language, f1 in self._tagger(work, model, layers, seed).items():
                        yield Value(name, seed, task, 1.0, f"{language}-entities-dev", "f1", f1)

    def _model(self, work: Work, method: str, seed: int) -> Path:
        corpus, steps = work.corpus("words"), work.budget.words
        config = {
            "extends": "tiny",
            "encoder": {"layers": 2, "hidden": 64, "heads": 4, "feed_forward": 128, "positions": 256, "dropout": 0.0},
            "data": {"languages": ["en", "de", "nl"]},
            "vocabulary_size": 20000,
            "alignment": {"method": method},
            "stages": [
                {"name": "pretraining", "steps": steps, "learning_rate": 0.002, "warmup": max(1, steps // 20),
                 "schedule": "constant", "beta2": 0.997, "eps": 1.0e-9, "weight_decay": 0.0, "clip": 5.0}
            ],
            "loop": {"seed": seed, "checkpoint_every": 10**6, "evaluate_every": steps},
        }  # fmt: skip

        def make(run: Path) -> None:
            asked = _asked(run, config)
            hanmill(["train", "mlma", "--corpus", str(corpus), "--config", asked, "--output", str(run)])
            (run / "done").touch()

        made_from = ["mlma", config, file_sha256(corpus / "manifest.json")]
        return work.kept("models", digest_of(made_from), "done", make)

    def _tagger(self, work: Work, model: Path, layers: str, seed: int) -> dict[str, float]:
        """F1 by language."""
        train = sentences(work, "en-entities-train", 0, work.budget.sentences)
        dev = sentences(work, "en-entities-dev", 0, _DEV)
        tests = {language: sentences(work, f"{language}-entities-dev", 0, 2000) for language in ("de", "nl")}
        config = {
            "extends": "tiny", "layer_sum": layers, "characters": False, "columns": _COLUMNS["wikiann"],
            "fit": {"epochs": 2 * work.budget.epochs, "patience": 3, "seed": seed},
        }  # fmt: skip

        def make(run: Path) -> None:
            command = ["train", "tagger", "--mlma", str(model), "--language", "en", "--config", _asked(run, config)]
            for language, path in tests.items():
                command += ["--test", f"{language}={path}"]
            hanmill([*command, "--train", str(train), "--dev", str(dev), "--output", str(run)])
            (run / "done").touch()

        made_from = ["tagger", model.name, config, *(path.parent.name for path in (train, dev, *tests.values()))]
        return _f1(work.kept("taggers", digest_of(made_from), "done", make), "language")


class Orthographies:
    """The Mixed Orthographic Model: layers of an English tagger given to a Japanese one."""

    about = Comparison(
        "mom", "MOM: layers of an English tagger given to a Japanese one", "Johnson et al. 2019", "nothing copied"
    )

    def corpora(self) -> list[str]:
        """Names of the corpora that are read: none."""
        return []

    def measure(self, work: Work, seeds: range) -> Iterator[Value]:
        """F1 of entities: all groups at one share, the paper's best group and none at each, romanised and not."""
        for seed in seeds:
            source = self._run(work, "en", seed, 1.0, True, "", None)
            for share in _JAPANESE_SHARES:
                every = _GROUPS if share == _ALL_GROUPS_AT else (_BEST,)
                for romanised in (True, False):
                    for groups in ("", *(every if romanised else (_BEST,))):
                        run = self._run(work, "ja", seed, share, romanised, groups, source)
                        name = (groups.replace(",", " + ") or "nothing copied") + ("" if romanised else _OWN)
                        yield Value(name, seed, "entities", share, _TEST, "f1", _f1(run, "file")["test.tsv"])

    def _run(
        self, work: Work, language: str, seed: int, share: float, romanised: bool, groups: str, source: Path | None
    ) -> Path:
        most = work.budget.sentences
        japanese = language == "ja"
        name = "ja-wikipedia-train" if japanese else "en-entities-train"
        train = sentences(work, name, _DEV if japanese else 0, max(8, round(most * share)))
        dev = sentences(work, name if japanese else "en-entities-dev", 0, _DEV)
        test = sentences(work, _TEST, 0, 10**6, "test.tsv") if japanese else None
        config = {
            "extends": "tiny", "columns": _COLUMNS["ja" if japanese else "wikiann"],
            "fit": {"epochs": 2 * work.budget.epochs, "patience": 3, "learning_rate": 0.003, "seed": seed},
        }  # fmt: skip

        def make(run: Path) -> None:
            command = ["train", "mom", "--language", language, "--config", _asked(run, config)]
            command += ["--train", str(train), "--dev", str(dev), "--output", str(run)]
            if test is not None:
                command += ["--test", str(test)]
                if romanised:
                    for path in (train, dev, test):
                        command += ["--roman", f"{path}={romaji(path)}"]
            if groups:
                command += ["--transfer", str(source), "--groups", groups]
            hanmill(command)
            (run / "done").touch()

        made_from = ["mom", language, config, romanised, groups, source.name if source and groups else "",
                     train.parent.name, dev.parent.name]  # fmt: skip
        return work.kept("taggers", digest_of(made_from), "done", make)


def sentences(work: Work, name: str, start: int, number: int, file: str = "part.tsv") -> Path:
    """Some sentences of a column file, without those that have words of spaces or tags that may be left out."""
    whole = work.files[name]
    made_from = ["plain@1", name, start, number, file, file_sha256(whole)]

    def make(folder: Path) -> None:
        with lzma.open(whole, "rt", encoding="utf-8") as text:
            blocks = [block for block in text.read().strip().split("\n\n") if _is_plain(block)]
        (folder / file).write_text("\n\n".join(blocks[start : start + number]) + "\n\n", encoding="utf-8")
        (folder / "done").touch()

    return work.kept("sentences", digest_of(made_from), "done", make) / file


def romaji(path: Path) -> Path:
    """What ``hanmill annotate`` says of a file's sentences, beside it."""
    found = path.with_suffix(".jsonl")
    if not found.is_file():
        lines = ["".join(words) for words in _words(path)]
        text = path.with_suffix(".txt")
        text.write_text("\n".join(lines) + "\n", encoding="utf-8")
        part = path.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file, redirect_stdout(file):
            hanmill(["annotate", str(text), "--lang", "ja", "--recipe", "mom"])
        part.replace(found)
    return found


def _words(path: Path) -> Iterator[Sequence[str]]:
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        yield [line.split("\t")[0] for line in block.split("\n") if not line.startswith("#")]


def _is_plain(block: str) -> bool:
    return "-OPTIONAL" not in block and not any(line[:1].isspace() for line in block.split("\n"))


def _asked(run: Path, config: dict[str, Any]) -> str:
    path = run / "asked.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return str(path)


def _f1(run: Path, by: str) -> dict[str, float]:
    """F1 of the tests that a tagger's log has, by a field of theirs."""
    return {line[by]: line["f1"] for line in read_log(run / "log.jsonl") if line["event"] == "test"}
