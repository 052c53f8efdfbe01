"""Evidence as words, which follow from the numbers: what they say, and what they cannot."""

from __future__ import annotations

from typing import Any

from benchmarks.evidence_results import Column, Result, is_clear, place, signed
from hanmill.trainer.finetuning.scores.intervals import interval

#: Nats under a unigram from which a small model is said to have learnt order: bags of words stay above.
_ORDER = 1.5
_ALPHA = 0.05
#: Scores below are of models that find nothing.
_NOTHING = 0.05


def sentences(result: Result) -> list[str]:
    """What the numbers say, and what they cannot."""
    control = result.value["control"]
    said = left_out(result.value)
    gaps = {variant: found[1] - found[0] for variant in result.variants if (found := result.losses(variant))}
    if gaps:
        said += _learnt(gaps)
    found = [
        (variant, column, difference)
        for variant in result.variants
        for column in (result.columns if variant != control else ())
        if (difference := result.difference(variant, column)) is not None
    ]
    if not found:
        return [*said, "No differences: two seeds at least are needed."]
    if nothing := [place(result, column) for column in result.columns if _finds_nothing(result, column)]:
        said.append(
            f"The control finds next to nothing in {'; '.join(nothing)}: differences there say how soon learning "
            "begins."
        )
    clear = [item for item in found if is_clear(item[2])]
    expected = _ALPHA * len(found)
    said.append(f"{len(clear)} of {len(found)} differences from the control leave out zero; about {expected:.1f} would "
                "if there were none at all.")  # fmt: skip
    for variant, column, difference in clear:
        better = (difference.mean > 0) != result.is_loss(column)
        side = "better" if better else "worse"
        said.append(f"{variant}: {signed(difference)}, {side} than the control, in {place(result, column)}.")
    # Two that find nothing at all differ by nothing, which says nothing.
    unseen = [item[2].half for item in found if not is_clear(item[2]) and item[2].half]
    if unseen:
        middle = sorted(unseen)[len(unseen) // 2]
        said.append(f"Where none is seen the interval is ± {middle:.3f} wide in the middle case: effects smaller than "
                    "that could be there.")  # fmt: skip
    return said


def left_out(value: dict[str, Any]) -> list[str]:
    """What of a comparison was not measured at its budget, tasks and variants that are missing altogether first."""
    missing = value["missing"]
    made = {name: {row[name] for row in value["rows"]} for name in ("task", "variant")}
    kinds = {name: dict.fromkeys(row[name] for row in missing if row[name] not in made[name]) for name in made}
    said = [f"Not measured at this budget: {'; '.join(names)}." for names in kinds.values() if names]
    some: dict[tuple[str, tuple[int, ...]], list[str]] = {}
    for variant in made["variant"]:
        seeds: dict[str, list[int]] = {}
        for row in missing:
            if row["variant"] == variant and row["task"] in made["task"]:
                seeds.setdefault(f"{row['task']} ({row['share']:.0%})", []).append(row["seed"])
        for task, numbers in seeds.items():
            some.setdefault((task, tuple(sorted(numbers))), []).append(variant)
    for (task, numbers), variants in sorted(some.items()):
        said.append(f"Not measured with seeds {', '.join(map(str, numbers))}: {task} of {', '.join(sorted(variants))}.")
    return said


def _learnt(gaps: dict[str, float]) -> list[str]:
    """What the losses at the end of pretraining say: nats under a unigram by variant."""
    least, most = min(gaps.values()), max(gaps.values())
    hardly = [variant for variant, gap in gaps.items() if gap < _ORDER]
    if most < 0:
        first = f"At the end of pretraining a target costs {-most:.2f} to {-least:.2f} nats more than by a unigram."
    elif least < 0:
        first = (
            f"At the end of pretraining a target costs between {-least:.2f} nats more and {most:.2f} less than by a "
            "unigram."
        )
    else:
        first = f"At the end of pretraining a target costs {least:.2f} to {most:.2f} nats less than by a unigram."
    if len(hardly) == len(gaps):
        second = (
            "These models are hardly trained: they know which tokens are frequent together, little of their order, so "
            "that what follows says nothing against a paper."
        )
    elif hardly:
        second = f"Hardly trained: {', '.join(hardly)}. What is said of it below is said of that."
    else:
        second = "All have learnt order."
    return [first, second]


def _finds_nothing(result: Result, column: Column) -> bool:
    reached = result.values(result.value["control"], column)
    return not result.is_loss(column) and bool(reached) and interval(list(reached.values())).mean < _NOTHING
