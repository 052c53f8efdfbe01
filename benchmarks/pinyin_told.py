"""Polyphones in running text whose neighbours tell their reading surely: ``pinyin_told.tsv``, regular expressions.

They are learnt beside marked sentences, and where they speak the teacher is not believed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from hanmill.pipelines.training.marked_polyphones import MARK

TABLE = Path(__file__).with_name("pinyin_told.tsv")
#: Of one expression so many places are taken.
MOST_OF_AN_EXPRESSION = 150
_MARKED = re.compile(f"{MARK}(.){MARK}")
_SEED = 1


@cache
def expressions() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    """Expressions whose only group is the character, the character, and its reading."""
    rows = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return tuple((re.compile(_MARKED.sub(r"(\1)", each)), _MARKED.findall(each)[0], reading) for each, reading in rows)


def told(sentence: str) -> dict[int, str]:
    """The places whose readings are told, and these; places told twice otherwise are left out."""
    found: dict[int, str] = {}
    for expression, character, reading in expressions():
        if character in sentence:
            for match in expression.finditer(sentence):
                place = match.start(1)
                found[place] = reading if found.get(place, reading) == reading else ""
    return {place: reading for place, reading in found.items() if reading}


def marked_told(sentences: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Lines with a marked character, and its pinyin, in a fixed order."""
    places: dict[int, list[tuple[str, int]]] = {}
    for sentence in sentences:
        sure = told(sentence) if MARK not in sentence else {}
        for number, (expression, _, reading) in enumerate(expressions()) if sure else ():
            for match in expression.finditer(sentence):
                if sure.get(match.start(1)) == reading:
                    places.setdefault(number, []).append((sentence, match.start(1)))
    draw = random.Random(_SEED)
    for number, found in sorted(places.items()):
        _, character, reading = expressions()[number]
        draw.shuffle(found)
        for sentence, place in found[:MOST_OF_AN_EXPRESSION]:
            yield f"{sentence[:place]}{MARK}{character}{MARK}{sentence[place + 1 :]}", reading
