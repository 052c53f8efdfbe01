"""Rows: typed Beam rows out of batches, and annotations of texts that somebody else has read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.coders import RowCoder
from apache_beam.coders.typecoders import registry
from apache_beam.pvalue import PCollection

from hanmill.pipelines.annotate.line_annotator import LineAnnotator
from hanmill.pipelines.clean.language import LanguageIdentifier
from hanmill.pipelines.clean.profile import profiles
from hanmill.pipelines.transforms.batches import Batch
from hanmill.schemas.recipe import Recipe
from hanmill.schemas.recipe_file import load_recipe


class DocumentRow(NamedTuple):
    """A document as a Beam row: what managed sinks, SQL and YAML take."""

    uid: str
    source: str
    lang: str
    script: str
    title: str
    url: str
    revision: str
    text: str


class AnnotatedText(NamedTuple):
    """A text with its annotations as a Beam row.

    ``characters`` are those of the normalised ``text`` that are not white space; ``clusters`` and ``pinyin`` have an
    entry for each (pinyin is empty where there is none). ``words`` have ``readings`` (katakana) and ``romaji``, empty
    outside Japanese.
    """

    text: str
    lang: str
    characters: list[str]
    clusters: list[str]
    pinyin: list[str]
    words: list[str]
    readings: list[str]
    romaji: list[str]


registry.register_coder(DocumentRow, RowCoder)
registry.register_coder(AnnotatedText, RowCoder)


class DocumentRows(beam.PTransform[PCollection[Batch], PCollection[DocumentRow]]):
    """Batches of documents into typed rows, one a document; ``uid`` is 16 hexadecimal digits."""

    def expand(self, documents: PCollection[Batch]) -> PCollection[DocumentRow]:
        """Wires batches to rows."""
        rows: PCollection[DocumentRow] = documents | beam.FlatMap(_document_rows).with_output_types(DocumentRow)
        return rows


class AnnotateRows(beam.PTransform[PCollection[str], PCollection[AnnotatedText]]):
    """Texts, or rows with a field ``text`` and perhaps ``lang``, into typed rows with words, pinyin and readings.

    A text without a language is given one by what is in it. Normalisation, segmentation and readings are the recipe's;
    as Beam YAML has only words to say it by, its name or the path of its file will do. Raises RecipeError.
    """

    def __init__(self, recipe: Recipe | str) -> None:
        super().__init__()
        self._recipe = load_recipe(recipe) if isinstance(recipe, str) else recipe

    def expand(self, texts: PCollection[Any]) -> PCollection[AnnotatedText]:
        """Wires texts, some at a time, to the annotators."""
        rows: PCollection[AnnotatedText] = (
            texts
            | "Batch" >> beam.BatchElements(min_batch_size=16, max_batch_size=512)
            | "Annotate" >> beam.ParDo(_AnnotateTexts(self._recipe)).with_output_types(AnnotatedText)
        )
        return rows


class _AnnotateTexts(beam.DoFn):
    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe

    def setup(self) -> None:
        self._annotator = LineAnnotator(self._recipe)
        self._identifier = LanguageIdentifier()

    def process(self, batch: list[Any]) -> Iterator[AnnotatedText]:
        texts = [item if isinstance(item, str) else item.text for item in batch]
        measured = self._identifier.identify(texts, profiles(texts))
        languages = [getattr(item, "lang", "") or found.lang for item, found in zip(batch, measured, strict=True)]
        for line in self._annotator.annotate(texts, languages):
            characters, words = line["chars"], line["words"]
            yield AnnotatedText(
                text=line["text"],
                lang=line["lang"],
                characters=[one["char"] for one in characters],
                clusters=[one["cluster"] for one in characters],
                pinyin=[one["pinyin"] or "" for one in characters],
                words=[word["word"] for word in words],
                readings=[word["reading"] or "" for word in words],
                romaji=[word["romaji"] or "" for word in words],
            )


def _document_rows(element: Batch) -> Iterator[DocumentRow]:
    for row in element[1].to_pylist():
        names = ("source", "lang", "script", "title", "url", "revision", "text")
        yield DocumentRow(f"{row['uid']:016x}", *(row[name] for name in names))
