"""UnihanLM and ChineseBERT: variants pretrained alike, each fine-tuned on the same tasks with the same seeds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.evidence_plan import Budget, Comparison, Job, TaskRun, Value, Variant
from benchmarks.evidence_rare import rare_losses, rare_places
from benchmarks.evidence_work import Work, digest_of

#: Of UnihanLM's steps, those over clusters: about the paper's share in time.
_FIRST = 5 / 8
_RATE = 0.003
#: At .003 the pictures' projection, of 1,728 inputs, drowns the characters within a hundred steps.
_JOINED_RATE = 0.001
#: Rows whose words are masked whole, of Sun et al. 2021.
_WORDS = 0.9
RARE = "masked characters"
#: Settings of a budget that decide here.
SETTINGS = ("steps", "tokens", "window", "seeds", "shares", "epochs")
_RARE_NOTE = (
    "Masked characters are those of the validation shards (the first 3,000) that the training shards have at most 200 "
    "times, each in the middle of its row, guessed among all characters; their intervals are over seeds, not over "
    "places. A model that gave all characters the same would pay the logarithm of their number (8.8 nats), and these, "
    "sure of common characters after a short training, pay more. Clusters only gives the members of a cluster equal "
    "shares."
)


class Encoders:
    """A comparison of encoders: pretrained once a seed, then tuned on every task and share."""

    def __init__(self, about: Comparison, variants: tuple[Variant, ...], tasks: tuple[TaskRun, ...]) -> None:
        self.about, self.variants, self.tasks = about, variants, tasks

    def jobs(self, work: Work) -> Iterator[Job]:
        """Seed by seed and variant by variant; the task ``pretraining`` has nats a target, and a unigram's."""
        for seed in range(1, work.budget.seeds + 1):
            for variant in self.variants:
                yield from self._of_model(work, variant, seed)

    def corpora(self) -> list[str]:
        """Names of the corpora that are read."""
        return list(dict.fromkeys(variant.corpus for variant in self.variants))

    def _of_model(self, work: Work, variant: Variant, seed: int) -> Iterator[Job]:
        if variant.pretrained:
            yield Job(variant.name, seed, "pretraining", 1.0, partial(self._losses, work, variant, seed))
        for task in self.tasks:
            for share in task.shares or work.budget.shares:
                yield Job(variant.name, seed, task.name, share, partial(_scores, work, variant, seed, task, share))

    def _losses(self, work: Work, variant: Variant, seed: int) -> list[Value]:
        return losses(work, variant.name, seed, work.pretrained(variant, seed), "validation")


class UnihanEncoders(Encoders):
    """With what rare characters cost, of the same places of the same text for all."""

    def _of_model(self, work: Work, variant: Variant, seed: int) -> Iterator[Job]:
        yield from super()._of_model(work, variant, seed)
        if variant.pretrained:
            yield Job(variant.name, seed, RARE, 1.0, partial(self._rare, work, variant, seed))

    def _rare(self, work: Work, variant: Variant, seed: int) -> list[Value]:
        run = work.pretrained(variant, seed)

        def make(folder: Path) -> None:
            found = rare_losses(run, rare_places(work.corpus("clusters"), work.budget.window))
            (folder / "losses.json").write_text(json.dumps(found), encoding="utf-8")

        kept = work.kept("losses", digest_of(["rare@1", run.name, work.budget.window]), "losses.json", make)
        found = json.loads((kept / "losses.json").read_text(encoding="utf-8"))
        return [Value(variant.name, seed, RARE, 1.0, kind, "loss", nats) for kind, nats in found.items()]


def losses(work: Work, variant: str, seed: int, run: Path, file: str) -> list[Value]:
    """Nats a target of a run, and what a unigram pays."""
    found = zip(("loss", "unigram"), work.losses(run) or (), strict=False)
    return [Value(variant, seed, "pretraining", 1.0, file, measure, value) for measure, value in found]


def _scores(work: Work, variant: Variant, seed: int, task: TaskRun, share: float) -> list[Value]:
    found = work.tuned(work.pretrained(variant, seed), task, share, seed)
    return [
        Value(variant.name, seed, task.name, share, task.dev if name == "dev" else name, task.measure,
              scores[task.measure])
        for name, scores in found.items()
    ]  # fmt: skip


def unihanlm(budget: Budget) -> Encoders:
    """Two stages against clusters of one, characters alone, clusters alone and no pretraining."""
    first = round(budget.steps * _FIRST)

    def stages(**steps: int) -> dict[str, Any]:
        shared = {"learning_rate": _RATE, "decay_norms_and_biases": True, "clip": 5.0}
        kinds = {"cluster": "inverse_sqrt", "character": "linear"}
        found = [
            {"name": name, "steps": number, "warmup": max(1, number // 12), "schedule": kinds[name], **shared}
            for name, number in steps.items()
        ]
        return {"stages": found, "data": _rows(budget)}

    two = stages(cluster=first, character=budget.steps - first)
    words = ("--max-length", str(budget.window))
    entities = ("--units", "characters", "--entity-types", "three", *words)
    tasks = [
        TaskRun("words zh→ja", "segmentation", "zh-words-train", "zh-words-dev", ("ja-words-dev",), words),
        TaskRun("words ja→zh", "segmentation", "ja-words-train", "ja-words-dev", ("zh-words-dev",), words),
        TaskRun("entities zh→ja", "entities", "zh-entities-train", "zh-entities-dev",
                ("zh-hant-entities-dev", "ja-entities"), entities),
    ]  # fmt: skip
    pairs = ("--max-length", "64")
    tasks += [
        TaskRun("similarity", "pair", "ja-similar-train", "ja-similar-dev", (), pairs, "spearman"),
        TaskRun("inference", "pair", "ja-inference-train", "ja-inference-dev", (), pairs, "accuracy", (1.0,)),
    ]
    about = Comparison(
        "unihanlm",
        "UnihanLM: characters learnt by way of their clusters",
        "Xu et al. 2020",
        "clusters of one",
        _RARE_NOTE,
        SETTINGS,
    )
    variants = (
        Variant("cluster → character", "unihanlm", two),
        Variant("clusters of one", "unihanlm", two, corpus="single"),
        Variant("characters only", "unihanlm", stages(character=budget.steps)),
        Variant("clusters only", "unihanlm", stages(cluster=budget.steps)),
        Variant("not pretrained", "unihanlm", two, pretrained=False),
    )
    return UnihanEncoders(about, variants, tuple(tasks))


def chinesebert(budget: Budget) -> Encoders:
    """With and without glyphs and pinyin, words against characters masked."""
    whole = from_nothing(budget)
    start, note = None, ""
    if budget.joined:
        stage = {"name": "pretraining", "steps": budget.joined, "warmup": budget.joined // 10, "schedule": "linear",
                 "learning_rate": _JOINED_RATE, "clip": 1.0}  # fmt: skip
        data = {**whole["data"], "validation_rows": 1024}
        whole = {"stages": [stage], "data": data, "masking": {"whole_word": 0.0}}
        start = next(variant for variant in unihanlm(budget).variants if variant.corpus == "single")
        note = (
            f"Each model begins with the weights of a UnihanLM (clusters of one, {budget.steps:,} steps, the same seed)"
            f" and learns for {budget.joined:,} steps with what its variant adds: readings and pictures are judged by "
            "what they add to characters that are known already."
        )
    # Fewer and larger updates cost less together.
    larger = ("--batch", "32") if budget.joined else ()
    words = ("--max-length", str(budget.window), *larger)
    entities = ("--units", "characters", *words)
    tasks = [
        TaskRun("words", "segmentation", "zh-words-train", "zh-words-dev", (), words),
        TaskRun("entities", "entities", "zh-entities-train", "zh-entities-dev", ("zh-hant-entities-dev",), entities),
    ]
    name, other = (
        ("characters masked, not words", 0.0)
        if whole["masking"]["whole_word"]
        else ("words masked, not characters", _WORDS)
    )
    kept = {"glyph": ["character", "pinyin"], "pinyin": ["character", "glyph"], "glyph and pinyin": ["character"]}
    variants = [
        Variant("glyphs and pinyin", "chinesebert", whole, start=start),
        *(
            Variant(f"without {name}", "chinesebert", whole | {"features": rest}, start=start)
            for name, rest in kept.items()
        ),
        Variant(name, "chinesebert", whole | {"masking": {"whole_word": other}}, start=start),
    ]
    if budget.whole:
        tasks.append(TaskRun("reading", "reading", "zh-hant-questions", "zh-questions", (), ("--max-length", "256")))
        variants.append(Variant("not pretrained", "chinesebert", whole, pretrained=False))
    about = Comparison(
        "chinesebert",
        "ChineseBERT: characters with their pictures and readings",
        "Sun et al. 2021",
        "glyphs and pinyin",
        note,
        (*SETTINGS, "joined"),
    )
    return Encoders(about, tuple(variants), tuple(tasks))


def from_nothing(budget: Budget) -> dict[str, Any]:
    """How a ChineseBERT learns all from a corpus."""
    stage = {
        "name": "pretraining",
        "steps": budget.steps,
        "warmup": max(1, budget.steps // 20),
        "schedule": "linear",
        "learning_rate": _RATE,
    }
    return {"stages": [stage], "data": {"languages": ["zh"], **_rows(budget)}, "masking": {"whole_word": _WORDS}}


def _rows(budget: Budget) -> dict[str, int]:
    """Rows of a step of pretraining."""
    number = budget.tokens // budget.window
    return {"window": budget.window, "global_batch": number, "micro_batch": number}
