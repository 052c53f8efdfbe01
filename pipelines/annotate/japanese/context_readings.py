"""Readings of words that have several, by a linear model over their neighbours."""

from __future__ import annotations

from collections.abc import Sequence

from hanmill.pipelines.annotate.japanese.reading_features import NEAR, TaggedWord, key_and_ending, near
from hanmill.pipelines.annotate.japanese.reading_model import ReadingModel, WordWeights

_Table = dict[object, tuple[int, ...]]


class ContextReadings:
    """Chooses among the readings that a model knows of a word. Built once per process."""

    def __init__(self, model: ReadingModel) -> None:
        self._words = {key: _by_template(each) for key, each in model.words.items()}
        self._known: dict[str, tuple[str, tuple[str, ...], tuple[_Table, ...]]] = {}

    def knows(self, surface: str, stem: str) -> bool:
        """Whether the model has readings for a word, which ``read`` may then be asked for."""
        if (stem if stem == surface else f"{stem}~") not in self._words:
            return False
        key, ending = key_and_ending(surface)
        self._known[surface] = ending, *self._words[key]
        return True

    def read(self, words: Sequence[TaggedWord], index: int, dictionary: str) -> str:
        """The reading of the word at ``index``, two words standing before and after it.

        ``dictionary`` is the one it has without a model, and keeps where the model knows nothing of that or of the
        word.
        """
        second_before, before, word, after, second_after = words[index - 2 : index + 3]
        known = self._known.get(word.surface)
        if known is None:
            return dictionary
        ending, readings, weights = known
        own = dictionary.removesuffix(ending)
        if own not in readings or not dictionary.endswith(ending):
            return dictionary
        left, right = before.surface, after.surface
        values = (
            "", ending, own, word.part, (ending, own), left, right, second_before.surface, second_after.surface,
            (left, right), before.part, after.part, left[-1:], right[:1],
            ending[:1],
        )  # fmt: skip
        found = [table[value] for table, value in zip(weights, values, strict=False) if value in table]
        around = weights[NEAR]
        if around:
            found += [around[surface] for surface in near(words, index) if surface in around]
        if not found:
            return dictionary
        scores = list(map(sum, zip(*found, strict=True)))
        best = readings[scores.index(max(scores))]
        if ending and (best.startswith(own) or own.startswith(best)):
            return dictionary  # 行なっ is オコ and ナッ, 行っ オコナ and ッ: one word written in two ways
        return best + ending


def _by_template(word: WordWeights) -> tuple[tuple[str, ...], tuple[_Table, ...]]:
    tables: tuple[_Table, ...] = tuple({} for _ in range(NEAR + 1))
    for (template, value), weights in word.weights.items():
        tables[template][value] = weights
    return word.readings, tables
