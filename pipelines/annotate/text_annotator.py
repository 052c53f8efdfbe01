"""Raw lines normalised and read as a corpus's are: what a model needs of text that no corpus holds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hanmill.pipelines.annotate.pinyin.context import pinyin_annotator
from hanmill.pipelines.annotate.segmenters import Segmenters, cutter
from hanmill.pipelines.text.characters import WHITE_SPACE, code_points
from hanmill.pipelines.text.han import CHINESE
from hanmill.pipelines.text.normalize import Normalizer
from hanmill.schemas.annotated_text import AnnotatedText
from hanmill.schemas.recipe import NormalizeRecipe, ReadingsRecipe, SegmentRecipe


class TextAnnotator:
    """An ``Annotate``. Words are cut only where OpenCC or pinyin ask for them."""

    def __init__(self, normalize: NormalizeRecipe, segment: SegmentRecipe, readings: ReadingsRecipe | None) -> None:
        self._normalizer = Normalizer(normalize, cutter(segment) if normalize.opencc else None)
        self._segmenters = Segmenters(segment) if readings else None
        self._pinyin = pinyin_annotator(readings) if readings else None

    def __call__(self, lines: Sequence[str], language: str) -> list[AnnotatedText]:
        """One a line, in batches as a corpus is annotated."""
        chinese = language in CHINESE
        normalized = [self._normalizer.normalize(line, chinese=chinese, japanese=language == "ja") for line in lines]
        texts = [one.text for one in normalized]
        readings = self._readings(texts, language) if chinese else [[""] * len(text) for text in texts]
        return [
            AnnotatedText(one.text, one.raw_offsets.tolist(), reading)
            for one, reading in zip(normalized, readings, strict=True)
        ]

    def _readings(self, texts: list[str], language: str) -> list[list[str]]:
        if self._pinyin is None or self._segmenters is None:
            return [[""] * len(text) for text in texts]
        readings = []
        for start in range(0, len(texts), _BATCH):
            batch = texts[start : start + _BATCH]
            words = self._segmenters.of(language).segment(batch)
            ids = iter(self._pinyin.annotate(batch, words).tolist())
            for text in batch:
                syllables = [""] * len(text)
                for place in np.flatnonzero(~WHITE_SPACE[code_points(text)]).tolist():
                    syllables[place] = self._pinyin.syllables[next(ids)]
                readings.append(syllables)
        return readings


#: Lines read at a time.
_BATCH = 256
