"""Words of marked text as the segmenter cuts them, each with the reading it has there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, product

from hanmill.pipelines.annotate.japanese.phrase_readings import NEVER_FIRST
from hanmill.pipelines.annotate.japanese.reading_corrections import NUMBER
from hanmill.pipelines.annotate.japanese.reading_features import Feature, features, key_and_ending
from hanmill.pipelines.annotate.japanese.segmenter import JapaneseSegmenter
from hanmill.pipelines.training.japanese_marked_text import ReadText

_MOST_READINGS = 64


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A word of a text: its key, reading there and reading by the dictionary, both without their ending."""

    key: str
    reading: str
    dictionary: str
    features: tuple[tuple[int, Feature], ...]
    weight: float


def occurrences(segmenter: JapaneseSegmenter, texts: Sequence[ReadText], weight: float = 1.0) -> Iterator[Occurrence]:
    """Words whose reading the text tells, as ``segmenter`` (which should have no model) cuts them."""
    for text in texts:
        words, readings = segmenter.analysed(text.text)
        for index, right in labels(text, [word.surface for word in words], readings):
            word = words[index]
            key, ending = key_and_ending(word.surface)
            have = readings[index]
            if not key or NUMBER in (word.kind, words[index - 1].kind):
                continue
            if not right.endswith(ending) or not have.endswith(ending) or len(right) == len(ending):
                continue
            if right[0] in NEVER_FIRST:
                continue
            own = have[: len(have) - len(ending)]
            yield Occurrence(
                key, right[: len(right) - len(ending)], own, tuple(features(words, index, ending, own)), weight
            )


def labels(text: ReadText, surfaces: Sequence[str], readings: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Places of words and their right readings, where spans and words begin and end together.

    Several words under one span are told where at most one of them is not read as ``readings`` has it.
    """
    starts = {start: index for index, start in reversed(list(enumerate(accumulate(map(len, surfaces), initial=0))))}
    # Beyond the edges stand words without characters: the last that starts at 0 is the first with any.
    first = next((index for index, surface in enumerate(surfaces) if surface), 0)
    starts[0] = first
    group: list[tuple[str, ...]] = []
    begin = place = 0
    for span in text.spans:
        if span.start != place or not group:
            group, begin = [], span.start
        group.append(span.readings)
        place = span.end
        if begin not in starts:
            group = []
            continue
        if place in starts:
            yield from _told(group, readings, starts[begin], starts[place])
            group = []


def _told(
    group: Sequence[tuple[str, ...]], readings: Sequence[str], start: int, stop: int
) -> Iterator[tuple[int, str]]:
    golds = ["".join(each) for each in list(product(*group))[:_MOST_READINGS]]
    have = "".join(readings[start:stop])
    if have in golds:
        yield from ((index, readings[index]) for index in range(start, stop))
        return
    for gold in golds:
        for index in range(start, stop):
            before, after = "".join(readings[start:index]), "".join(readings[index + 1 : stop])
            if len(gold) > len(before) + len(after) and gold.startswith(before) and gold.endswith(after):
                for other in range(start, stop):
                    yield other, gold[len(before) : len(gold) - len(after)] if other == index else readings[other]
                return
