"""Clean: records into documents that are kept, and what was dropped or failed with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection, TaggedOutput

from hanmill.pipelines.clean.batch import Kept
from hanmill.pipelines.corpus.ingest import Ingest
from hanmill.pipelines.corpus.outcome_rows import documents_table, refused_row
from hanmill.pipelines.corpus.shards import with_dictionaries
from hanmill.pipelines.corpus.word_cutter import word_cutter
from hanmill.pipelines.dedup.partitions import as_batch
from hanmill.pipelines.sources.records import Dropped
from hanmill.pipelines.transforms.batches import Batch, batch_of
from hanmill.pipelines.transforms.read import COUNTERS
from hanmill.pipelines.transforms.records import DROPPED as DROPPED_TAG
from hanmill.pipelines.transforms.records import FAILED as FAILED_TAG
from hanmill.pipelines.transforms.records import outcomes_of
from hanmill.schemas.corpus import DOCUMENTS, DROPPED
from hanmill.schemas.recipe import Recipe


class Cleaned(NamedTuple):
    """``kept`` are batches of DOCUMENTS, ``dropped`` and ``failed`` of DROPPED; all under the keys of their records."""

    kept: PCollection[Batch]
    dropped: PCollection[Batch]
    failed: PCollection[Batch]


class Clean(beam.PTransform[PCollection[Batch], Cleaned]):
    """Language, rules, masks, evaluation items and normalisation by a recipe, over batches of RECORDS.

    Every record comes out once. ``sources`` and everything behind ``clean`` and ``normalize`` in the recipe is not
    looked at. Raises what is wrong with a rule or a file when the pipeline is made.
    """

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        Ingest(recipe)
        self._recipe = recipe

    def expand(self, records: PCollection[Batch]) -> Cleaned:
        """Wires records to their outcomes."""
        outcomes = records | beam.ParDo(CleanBatch(self._recipe)).with_outputs(DROPPED_TAG, FAILED_TAG, main="kept")
        found = (outcomes["kept"], outcomes[DROPPED_TAG], outcomes[FAILED_TAG])
        for collection in found:
            collection.element_type = Batch
        return Cleaned(*found)


class CleanBatch(beam.DoFn):
    """Cleans one batch at a time; counters mirror the accounting and are not it."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe

    def setup(self) -> None:
        """Loads the language model, OpenCC and word lists."""
        self._ingest = Ingest(self._recipe, word_cutter(self._recipe))

    def process(self, element: Batch) -> Iterator[Batch | TaggedOutput[str, Batch]]:
        """At most one batch of each outcome."""
        key, batch = element
        kept: list[Kept] = []
        refused: dict[str, list[dict[str, Any]]] = {DROPPED_TAG: [], FAILED_TAG: []}
        for outcome in self._ingest.judged(outcomes_of(batch)):
            if isinstance(outcome, Kept):
                kept.append(outcome)
                Metrics.counter(COUNTERS, "kept").inc()
            else:
                tag = DROPPED_TAG if isinstance(outcome, Dropped) else FAILED_TAG
                row = refused_row(outcome, text=self._recipe.output.dropped_text)
                refused[tag].append(row)
                Metrics.counter(COUNTERS, f"{tag}/{row['rule']}").inc()
        if kept:
            yield key, as_batch(with_dictionaries(documents_table(kept), DOCUMENTS))
        for tag, rows in refused.items():
            if rows:
                yield TaggedOutput(tag, (key, batch_of(rows, DROPPED)))
