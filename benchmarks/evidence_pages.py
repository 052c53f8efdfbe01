"""The corpus itself: one small model on the same pages with and without what this project does to them."""

from __future__ import annotations

from pathlib import Path

import yaml

from benchmarks.evidence_encoders import SETTINGS, Encoders, chinesebert, from_nothing, losses
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

    def _losses(self, work: Work, variant: Variant, seed: int) -> list[Value]:
        return losses(work, variant.name, seed, self._on_clean_text(work, variant, seed), "clean validation")

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
    about = Comparison(
        "corpus", "The corpus: what its making does for a model", "nobody's: it says what a user gains", "all of it",
        settings=SETTINGS,
    )  # fmt: skip
    config = from_nothing(budget)
    variants = tuple(Variant(name, "chinesebert", config, corpus) for name, corpus in _CORPORA.items())
    return Pages(about, variants, chinesebert(budget).tasks[:2])
