"""Reading comprehension: the answer to a question is a stretch of a paragraph."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hanmill.trainer.configs.task_form import FormConfig
from hanmill.trainer.finetuning.batches import Input, frame
from hanmill.trainer.finetuning.files.questions import Question, read_questions
from hanmill.trainer.finetuning.scores.answers import score_answers
from hanmill.trainer.finetuning.tasks.task import Floats, Kind, Rows
from hanmill.trainer.finetuning.text_encoder import EncodedText

#: Most tokens of a question, tokens between the beginnings of two windows over a paragraph, and of an answer.
_QUESTION, _STRIDE, _ANSWER = 64, 128, 60
#: Beginnings and ends that are tried together.
_TRIED = 20
#: Classes of a training set with questions that cannot be answered.
_IMPOSSIBLE = ("impossible",)


class Reading:
    """A paragraph longer than a row is read through windows that overlap, as BERT does for SQuAD."""

    name = "reading"

    def kind(self, labels: Sequence[str]) -> Kind:
        """Where the answer begins and ends."""
        return "answers"

    def read(self, path: Path, form: FormConfig, *, labelled: bool = True) -> list[Question]:
        """SQuAD's form."""
        return read_questions(path)

    def texts(self, examples: Sequence[Question]) -> list[str]:
        """Paragraphs."""
        return [example.context for example in examples[::8]]

    def labels(self, train: Sequence[Question], form: FormConfig) -> tuple[str, ...]:
        """Whether there are questions without an answer."""
        return _IMPOSSIBLE if any(not example.answers for example in train) else ()

    def known(self, train: Sequence[Question]) -> frozenset[str]:
        """None are asked for."""
        return frozenset()

    def inputs(self, examples: Sequence[Question], labels: Sequence[str], rows: Rows) -> list[Input]:
        """A row a window. One without the whole answer points to the first token."""
        special = rows.encoder.settings.special
        two_types = rows.encoder.settings.kind != "unihanlm" and rows.encoder.settings.token_types > 1
        # Each paragraph is encoded once, however many questions it has.
        places = {context: n for n, context in enumerate(dict.fromkeys(example.context for example in examples))}
        contexts = rows.encoder.encode(list(places), rows.language, words=True)
        questions = rows.encoder.encode([example.question for example in examples], rows.language, words=True)
        longest = min(_QUESTION, rows.max_length // 3)
        found = []
        for origin, (example, question) in enumerate(zip(examples, questions, strict=True)):
            context = contexts[places[example.context]]
            question = _part(question, 0, longest)
            room = rows.max_length - 3 - len(question.ids)
            before = len(question.ids) + 2
            answer = _tokens_of(example, context)
            for start in _windows(len(context.ids), room):
                part = _part(context, start, start + room)
                ids, types, pinyin = frame(special, question, part, rows.language_id, two_types)
                inside = answer is not None and answer[0] >= start and answer[1] < start + len(part.ids)
                ends = [float(token - start + before) for token in answer] if answer and inside else [0.0, 0.0]
                tokens = list(range(before, before + len(part.ids)))
                marks = list(zip(part.starts, part.ends, strict=True))
                found.append(Input(ids, types, pinyin, rows.language_id, tokens, ends, origin, marks))
        return found

    def decode(
        self, examples: Sequence[Question], labels: Sequence[str], inputs: Sequence[Input], outputs: Sequence[Floats]
    ) -> list[str]:
        """The stretch with the highest sum of both ends over all windows; none where pointing nowhere is likelier."""
        best: list[tuple[float, str]] = [(-np.inf, "")] * len(examples)
        nowhere = [np.inf] * len(examples)
        for row, logits in zip(inputs, outputs, strict=True):
            nowhere[row.origin] = min(nowhere[row.origin], float(logits[0].sum()))
            if not row.places:
                continue
            starts, ends = (logits[row.places, end] for end in (0, 1))
            tried_starts, tried_ends = (np.argsort(-scores, kind="stable")[:_TRIED] for scores in (starts, ends))
            sums = starts[tried_starts][:, None] + ends[tried_ends][None]
            lengths = tried_ends[None] - tried_starts[:, None]
            sums = np.where((lengths >= 0) & (lengths < _ANSWER), sums, -np.inf)
            first, last = np.unravel_index(int(sums.argmax()), sums.shape)
            if sums[first, last] > best[row.origin][0]:
                begin, end = row.marks[int(tried_starts[first])][0], row.marks[int(tried_ends[last])][1]
                best[row.origin] = float(sums[first, last]), examples[row.origin].context[begin:end]
        impossible = tuple(labels) == _IMPOSSIBLE
        return [
            "" if impossible and none > reached else text for (reached, text), none in zip(best, nowhere, strict=True)
        ]

    def score(
        self, examples: Sequence[Question], predicted: Sequence[str], form: FormConfig, known: frozenset[str]
    ) -> dict[str, float]:
        """Exact match and F1 by the form's rule; else JSQuAD's for Japanese, CMRC's for Chinese, SQuAD's."""
        gold = {example.identifier: example.answers for example in examples}
        found = {example.identifier: text for example, text in zip(examples, predicted, strict=True)}
        rule = form.rule or {"ja": "jsquad", "zh": "cmrc"}.get(form.language.split("-")[0], "squad")
        return score_answers(gold, found, rule) | {"questions": len(gold)}

    def write(self, path: Path, examples: Sequence[Question], predicted: Sequence[str]) -> Path:
        """A JSON object of answers by the question's id, as the scripts of SQuAD and CMRC read it."""
        target = path.with_name(f"{path.name}.answers.json")
        found = {example.identifier: text for example, text in zip(examples, predicted, strict=True)}
        target.write_text(json.dumps(found, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
        return target

    def record(self, example: Question, predicted: str) -> dict[str, Any]:
        """Question and answer, and the answer's place in the paragraph."""
        start = example.context.find(predicted) if predicted else -1
        end = start + len(predicted) if start >= 0 else -1
        answer = {"text": predicted, "start": start, "end": end}
        return {"id": example.identifier, "question": example.question, "answer": answer}


def _windows(length: int, room: int) -> list[int]:
    stride = min(_STRIDE, max(1, room // 2))
    starts = [0]
    while starts[-1] + room < length:
        starts.append(starts[-1] + stride)
    return starts


def _part(text: EncodedText, first: int, end: int) -> EncodedText:
    return EncodedText(text.ids[first:end], text.starts[first:end], text.ends[first:end], text.pinyin[first:end])


def _tokens_of(example: Question, context: EncodedText) -> tuple[int, int] | None:
    """First and last token of the answer, None where there is none."""
    inside = [
        token
        for token, (start, end) in enumerate(zip(context.starts, context.ends, strict=True))
        if start < example.end and end > example.start
    ]
    return (inside[0], inside[-1]) if example.start >= 0 and inside else None
