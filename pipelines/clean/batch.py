"""Cleaning a batch of documents: language and script, rules, masking, normalisation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hanmill.pipelines.clean.language import Language, LanguageIdentifier
from hanmill.pipelines.clean.personal_data import mask_personal_data
from hanmill.pipelines.clean.profile import profile
from hanmill.pipelines.clean.rules import apply_rules, dropped
from hanmill.pipelines.sources.records import Document, Dropped, Reading
from hanmill.pipelines.text.normalize import Normalizer
from hanmill.pipelines.text.phrase_conversion import CutWords
from hanmill.schemas.recipe import CleanRecipe, NormalizeRecipe

CHINESE = frozenset({"zh", "yue", "lzh"})
#: Languages whose dumps name their language reliably; web pages are measured.
_DECLARING_SOURCES = frozenset({"wikipedia"})


@dataclass(frozen=True, slots=True)
class Kept:
    """A document that passed every rule, its text normalised; ``raw`` is the text before, None where equal."""

    document: Document
    lang: str
    script: str
    raw: str | None


class Cleaner:
    """Built once per process: holds the language model, the OpenCC converter and the rules' lists."""

    def __init__(self, clean: CleanRecipe, normalize: NormalizeRecipe, cut: CutWords | None = None) -> None:
        """``cut`` cuts Chinese into words, for conversions with phrases."""
        self._clean = clean
        self._identifier = LanguageIdentifier()
        self._normalizer = Normalizer(normalize, cut)

    def clean(self, documents: Sequence[Document]) -> Iterator[Kept | Dropped]:
        """One outcome per document, in order."""
        profiles = [profile(document.text) for document in documents]
        languages = self._identifier.identify([document.text for document in documents], profiles)
        verdicts = apply_rules(documents, profiles, self._clean.rules)
        for document, language, verdict in zip(documents, languages, verdicts, strict=True):
            lang = _language(document, language)
            if self._clean.languages and lang not in self._clean.languages:
                yield dropped(document, "language@1", language.confidence)
            elif verdict is not None:
                yield verdict
            else:
                yield self._keep(document, lang, language.script)

    def _keep(self, document: Document, lang: str, script: str) -> Kept | Dropped:
        if self._clean.mask_personal_data:
            masked = mask_personal_data(document.text)
            moved = move_readings(document.readings, masked.raw_offsets)
            document = replace(document, text=masked.text, readings=moved)
        normalized = self._normalizer.normalize(document.text, chinese=lang in CHINESE, japanese=lang == "ja")
        if not normalized.text.strip():
            return dropped(document, "empty@1", 0.0)
        if normalized.text == document.text:
            return Kept(document, lang, script, None)
        readings = move_readings(document.readings, normalized.raw_offsets) if document.readings else ()
        return Kept(replace(document, text=normalized.text, readings=readings), lang, script, document.text)


def move_readings(readings: Sequence[Reading], raw_offsets: np.ndarray) -> tuple[Reading, ...]:
    """Readings whose offsets count raw code points, as offsets into the normalised text.

    ``raw_offsets`` is int64 [len(normalised) + 1], non-decreasing. A reading whose surface is gone is left out.
    """
    moved = []
    for reading in readings:
        start, end = np.searchsorted(raw_offsets, [reading.start, reading.end])
        if start < end:
            moved.append(Reading(int(start), int(end), reading.reading))
    return tuple(moved)


def _language(document: Document, measured: Language) -> str:
    if document.source in _DECLARING_SOURCES and document.lang:
        return document.lang
    return measured.lang
