"""Readers: a source's files into batches of records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PBegin, PCollection

from hanmill.pipelines.annotate.segmenters import cutter
from hanmill.pipelines.corpus.ingest import BATCH_CHARACTERS, BATCH_DOCUMENTS, read_records
from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.extract.forms import Extractor
from hanmill.pipelines.sources.inputs import InputError, input_files
from hanmill.pipelines.sources.recognise import mismatch
from hanmill.pipelines.sources.records import Split
from hanmill.pipelines.sources.registry import SOURCES
from hanmill.pipelines.transforms.batches import Batch
from hanmill.pipelines.transforms.records import Outcome, records_batch
from hanmill.schemas.location import location
from hanmill.schemas.recipe import CommonCrawlRecipe, SegmentRecipe, SourcesRecipe, WikipediaRecipe

COUNTERS = "hanmill"


class ReadSource(beam.PTransform[PBegin, PCollection[Batch]]):
    """Files of a source by its name, ``patterns`` being globs, folders, ``s3://…`` or ``gs://…``, into RECORDS.

    Files are looked for and cut into splits when the pipeline runs; a split is read by one worker, a record belongs to
    the split in which it begins. Raises InputError, on a worker, where a pattern stands for no file.
    """

    def __init__(self, source: str, *patterns: str, settings: SourcesRecipe | None = None) -> None:
        super().__init__()
        if source not in SOURCES:
            raise InputError(f"source found: {source!r}; expected one of {', '.join(sorted(SOURCES))}")
        self._source = source
        self._patterns = patterns
        self._settings = settings or SourcesRecipe()

    def expand(self, begin: PBegin) -> PCollection[Batch]:
        """Wires patterns to splits to records."""
        splits = (
            begin
            | "Patterns" >> beam.Create([self._patterns])
            | "Files" >> beam.FlatMap(files_to_split, self._source).with_output_types(tuple[str, ...])
            | "SpreadFiles" >> beam.Reshuffle()
            | "Splits" >> beam.FlatMap(splits_of, self._source, self._settings)
            | "SpreadSplits" >> beam.Reshuffle()
        )
        batches: PCollection[Batch] = splits | "Read" >> beam.ParDo(ReadSplit(self._settings)).with_output_types(Batch)
        return batches


class ReadWikipedia(ReadSource):
    """Pages of Wikipedia dumps."""

    def __init__(self, *patterns: str, settings: WikipediaRecipe | None = None, split_bytes: int = 4 << 20) -> None:
        recipe = SourcesRecipe(wikipedia=settings or WikipediaRecipe(), split_bytes=split_bytes)
        super().__init__("wikipedia", *patterns, settings=recipe)


class ReadCommonCrawl(ReadSource):
    """Pages of WARC, WET and ARC files."""

    def __init__(self, *patterns: str, settings: CommonCrawlRecipe | None = None, split_bytes: int = 4 << 20) -> None:
        recipe = SourcesRecipe(commoncrawl=settings or CommonCrawlRecipe(), split_bytes=split_bytes)
        super().__init__("commoncrawl", *patterns, settings=recipe)


def files_to_split(patterns: Sequence[str], source: str) -> Iterator[tuple[str, ...]]:
    """The files that are cut into splits together: each by itself, or all of them where a source wants that."""
    found = sorted(str(path) for _, _, path in input_files([(source, pattern) for pattern in patterns]))
    if SOURCES[source].split_all:
        yield tuple(found)
    else:
        yield from ((path,) for path in found)


def splits_of(paths: Sequence[str], source: str, settings: SourcesRecipe) -> Iterator[Split]:
    """The splits of files. Raises InputError where a file is of another kind than its source's."""
    chosen = SOURCES[source]
    if chosen.split_all:
        _, planned = chosen.split_all(
            [location(path) for path in paths], chosen.settings(settings), settings.split_bytes
        )
        yield from (one.split for one in planned)
        return
    for path in paths:
        if wrong := mismatch(chosen, location(path)):
            raise InputError(f"{path}: {wrong}")
        if chosen.split:
            yield from chosen.split(path, settings.split_bytes, chosen.settings(settings))


class ReadSplit(beam.DoFn):
    """The records of splits, extracted, a batch at a time."""

    def __init__(self, settings: SourcesRecipe) -> None:
        self._settings = settings

    def process(self, split: Split) -> Iterator[Batch]:
        """Batches of RECORDS."""
        records = Extractor(self._settings, cutter(SegmentRecipe())).documents(read_records(split, self._settings))
        name = f"{split.path}:{split.start}-{split.end}"
        for number, outcomes in enumerate(batched(records)):
            for kind, count in Counter(type(outcome).__name__ for outcome in outcomes).items():
                Metrics.counter(COUNTERS, f"read/{kind.lower()}").inc(count)
            yield (name, number), records_batch(outcomes)


def batched(records: Iterator[Outcome]) -> Iterator[list[Outcome]]:
    """Outcomes up to a batch: BATCH_DOCUMENTS of them, or BATCH_CHARACTERS of text."""
    batch: list[Outcome] = []
    characters = 0
    for outcome in records:
        batch.append(outcome)
        characters += len(outcome.text) if isinstance(outcome, Document) else 0
        if len(batch) == BATCH_DOCUMENTS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
