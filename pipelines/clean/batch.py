"""Cleaning a batch of documents: language and script, rules, masking, normalisation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from hanmill.pipelines.clean.language import Language, LanguageIdentifier
from hanmill.pipelines.clean.masks.places import Kind
from hanmill.pipelines.clean.personal_data import DEFAULT_KINDS, mask_personal_data
from hanmill.pipelines.clean.profile import profiles
from hanmill.pipelines.clean.rules import dropped, judge
from hanmill.pipelines.extract.document import Document, Reading
from hanmill.pipelines.sources.records import Dropped
from hanmill.pipelines.text.han import CHINESE
from hanmill.pipelines.text.normalize import Normalizer
from hanmill.pipelines.text.phrase_conversion import CutWords
from hanmill.schemas.recipe import CleanRecipe, NormalizeRecipe

#: Sources whose word on a language is taken, where they give one; web pages are measured.
_DECLARING_SOURCES = frozenset({"tables", "wikipedia", "wikipedia-html"})


#: Names of measures and values.
Measures = tuple[tuple[str, float], ...]
NOTHING_MASKED: Mapping[Kind, int] = MappingProxyType({})


class Kept(NamedTuple):
    """A document that passed every rule, its text masked and normalised.

    ``raw`` is the text before both, None where equal; ``masked`` counts the places masked by kind; ``measures`` are
    what rules said of it, by name.
    """

    document: Document
    lang: str
    script: str
    raw: str | None
    masked: Mapping[Kind, int] = NOTHING_MASKED
    measures: Measures = ()


class Cleaner:
    """Built once per process: holds the language model, the OpenCC converter and the rules' lists."""

    def __init__(self, clean: CleanRecipe, normalize: NormalizeRecipe, cut: CutWords | None = None) -> None:
        """``cut`` cuts Chinese into words, for conversions with phrases."""
        self._clean = clean
        self._identifier = LanguageIdentifier()
        self._normalizer = Normalizer(normalize, cut)
        self._masked: frozenset[Kind] = frozenset(
            (*(DEFAULT_KINDS if clean.mask_personal_data else ()), *clean.mask_numbers)
        )

    def clean(self, documents: Sequence[Document]) -> Iterator[Kept | Dropped]:
        """One outcome per document, in order."""
        texts = [document.text for document in documents]
        counted = profiles(texts)
        languages = self._identifier.identify(texts, counted)
        scripts = [one.script for one in languages]
        judged = judge(documents, counted, self._clean.rules, scripts, measure_all=self._clean.measure_all)
        for document, language, judgement in zip(documents, languages, judged, strict=True):
            lang = _language(document, language)
            if self._clean.languages and lang not in self._clean.languages:
                outcome: Kept | Dropped = dropped(document, "language@1", language.confidence)
            else:
                outcome = judgement.refusal or self._keep(document, lang, language.script, judgement.measures)
            if isinstance(outcome, Dropped):
                outcome = replace(outcome, lang=lang, script=language.script, measures=judgement.measures)
            yield outcome

    def _keep(self, document: Document, lang: str, script: str, measures: Measures) -> Kept | Dropped:
        raw = document.text
        counts: Mapping[Kind, int] = NOTHING_MASKED
        if self._masked:
            masked = mask_personal_data(raw, self._masked)
            counts = masked.counts
            if counts:
                moved = move_readings(document.readings, masked.raw_offsets)
                document = document._replace(text=masked.text, readings=moved)
        text, moved = self._normalized(document, lang)
        if not text.strip():
            return dropped(document, "empty@1", 0.0)
        if text != document.text:
            document = document._replace(text=text, readings=moved)
        return Kept(document, lang, script, None if document.text == raw else raw, counts, measures)

    def _normalized(self, document: Document, lang: str) -> tuple[str, tuple[Reading, ...]]:
        chinese, japanese = lang in CHINESE, lang == "ja"
        if not document.readings:
            return self._normalizer.normalize_text(document.text, chinese=chinese, japanese=japanese), ()
        normalized = self._normalizer.normalize(document.text, chinese=chinese, japanese=japanese)
        same = normalized.text == document.text
        return normalized.text, () if same else move_readings(document.readings, normalized.raw_offsets)


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
