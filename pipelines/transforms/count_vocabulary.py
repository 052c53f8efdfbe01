"""CountVocabulary: the tables of a corpus, from counts of its documents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import apache_beam as beam
import pyarrow as pa
from apache_beam.pvalue import AsList, PCollection
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.timestamp import MIN_TIMESTAMP
from apache_beam.utils.windowed_value import WindowedValue

from hanmill.pipelines.annotate.segmenters import Segmenters
from hanmill.pipelines.corpus.tables import make_tables
from hanmill.pipelines.dedup.partitions import partition_places
from hanmill.pipelines.text.characters import count_characters
from hanmill.pipelines.transforms.batches import Batch, RecordBatchCoder
from hanmill.pipelines.transforms.documents import documents_of
from hanmill.pipelines.transforms.grouping import Part
from hanmill.pipelines.vocabulary.characters import CHARACTER_COUNTS, add_character_counts, character_counts
from hanmill.pipelines.vocabulary.words import WORD_COUNTS, add_word_counts, commonest_words, word_counts, word_keys
from hanmill.schemas.recipe import Recipe

#: A table by its name in ``tables/``.
NamedTable = tuple[str, pa.RecordBatch]


class CountVocabulary(beam.PTransform[PCollection[Batch], PCollection[NamedTable]]):
    """Batches of documents into the few tables that ``Annotate`` looks things up in, as the recipe says.

    Characters are added up in one array; words by ``partitions`` of their hashes, of which each keeps its commonest.
    """

    def __init__(self, recipe: Recipe, partitions: int = 16) -> None:
        super().__init__()
        self._recipe = recipe
        self._partitions = partitions

    def expand(self, documents: PCollection[Batch]) -> PCollection[NamedTable]:
        """Wires counts of bundles to their sums to tables."""
        characters = (
            documents
            | "CountCharacters" >> beam.ParDo(_CountCharacters()).with_output_types(Part)
            | "AddCharacters" >> beam.CombinePerKey(AddCounts(CHARACTER_COUNTS, add_character_counts))
            | "Characters" >> beam.Values()
        )
        if self._recipe.vocabulary.words:
            words: Any = (
                documents
                | "CountWords" >> beam.ParDo(_CountWords(self._recipe, self._partitions)).with_output_types(Part)
                | "AddWords" >> beam.CombinePerKey(AddCounts(WORD_COUNTS, add_word_counts))
                | "Commonest" >> beam.Map(commonest, self._recipe.vocabulary.words).with_output_types(pa.RecordBatch)
            )
        else:
            words = documents.pipeline | "NoWords" >> beam.Create([], reshuffle=False)
        start = documents.pipeline | "Once" >> beam.Create([0], reshuffle=False)
        tables: PCollection[NamedTable] = start | "Tables" >> beam.FlatMap(
            _tables, AsList(characters), AsList(words), self._recipe
        ).with_output_types(NamedTable)
        return tables


class AddCounts(beam.CombineFn):
    """Sums counts that are record batches of a schema; what passes between machines is Arrow."""

    def __init__(self, schema: pa.Schema, add: Callable[[Iterable[pa.Table]], pa.Table]) -> None:
        self._schema = schema
        self._add = add

    def create_accumulator(self) -> pa.RecordBatch:
        """No count yet."""
        return pa.RecordBatch.from_pylist([], self._schema)

    def add_input(self, accumulator: pa.RecordBatch, element: pa.RecordBatch) -> pa.RecordBatch:
        """The sum of both."""
        return self.merge_accumulators([accumulator, element])

    def merge_accumulators(self, accumulators: Iterable[pa.RecordBatch]) -> pa.RecordBatch:
        """The sum of all."""
        total = self._add(pa.Table.from_batches([batch], self._schema) for batch in accumulators)
        return (total.combine_chunks().to_batches() or [self.create_accumulator()])[0]

    def extract_output(self, accumulator: pa.RecordBatch) -> pa.RecordBatch:
        """The sum."""
        return accumulator

    def get_accumulator_coder(self) -> RecordBatchCoder:
        """Arrow, where Beam would pickle."""
        return RecordBatchCoder()


class _Counting(beam.DoFn):
    """Counts a bundle and hands its counts on at its end."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[Any]] = defaultdict(Counter)

    def start_bundle(self) -> None:
        self._counts = defaultdict(Counter)

    def finish_bundle(self) -> Iterator[WindowedValue]:
        for part in self.parts(self._counts):
            yield WindowedValue(part, MIN_TIMESTAMP, (GlobalWindow(),))

    def parts(self, counts: dict[str, Counter[Any]]) -> Iterator[Part]:
        raise NotImplementedError


class _CountCharacters(_Counting):
    def process(self, element: Batch) -> None:
        for document in documents_of(element[1]):
            found, counts = count_characters([document.text])
            self._counts[document.lang].update(dict(zip(found.tolist(), counts.tolist(), strict=True)))

    def parts(self, counts: dict[str, Counter[Any]]) -> Iterator[Part]:
        for batch in character_counts(counts).combine_chunks().to_batches():
            yield 0, batch


class _CountWords(_Counting):
    def __init__(self, recipe: Recipe, partitions: int) -> None:
        super().__init__()
        self._recipe = recipe
        self._partitions = partitions

    def setup(self) -> None:
        self._segmenters = Segmenters(self._recipe.segment)

    def process(self, element: Batch) -> None:
        documents = documents_of(element[1])
        languages = [document.lang for document in documents]
        cut = self._segmenters.cut([d.text for d in documents], languages, [d.readings for d in documents])
        for language, words in zip(languages, cut, strict=True):
            self._counts[language].update(words.surfaces)

    def parts(self, counts: dict[str, Counter[Any]]) -> Iterator[Part]:
        table = word_counts(counts)
        for number, places in enumerate(partition_places(word_keys(table), self._partitions)):
            for batch in table.take(pa.array(places)).combine_chunks().to_batches():
                yield number, batch


def commonest(part: Part, size: int) -> pa.RecordBatch:
    """The commonest words of one partition of WORD_COUNTS, enough for a table of ``size``."""
    found = commonest_words(pa.Table.from_batches([part[1]], WORD_COUNTS), size).combine_chunks()
    return (found.to_batches() or [pa.RecordBatch.from_pylist([], WORD_COUNTS)])[0]


def _tables(
    start: int, characters: list[pa.RecordBatch], words: list[pa.RecordBatch], recipe: Recipe
) -> Iterator[NamedTable]:
    counts = pa.Table.from_batches(characters, CHARACTER_COUNTS)
    found, versions = make_tables(counts, pa.Table.from_batches(words, WORD_COUNTS), recipe)
    for name, table in sorted(found.items()):
        metadata = {"hanmill.versions": repr(sorted(versions.items()))} | dict(table.schema.metadata or {})
        (batch,) = table.replace_schema_metadata(metadata).combine_chunks().to_batches() or [
            pa.RecordBatch.from_pylist([], table.schema)
        ]
        yield name, batch
