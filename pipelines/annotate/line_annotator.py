"""Lines of text with everything the corpus would hold of them, as JSON-able objects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hanmill import unihan
from hanmill.pipelines.annotate.japanese.romaji import romanize
from hanmill.pipelines.annotate.pinyin.context import pinyin_annotator
from hanmill.pipelines.annotate.segmenters import Segmenters, cutter
from hanmill.pipelines.annotate.words import Words
from hanmill.pipelines.text.characters import WHITE_SPACE, code_points
from hanmill.pipelines.text.han import CHINESE
from hanmill.pipelines.text.normalize import Normalized, Normalizer
from hanmill.pipelines.vocabulary.characters import read_vocabulary, variant_graph
from hanmill.schemas.recipe import Recipe
from hanmill.unihan.usage import usage


class LineAnnotator:
    """Every annotator of a recipe over single lines. Built once per process."""

    def __init__(self, recipe: Recipe) -> None:
        self._normalizer = Normalizer(recipe.normalize, cutter(recipe.segment))
        self._segmenters = Segmenters(recipe.segment)
        self._pinyin = pinyin_annotator(recipe.readings)
        graph = variant_graph(recipe.unihan)
        file = recipe.vocabulary.characters
        self._clusters = unihan.clusters(
            graph,
            [chr(point) for point in read_vocabulary(Path(file))] if file else None,
            {character: len(usage(character)) for character in graph.characters},
            "most_frequent",
            max_size=recipe.unihan.max_cluster_size or None,
        )

    def annotate(self, lines: Sequence[str], languages: Sequence[str]) -> list[dict[str, Any]]:
        """One object per line: ``lang``, ``text`` (normalised), ``chars`` and ``words``.

        A character has ``char``, ``cluster`` (the one of its variants that most official character lists hold, itself
        where it has none: no corpus is at hand to say which is commonest), ``pinyin`` (null outside Chinese and where
        there is none) and ``offset`` (code points of the raw line); white space is left out. A word has ``word``,
        ``reading`` (katakana) and ``romaji``, both null outside Japanese.
        """
        normalized = [
            self._normalizer.normalize(line, chinese=lang in CHINESE, japanese=lang == "ja")
            for line, lang in zip(lines, languages, strict=True)
        ]
        return [self._line(one, lang) for one, lang in zip(normalized, languages, strict=True)]

    def _line(self, normalized: Normalized, lang: str) -> dict[str, Any]:
        text = normalized.text
        places = np.flatnonzero(~WHITE_SPACE[code_points(text)])
        syllables: list[str | None] = [None] * len(places)
        words = self._segmenters.of(lang).segment([text])[0]
        if lang in CHINESE:
            ids = self._pinyin.annotate([text], [words]).tolist()
            syllables = [self._pinyin.syllables[identifier] or None for identifier in ids]
        characters = [
            {
                "char": text[place],
                "cluster": self._clusters.representative(text[place]),
                "pinyin": syllable,
                "offset": raw,
            }
            for place, raw, syllable in zip(
                places.tolist(), normalized.raw_offsets[places].tolist(), syllables, strict=True
            )
        ]
        return {"lang": lang, "text": text, "chars": characters, "words": _words(words)}


def _words(words: Words) -> list[dict[str, str | None]]:
    if words.readings is None:
        return [{"word": surface, "reading": None, "romaji": None} for surface in words.surfaces]
    return [
        {"word": surface, "reading": reading or None, "romaji": romaji}
        for surface, reading, romaji in zip(words.surfaces, words.readings, romanize(words), strict=True)
    ]
