"""MLMA and the Mixed Orthographic Model: taggers over words, taken from one language to another."""

from __future__ import annotations

import lzma
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from benchmarks.evidence_encoders import losses
from benchmarks.evidence_plan import Comparison, Job, Value
from benchmarks.evidence_work import Work, digest_of, hanmill
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.typed_mapping import overlay
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
    "uner": {"word": 1, "tag": 2, "comment": "#"},
    "universal": {"word": 1, "tag": 3, "comment": "#"},
}


@dataclass(frozen=True)
class Transfer:
    """A tagger learnt on one language of a corpus and scored on others.

    ``dev`` chooses the epoch: sentences of its own file, or those of ``train`` behind the ones learnt from. ``tests``
    are files by language. ``columns`` say how all of them are read, ``score`` what is told of them.
    """

    task: str
    corpus: str
    language: str
    train: str
    dev: str
    tests: dict[str, str]
    columns: str
    score: str = "f1"


#: English to its relatives, to Chinese, and Chinese parts of speech to Japanese.
_TRANSFERS = (
    Transfer("entities", "words", "en", "en-entities-train", "en-entities-dev",
             {"de": "de-entities-dev", "nl": "nl-entities-dev"}, "wikiann"),
    Transfer("entities en→zh", "words-asia", "en", "en-uner", "en-uner", {"zh": "zh-entities-dev"}, "uner"),
    Transfer("parts of speech zh→ja", "words-asia", "zh", "zh-words-train", "zh-words-dev", {"ja": "ja-pos-dev"},
             "universal", "accuracy"),
)  # fmt: skip
_LANGUAGES = {"words": ("en", "de", "nl"), "words-asia": ("en", "zh", "ja")}


class AlignedLanguages:
    """MLMA with each alignment; taggers learnt on one language over it, scored on others."""

    about = Comparison(
        "mlma", "MLMA: languages drawn together without a dictionary", "Bao et al. 2019", "no alignment",
        "A tagger learns on one language over the layers of the language model and is scored on others: what it knows "
        "of their words comes by way of the alignment. s.w.s. and f.w.s. are the paper's self- and fully-weighted "
        "sums of layers.",
        ("words", "mlma", "seeds", "epochs", "sentences"),
    )  # fmt: skip

    def corpora(self) -> list[str]:
        """Names of the corpora that are read."""
        return list(_LANGUAGES)

    def jobs(self, work: Work) -> Iterator[Job]:
        """F1 of entities and accuracy of parts of speech for each alignment and sum of layers, and the models' loss."""
        for seed in range(1, work.budget.seeds + 1):
            for name, method in _ALIGNMENTS.items():
                yield Job(name, seed, "pretraining", 1.0, partial(self._losses, work, name, method, seed))
                for transfer in _TRANSFERS:
                    for layers, summed in _SUMS.items():
                        task = f"{transfer.task} ({layers})"
                        measure = partial(self._scores, work, name, method, seed, task, transfer, summed)
                        yield Job(name, seed, task, 1.0, measure)

    def _losses(self, work: Work, name: str, method: str, seed: int) -> list[Value]:
        return losses(work, name, seed, self._model(work, method, seed, "words"), "validation")

    def _scores(
        self, work: Work, name: str, method: str, seed: int, task: str, transfer: Transfer, layers: str
    ) -> list[Value]:
        model = self._model(work, method, seed, transfer.corpus)
        found = self._tagger(work, model, transfer, layers, seed)
        files = {transfer.language: transfer.dev, **transfer.tests}
        return [
            Value(name, seed, task, 1.0, files[language], transfer.score, value) for language, value in found.items()
        ]

    def _model(self, work: Work, method: str, seed: int, name: str) -> Path:
        corpus, budget = work.corpus(name), work.budget
        steps = budget.words
        changed = dict(budget.mlma)
        stage = {
            "name": "pretraining", "steps": steps, "learning_rate": 0.002, "warmup": max(1, steps // 20),
            "schedule": "constant", "beta2": 0.997, "eps": 1.0e-9, "weight_decay": 0.0, "clip": 5.0,
            **changed.pop("stage", {}),
        }  # fmt: skip
        config = {
            "extends": "tiny",
            "encoder": {"layers": 2, "hidden": 64, "heads": 4, "feed_forward": 128, "positions": 256, "dropout": 0.0},
            "data": {"languages": list(_LANGUAGES[name])},
            "vocabulary_size": 20000,
            "alignment": {"method": method},
            "stages": [stage],
            "loop": {"seed": seed, "checkpoint_every": 10**6, "evaluate_every": steps},
        }  # fmt: skip
        config = overlay(config, changed)

        def make(run: Path) -> None:
            asked = _asked(run, config)
            hanmill(["train", "mlma", "--corpus", str(corpus), "--config", asked, "--output", str(run)])
            (run / "done").touch()

        made_from = ["mlma", config, file_sha256(corpus / "manifest.json")]
        return work.kept("models", digest_of(made_from), "done", make)

    def _tagger(self, work: Work, model: Path, transfer: Transfer, layers: str, seed: int) -> dict[str, float]:
        """The score by language."""
        begin = 0 if transfer.dev != transfer.train else _DEV
        train = sentences(work, transfer.train, begin, work.budget.sentences)
        dev = sentences(work, transfer.dev, 0, _DEV)
        tests = {language: sentences(work, name, 0, 2000) for language, name in transfer.tests.items()}
        fit = {"epochs": 2 * work.budget.epochs, "patience": 3, "seed": seed}
        if transfer.score != "f1":
            fit["metric"] = transfer.score
        config = {
            "extends": "tiny", "layer_sum": layers, "characters": False, "columns": _COLUMNS[transfer.columns],
            "fit": fit,
        }  # fmt: skip

        def make(run: Path) -> None:
            command = ["train", "tagger", "--mlma", str(model), "--language", transfer.language]
            command += ["--config", _asked(run, config)]
            for language, path in tests.items():
                command += ["--test", f"{language}={path}"]
            hanmill([*command, "--train", str(train), "--dev", str(dev), "--output", str(run)])
            (run / "done").touch()

        made_from = ["tagger", model.name, config, *(path.parent.name for path in (train, dev, *tests.values()))]
        return _scores(work.kept("taggers", digest_of(made_from), "done", make), "language", transfer.score)


class Orthographies:
    """The Mixed Orthographic Model: layers of an English tagger given to a Japanese one."""

    about = Comparison(
        "mom", "MOM: layers of an English tagger given to a Japanese one", "Johnson et al. 2019", "nothing copied",
        settings=("seeds", "epochs", "sentences"),
    )  # fmt: skip

    def corpora(self) -> list[str]:
        """Names of the corpora that are read: none."""
        return []

    def jobs(self, work: Work) -> Iterator[Job]:
        """F1 of entities: all groups at one share, the paper's best group and none at each, romanised and not."""
        for seed in range(1, work.budget.seeds + 1):
            for share in _JAPANESE_SHARES:
                every = _GROUPS if share == _ALL_GROUPS_AT else (_BEST,)
                for romanised in (True, False):
                    for groups in ("", *(every if romanised else (_BEST,))):
                        name = (groups.replace(",", " + ") or "nothing copied") + ("" if romanised else _OWN)
                        measure = partial(self._scores, work, name, seed, share, romanised, groups)
                        yield Job(name, seed, "entities", share, measure)

    def _scores(self, work: Work, name: str, seed: int, share: float, romanised: bool, groups: str) -> list[Value]:
        source = self._run(work, "en", seed, 1.0, True, "", None)
        run = self._run(work, "ja", seed, share, romanised, groups, source)
        return [Value(name, seed, "entities", share, _TEST, "f1", _scores(run, "file", "f1")["test.tsv"])]

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


def _scores(run: Path, by: str, score: str) -> dict[str, float]:
    """A score of the tests that a tagger's log has, by a field of theirs."""
    return {line[by]: line[score] for line in read_log(run / "log.jsonl") if line["event"] == "test"}
