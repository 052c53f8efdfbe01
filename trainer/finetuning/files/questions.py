"""Questions on paragraphs in SQuAD's form, which CMRC 2018, DRCD and JSQuAD share; and CMRC's older one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanmill.trainer.finetuning.files.task_file import (
    TaskFileError,
    is_json_lines,
    json_objects,
    not_empty,
    read_json,
    read_lines,
)


@dataclass(frozen=True, slots=True)
class Question:
    """``answers`` as written; ``start`` and ``end`` the first one's place in ``context``, -1 where it is not there.

    A question without answers cannot be answered.
    """

    identifier: str
    question: str
    context: str
    answers: tuple[str, ...]
    start: int
    end: int


def read_questions(path: Path) -> list[Question]:
    """All questions of a file. Raises TaskFileError naming file and question."""
    lines = read_lines(path)
    if is_json_lines(lines) and len([line for _, line in lines if line.strip()]) > 1:
        value: Any = [one for _, one in json_objects(path, lines)]
    else:
        value = read_json(path)
        if isinstance(value, dict) and "question" in value:
            value = [value]
    data = value.get("data") if isinstance(value, dict) else value
    if not isinstance(data, list):
        raise TaskFileError(f"{path}: found {type(value).__name__} without a list `data`, expected SQuAD's form")
    found: list[Question] = []
    for number, article in enumerate(data, 1):
        paragraphs = article.get("paragraphs", [article]) if isinstance(article, dict) else None
        if not isinstance(paragraphs, list):
            raise TaskFileError(f"{path}, article {number}: expected paragraphs")
        for paragraph in paragraphs:
            found += _of_paragraph(paragraph, f"{path}, article {number}")
    not_empty(found, path, "questions")
    return found


def _of_paragraph(paragraph: Any, place: str) -> list[Question]:
    context = paragraph.get("context", paragraph.get("context_text")) if isinstance(paragraph, dict) else None
    questions = paragraph.get("qas") if isinstance(paragraph, dict) else None
    if questions is None and isinstance(paragraph, dict) and "question" in paragraph:
        # A question a row, as data sets for `datasets` have it.
        questions = [paragraph]
    if not isinstance(context, str) or not isinstance(questions, list):
        keys = ", ".join(paragraph) if isinstance(paragraph, dict) else type(paragraph).__name__
        raise TaskFileError(f"{place}: found {keys}; expected context and qas")
    found = []
    for item in questions:
        question = item.get("question", item.get("query_text"))
        identifier = str(item.get("id", item.get("query_id", "")))
        if not isinstance(question, str) or not identifier:
            raise TaskFileError(f"{place}: question found: {', '.join(map(str, item))}; expected id and question")
        answers = _answers(item.get("answers") or [])
        texts, start = [], -1
        for answer in answers:
            text = answer.get("text") if isinstance(answer, dict) else answer
            if not isinstance(text, str):
                raise TaskFileError(f"{place}, question {identifier}: answer found: {answer!r}, expected its text")
            texts.append(text)
            given = answer.get("answer_start", -1) if isinstance(answer, dict) else -1
            if start < 0:
                start = _place(context, text, given if isinstance(given, int) else -1)
        if item.get("is_impossible"):
            texts, start = [], -1
        end = start + len(texts[0]) if start >= 0 and texts else -1
        found.append(Question(identifier, question, context, tuple(texts), start if end >= 0 else -1, end))
    return found


def _answers(value: Any) -> list[Any]:
    """A list of answers, of lists of their texts and places too."""
    if not isinstance(value, dict):
        return list(value)
    texts, starts = (list(value.get(name, [])) for name in ("text", "answer_start"))
    starts += [-1] * (len(texts) - len(starts))
    return [{"text": text, "answer_start": start} for text, start in zip(texts, starts, strict=False)]


def _place(context: str, text: str, given: int) -> int:
    """Where the answer stands: as said, or where it is found nearest to that; -1 where it is not there."""
    if not text:
        return -1
    if given >= 0 and context.startswith(text, given):
        return given
    places = []
    place = context.find(text)
    while place >= 0:
        places.append(place)
        place = context.find(text, place + 1)
    return min(places, key=lambda place: abs(place - max(given, 0)), default=-1)
