"""The word segmenter of each language."""

from __future__ import annotations

from collections.abc import Sequence

from hanmill.pipelines.annotate.chinese.segmenter import ChineseSegmenter
from hanmill.pipelines.annotate.japanese.segmenter import JapaneseSegmenter
from hanmill.pipelines.annotate.spaced import SpaceSegmenter
from hanmill.pipelines.annotate.words import Segmenter, Words
from hanmill.pipelines.extract.document import Reading
from hanmill.pipelines.text.han import CHINESE
from hanmill.pipelines.text.phrase_conversion import CutWords
from hanmill.schemas.recipe import SegmentRecipe


def cutter(settings: SegmentRecipe) -> CutWords:
    """What cuts Chinese texts into words, for conversions by word; the segmenter is built when first needed."""
    segmenters = Segmenters(settings)

    def cut(texts: Sequence[str]) -> list[list[str]]:
        return [words.surfaces for words in segmenters.of("zh").segment(texts)]

    return cut


class Segmenters:
    """Chinese, Japanese and everything else; built once per process, each when first asked for."""

    def __init__(self, settings: SegmentRecipe) -> None:
        self._settings = settings
        self._built: dict[str, Segmenter] = {}

    def of(self, lang: str) -> Segmenter:
        """The segmenter of a language code."""
        kind = "zh" if lang in CHINESE else "ja" if lang == "ja" else ""
        if kind not in self._built:
            self._built[kind] = self._build(kind)
        return self._built[kind]

    def cut(
        self, texts: Sequence[str], languages: Sequence[str], readings: Sequence[tuple[Reading, ...]]
    ) -> list[Words]:
        """One Words per text, each cut by the segmenter of its language; ``readings`` are those of the source."""
        found: dict[int, Words] = {}
        by_segmenter: dict[int, list[int]] = {}
        for index, language in enumerate(languages):
            by_segmenter.setdefault(id(self.of(language)), []).append(index)
        for indices in by_segmenter.values():
            segmenter = self.of(languages[indices[0]])
            words = segmenter.segment([texts[index] for index in indices], [readings[index] for index in indices])
            found.update(zip(indices, words, strict=True))
        return [found[index] for index in range(len(texts))]

    def _build(self, kind: str) -> Segmenter:
        if kind == "zh":
            return ChineseSegmenter(self._settings)
        return JapaneseSegmenter(self._settings) if kind == "ja" else SpaceSegmenter()
