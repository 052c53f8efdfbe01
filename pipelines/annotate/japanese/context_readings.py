"""Readings of words that have several, by a linear model over their neighbours."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.annotate.japanese.reading_features import NEAR, TaggedWord, key_and_ending, near
from pipelines.annotate.japanese.reading_model import ReadingModel, WordWeights

_Table = dict[object, tuple[int, ...]]


class ContextReadings:
    """Chooses among the readings that a model knows of a word. Built once per process."""

    def __init__(self, model: ReadingModel) -> None:
        self._words = {key: _by_template(each) for key, each in model.words.items()}

    def knows(self, surface: str) -> bool:
        """Whether the model has readings for a word."""
        return key_and_ending(surface)[0] in self._words

    def read(self, words: Sequence[TaggedWord], index: int, dictionary: str) -> str:
        """The reading of the word at ``index``, two words standing before and after it.

        ``dictionary`` is the one it has without a model, and keeps where that does not end as it is written.
        """
        word = words[index]
        key, ending = key_and_ending(word.surface)
        readings, weights = self._words[key]
        if not dictionary.endswith(ending):
            return dictionary
        own = dictionary[: len(dictionary) - len(ending)]
        second_before, before = words[index - 2], words[index - 1]
        after, second_after = words[index + 1], words[index + 2]
        left, right = before.surface, after.surface
        far_left, far_right = second_before.surface, second_after.surface
        left_part, right_part = before.part, after.part
        found = [
            weights[0].get(""),
            weights[1].get(ending),
            weights[2].get(own),
            weights[3].get(word.part),
            weights[4].get((ending, own)),
            weights[5].get(left),
            weights[6].get(right),
            weights[7].get(far_left),
            weights[8].get(far_right),
            weights[9].get((far_left, left)),
            weights[10].get((right, far_right)),
            weights[11].get((left, right)),
            weights[12].get(left_part),
            weights[13].get(right_part),
            weights[14].get((left_part, right_part)),
            weights[15].get(left[-1:]),
            weights[16].get(right[:1]),
        ]
        if weights[NEAR]:
            found += map(weights[NEAR].get, near(words, index))
        scores = [sum(each) for each in zip(*filter(None, found), strict=True)]
        if not scores:
            return dictionary
        return readings[scores.index(max(scores))] + ending


def _by_template(word: WordWeights) -> tuple[tuple[str, ...], tuple[_Table, ...]]:
    tables: tuple[_Table, ...] = tuple({} for _ in range(NEAR + 1))
    for (template, value), weights in word.weights.items():
        tables[template][value] = weights
    return word.readings, tables
