"""Annotate: documents into training rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import apache_beam as beam
import pyarrow as pa
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import AsList, PCollection

from hanmill.pipelines.annotate.pinyin.context import pinyin_annotator
from hanmill.pipelines.annotate.segmenters import Segmenters
from hanmill.pipelines.corpus.rows import RowBuilder
from hanmill.pipelines.text.characters import character_table
from hanmill.pipelines.transforms.batches import Batch
from hanmill.pipelines.transforms.count_vocabulary import NamedTable
from hanmill.pipelines.transforms.documents import documents_of
from hanmill.pipelines.transforms.read import COUNTERS
from hanmill.schemas.corpus import CORPUS
from hanmill.schemas.recipe import Recipe

#: CORPUS with the fingerprint of the document's cluster, which decides between training and validation.
ANNOTATED = CORPUS.append(pa.field("cluster", pa.binary(16), nullable=False))


class Annotate(beam.PTransform[PCollection[Batch], PCollection[Batch]]):
    """Batches of documents into batches of ANNOTATED, under the same keys: ids, words, readings, as the recipe says.

    ``tables`` are what ``CountVocabulary`` gives, or tables of an earlier corpus; every worker holds them.
    """

    def __init__(self, recipe: Recipe, tables: PCollection[NamedTable]) -> None:
        super().__init__()
        self._recipe = recipe
        self._tables = tables

    def expand(self, documents: PCollection[Batch]) -> PCollection[Batch]:
        """Wires documents to the annotators."""
        annotate = beam.ParDo(AnnotateBatch(self._recipe), AsList(self._tables)).with_output_types(Batch)
        rows: PCollection[Batch] = documents | "Annotate" >> annotate
        return rows


class AnnotateBatch(beam.DoFn):
    """Annotates one batch at a time."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._builder: RowBuilder | None = None

    def process(self, element: Batch, tables: Sequence[NamedTable]) -> Iterator[Batch]:
        """One batch of ANNOTATED."""
        if self._builder is None:
            self._builder = row_builder(self._recipe, dict(tables))
        key, batch = element
        documents = documents_of(batch)
        annotated = self._builder.build(documents)
        Metrics.counter(COUNTERS, "characters").inc(annotated.measures["characters"])
        (rows,) = annotated.table.combine_chunks().to_batches()
        clusters = pa.array([document.cluster for document in documents], pa.binary(16))
        yield key, pa.RecordBatch.from_arrays([*rows.columns, clusters], schema=ANNOTATED)


def row_builder(recipe: Recipe, tables: dict[str, pa.RecordBatch]) -> RowBuilder:
    """What annotates by a recipe and these tables."""
    words = {
        name.removeprefix("words."): dict(zip(table["word"].to_pylist(), table["id"].to_pylist(), strict=True))
        for name, table in tables.items()
        if name.startswith("words.")
    }
    return RowBuilder(
        character_table(tables["characters"]["codepoint"].to_numpy()),
        Segmenters(recipe.segment),
        pinyin_annotator(recipe.readings) if recipe.readings.pinyin else None,
        words,
        romaji=recipe.readings.romaji,
    )
