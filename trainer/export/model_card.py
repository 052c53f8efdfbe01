"""Model cards of exports of models over characters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanmill.trainer.data.vocabulary import CharacterVocabulary
from hanmill.trainer.export.normalizer import describe, unexpressed
from hanmill.trainer.runs.checkpoint import Checkpoint
from hanmill.trainer.runs.log import read_log

#: Characters that a card lists of those that training never met.
_LISTED = 200


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says of a kind of model: ``usage`` is an example in Python, ``notes`` what to know about it."""

    title: str
    summary: str
    task: str
    languages: tuple[str, ...]
    usage: str
    notes: str


def write_card(
    output: Path,
    card: Card,
    run: Path,
    path: Path,
    checkpoint: Checkpoint,
    vocabulary: CharacterVocabulary,
    specials: int,
    remark: str = "",
) -> None:
    """``README.md``: how it was trained and reads text, and which of its rows training never reached."""
    config = checkpoint.config
    shape, data = config["encoder"], config["data"]
    stages = config["stages"][: checkpoint.progress.stage + 1]
    made = [*(stage["steps"] for stage in stages[:-1]), checkpoint.progress.step]
    trained = "; ".join(
        f"{stage['name']}: {steps:,} of {stage['steps']:,} steps at {stage['learning_rate']:g}, {stage['schedule']}"
        for stage, steps in zip(stages, made, strict=True)
    )
    total = sum(weight.numel() for weight in checkpoint.weights.values())
    found = _validation(run, stages[-1]["name"], checkpoint.progress.step)
    reached = "not measured at this step" if found is None else (
        f"{found['loss']:.3f} nats a token, perplexity {math.exp(found['loss']):.2f}; "
        f"a unigram model: {found['unigram']:.3f}"
    )  # fmt: skip
    before = "".join(f"- before tokenising, {clause}.\n" for clause in unexpressed(vocabulary.normalize))
    text = f"""---
language: [{", ".join(card.languages)}]
library_name: transformers
pipeline_tag: {card.task}
tags: [{card.title.lower()}]
---
# {card.title}

{card.summary}
{total:,} numbers in all, fixed tables included. Trained with hanmill.

```python
{card.usage}
```

{card.notes}

| training | |
|---|---|
| checkpoint | {path.name} |
| steps | {trained} |
| rows a step, tokens a row | {data["global_batch"]:,}, {data["window"]:,} |
| layers, units, heads, feed-forward | {shape["layers"]}, {shape["hidden"]}, {shape["heads"]}, {shape["feed_forward"]} |
| validation loss | {reached} |
| SHA-256 of the corpus's manifest | `{checkpoint.corpus}` |

## Text

The tokeniser takes raw text, as the corpus was made of it:

- normalised: {describe(vocabulary.normalize)};
- white space left out;
- every character one token, Latin letters and digits too; {len(vocabulary.tokens) - specials:,} characters are known.
{before}
Text that spells a special token (`{vocabulary.tokens[0]}`) is read as that token;
`split_special_tokens=True` prevents it.

## Rows that training never reached

{remark}
{_unseen(vocabulary)}
"""
    (output / "README.md").write_text(text.replace("\n\n\n", "\n\n"), encoding="utf-8")


def _unseen(vocabulary: CharacterVocabulary) -> str:
    if not vocabulary.unseen:
        return "Every character of the vocabulary was in the training corpus."
    # Any character of the web may be among them: marks of Markdown and of direction are shown as code points.
    listed = (vocabulary.tokens[identifier] for identifier in vocabulary.unseen[:_LISTED])
    shown = " ".join(token if token.isalnum() else f"U+{ord(token):04X}" for token in listed)
    more = len(vocabulary.unseen) - _LISTED
    return (
        f"{len(vocabulary.unseen):,} characters of the corpus are in none of the model's languages, and their rows "
        "are as they were drawn (`unseen_token_ids` in config.json): "
        f"{shown}{f' and {more:,} more' if more > 0 else ''}"
    )


def _validation(run: Path, stage: str, step: int) -> dict[str, Any] | None:
    log = run / "log.jsonl"
    lines = read_log(log) if log.is_file() else []
    found = [line for line in lines if line["event"] == "validation" and (line["stage"], line["step"]) == (stage, step)]
    return found[-1] if found else None
