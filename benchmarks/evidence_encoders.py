"""UnihanLM and ChineseBERT: variants pretrained alike, each fine-tuned on the same tasks with the same seeds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.evidence_plan import Budget, Comparison, TaskRun, Value, Variant
from benchmarks.evidence_work import Work

#: Of UnihanLM's steps, those over clusters: about the paper's share in time.
_FIRST = 5 / 8
_RATE = 0.003


class Encoders:
    """A comparison of encoders: pretrained once a seed, then tuned on every task and share."""

    def __init__(self, about: Comparison, variants: tuple[Variant, ...], tasks: tuple[TaskRun, ...]) -> None:
        self.about, self.variants, self.tasks = about, variants, tasks

    def jobs(self, budget: Budget) -> list[tuple[Variant, int]]:
        """Seed by seed, so that a run that is cut short has whole pairs."""
        return [(variant, seed) for seed in range(1, budget.seeds + 1) for variant in self.variants]

    def measure(self, work: Work, seeds: range) -> Iterator[Value]:
        """Every value of the seeds asked for; the task ``pretraining`` has nats a target, and a unigram's."""
        for variant, seed in self.jobs(work.budget):
            if seed in seeds:
                yield from self._one(work, variant, seed)

    def corpora(self) -> list[str]:
        """Names of the corpora that are read."""
        return list(dict.fromkeys(variant.corpus for variant in self.variants))

    def _one(self, work: Work, variant: Variant, seed: int) -> Iterator[Value]:
        model = work.pretrained(variant, seed)
        if variant.pretrained and (found := work.losses(model)):
            for measure, value in zip(("loss", "unigram"), found, strict=True):
                yield Value(variant.name, seed, "pretraining", 1.0, "validation", measure, value)
        for task in self.tasks:
            for share in work.budget.shares:
                for name, scores in work.tuned(model, task, share, seed).items():
                    file = task.dev if name == "dev" else name
                    yield Value(variant.name, seed, task.name, share, file, task.measure, scores[task.measure])


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
    if budget.whole:
        tasks.append(TaskRun("pairs", "pair", "ja-pairs", "ja-pairs", (), words, "spearman"))
    about = Comparison(
        "unihanlm", "UnihanLM: characters learnt by way of their clusters", "Xu et al. 2020", "clusters of one"
    )
    variants = (
        Variant("cluster → character", "unihanlm", two),
        Variant("clusters of one", "unihanlm", two, corpus="single"),
        Variant("characters only", "unihanlm", stages(character=budget.steps)),
        Variant("clusters only", "unihanlm", stages(cluster=budget.steps)),
        Variant("not pretrained", "unihanlm", two, pretrained=False),
    )
    return Encoders(about, variants, tuple(tasks))


def chinesebert(budget: Budget) -> Encoders:
    """With and without glyphs and pinyin, words against characters masked."""
    steps = budget.steps
    stage = {
        "name": "pretraining",
        "steps": steps,
        "warmup": max(1, steps // 20),
        "schedule": "linear",
        "learning_rate": _RATE,
    }
    whole = {"stages": [stage], "data": {"languages": ["zh"], **_rows(budget)}, "masking": {"whole_word": 0.9}}
    words = ("--max-length", str(budget.window))
    entities = ("--units", "characters", *words)
    tasks = [
        TaskRun("words", "segmentation", "zh-words-train", "zh-words-dev", (), words),
        TaskRun("entities", "entities", "zh-entities-train", "zh-entities-dev", ("zh-hant-entities-dev",), entities),
    ]
    kept = {"glyph": ["character", "pinyin"], "pinyin": ["character", "glyph"], "glyph and pinyin": ["character"]}
    variants = [
        Variant("glyphs and pinyin", "chinesebert", whole),
        *(Variant(f"without {name}", "chinesebert", whole | {"features": rest}) for name, rest in kept.items()),
        Variant("characters masked, not words", "chinesebert", whole | {"masking": {"whole_word": 0.0}}),
    ]
    if budget.whole:
        tasks.append(TaskRun("reading", "reading", "zh-hant-questions", "zh-questions", (), ("--max-length", "256")))
        variants.append(Variant("not pretrained", "chinesebert", whole, pretrained=False))
    about = Comparison(
        "chinesebert",
        "ChineseBERT: characters with their pictures and readings",
        "Sun et al. 2021",
        "glyphs and pinyin",
    )
    return Encoders(about, tuple(variants), tuple(tasks))


def _rows(budget: Budget) -> dict[str, int]:
    """Rows of a step of pretraining."""
    number = budget.tokens // budget.window
    return {"window": budget.window, "global_batch": number, "micro_batch": number}
