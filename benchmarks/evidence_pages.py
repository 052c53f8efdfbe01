"""The corpus itself: one small model on the same pages with and without what this project does to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from benchmarks.evidence_encoders import Encoders, chinesebert
from benchmarks.evidence_plan import Budget, Comparison, Value, Variant
from benchmarks.evidence_work import Work, digest_of, hanmill
from hanmill.schemas.hashing import file_sha256

_CLEAN = "web"
_CORPORA = {
    "all of it": _CLEAN,
    "nothing filtered": "web-unfiltered",
    "repetitions kept": "web-repeated",
    "readings by dictionary": "web-pypinyin",
    "nothing of it": "web-untouched",
}


class Pages(Encoders):
    """ChineseBERT on as many characters of each corpus, its masked loss on the clean corpus, and two tasks."""

    def _one(self, work: Work, variant: Variant, seed: int) -> Iterator[Value]:
        for value in super()._one(work, variant, seed):
            if value.task != "pretraining":
                yield value
        if found := work.losses(self._on_clean_text(work, variant, seed)):
            for measure, value in zip(("loss", "unigram"), found, strict=True):
                yield Value(variant.name, seed, "pretraining", 1.0, "clean validation", measure, value)

    def _on_clean_text(self, work: Work, variant: Variant, seed: int) -> Path:
        """A run that begins with the variant's weights, on the clean corpus, and learns nothing."""
        model, clean = work.pretrained(variant, seed), work.corpus(_CLEAN)
        stage = {"name": "pretraining", "steps": 1, "warmup": 0, "learning_rate": 0.0, "schedule": "constant"}
        config = {"extends": "tiny", **variant.config, "stages": [stage], "loop": {"evaluate_every": 1}}

        def make(run: Path) -> None:
            path = run / "asked.yaml"
            path.write_text(yaml.safe_dump(config), encoding="utf-8")
            begin = ["--config", str(path), "--from", str(model), "--output", str(run)]
            hanmill(["train", variant.model, "--corpus", str(clean), *begin])
            (run / "done").touch()

        made_from = ["clean loss", model.name, config, file_sha256(clean / "manifest.json")]
        return work.kept("models", digest_of(made_from), "done", make)


def pages(budget: Budget) -> Pages:
    """The corpus and its parts taken away, with the model and the tasks of the comparison of ChineseBERT."""
    model = chinesebert(budget)
    whole = model.variants[0]
    about = Comparison(
        "corpus", "The corpus: what its making does for a model", "no paper: what a user gains", "all of it"
    )
    variants = tuple(Variant(name, whole.model, whole.config, corpus) for name, corpus in _CORPORA.items())
    return Pages(about, variants, model.tasks[:2])
