"""Steps of deduplication as Beam's own grouping: rows cross a shuffle as arrays under the number of their group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.pvalue import AsList, PCollection, TaggedOutput
from apache_beam.transforms.window import GlobalWindow
from apache_beam.typehints.native_type_compatibility import convert_to_beam_type
from apache_beam.utils.timestamp import MIN_TIMESTAMP
from apache_beam.utils.windowed_value import WindowedValue

from hanmill.pipelines.dedup.exchange import with_nodes
from hanmill.pipelines.dedup.lines import LINES, count_lines, line_batches
from hanmill.pipelines.dedup.repeats import too_often
from hanmill.pipelines.dedup.steps import (
    EDGES,
    NODES_OF_LINKS,
    ROWS_OF_KEYS,
    SIGNED_DOCUMENTS,
    Cut,
    Grouping,
    Step,
    scatter,
    schema_of,
    signed_cuts,
)
from hanmill.schemas.recipe import DeduplicateRecipe

_Value = TypeVar("_Value")
#: Rows of a collection under the number of their group.
Part = tuple[int, pa.RecordBatch]
Collections = Mapping[str, PCollection[Part]]
#: Counts of lines and passages under the number of their group, where they are counted.
COUNTED_LINES = "lines"
#: Documents that a worker collects before it cuts them: their rows are then arrays, not a few rows each.
_BUFFERED = 1 << 15


class RunSteps(beam.PTransform[Collections, Collections]):
    """Steps one behind the other, over collections by their names; gives those and what the steps add to them.

    ``grouping`` is a Grouping, or an AsSingleton of one where it is known only when the pipeline runs.
    """

    def __init__(self, steps: Sequence[Step], grouping: Any) -> None:
        super().__init__()
        self._steps = tuple(steps)
        self._grouping = grouping

    def expand(self, collections: Collections) -> Collections:
        """Wires each step to the collections that it reads."""
        found = dict(collections)
        for step in self._steps:
            title = step.name.capitalize()
            grouped = {name: found[name] for name in step.reads} | f"{title}Groups" >> beam.CoGroupByKey()
            named = [
                found[name]
                | f"{title}Whole{name}" >> beam.Map(_named, name).with_output_types(tuple[str, pa.RecordBatch])
                for name in step.whole
            ]
            whole = [AsList(named | f"{title}Whole" >> beam.Flatten())] if named else []
            made = grouped | title >> beam.ParDo(_RunStep(step), self._grouping, *whole).with_outputs(*step.writes)
            for name in step.writes:
                found[name] = typed(made[name], Part)
        return found


def in_one_place(value: _Value) -> tuple[int, _Value]:
    """A value under the only key of a group."""
    return 0, value


def typed(collection: PCollection[Any], kind: Any) -> PCollection[Any]:
    """A collection of which Beam is told what is in it (an output under a tag says nothing of that): no array is
    pickled, and keys have coders that are deterministic."""
    collection.element_type = convert_to_beam_type(kind)
    return collection


def _named(part: Part, name: str) -> tuple[str, pa.RecordBatch]:
    return name, part[1]


class _RunStep(beam.DoFn):
    def __init__(self, step: Step) -> None:
        self._step = step

    def process(
        self,
        element: tuple[int, Mapping[str, Iterable[pa.RecordBatch]]],
        grouping: Grouping,
        whole: Sequence[tuple[str, pa.RecordBatch]] = (),
    ) -> Iterator[TaggedOutput[str, Part]]:
        held = {name: list(batches) for name, batches in element[1].items()} | {name: [] for name in self._step.whole}
        for name, batch in whole:
            held[name].append(batch)
        group = {name: pa.Table.from_batches(batches, schema_of(name)) for name, batches in held.items()}
        yield from tagged(self._step.run(group, grouping))


def tagged(cuts: Iterable[Cut]) -> Iterator[TaggedOutput[str, Part]]:
    """Cuts as outputs by the name of their collection."""
    for name, number, batch in cuts:
        yield TaggedOutput(name, (number, batch))


class Scatter(beam.DoFn):
    """Documents into rows by key, links among them, and counts of their lines; many documents at a time.

    A subclass says what an element's SIGNATURES are, and the node of the first of them.
    """

    def __init__(self) -> None:
        self._grouping: Grouping | None = None

    def signatures(self, element: Any) -> tuple[pa.Table, int]:
        """SIGNATURES of an element, and the node of the first."""
        raise NotImplementedError

    def start_bundle(self) -> None:
        """Nothing is held yet."""
        self._tables: list[pa.Table] = []
        self._lines: list[Any] = []
        self._held = 0

    def process(self, element: Any, grouping: Grouping | None) -> Iterator[TaggedOutput[str, Part]]:
        """Cuts when enough documents are there; where ``grouping`` is None nothing is asked for."""
        if grouping is None:
            return
        self._grouping = grouping
        table, first = self.signatures(element)
        self._tables.append(with_nodes(table, np.uint64(first)))
        if grouping.settings.counts_repeats:
            self._lines.append(table["lines"].combine_chunks().flatten().to_numpy())
        self._held += table.num_rows
        if self._held >= _BUFFERED:
            yield from self._flush()

    def finish_bundle(self) -> Iterator[TaggedOutput[str, Any]]:
        """Cuts what is left."""
        for output in self._flush():
            yield TaggedOutput(output.tag, WindowedValue(output.value, MIN_TIMESTAMP, (GlobalWindow(),)))

    def _flush(self) -> Iterator[TaggedOutput[str, Part]]:
        if not self._tables or self._grouping is None:
            return
        tables, lines, grouping = pa.concat_tables(self._tables), self._lines, self._grouping
        self.start_bundle()
        if grouping.settings.counts_repeats:
            hashes = np.concatenate(lines)
            counts = count_lines(hashes, np.ones(len(hashes), np.uint32))
            for number, batch in enumerate(line_batches(counts, grouping.keys)):
                if batch.num_rows:
                    yield TaggedOutput(COUNTED_LINES, (number, batch))
        yield from tagged(scatter(tables, grouping))
        yield from tagged(signed_cuts(tables, grouping))


def scattered(elements: PCollection[Any], cut: Scatter, grouping: Any) -> dict[str, PCollection[Part]]:
    """What ``cut`` makes of elements, by collection."""
    names = (ROWS_OF_KEYS, SIGNED_DOCUMENTS, EDGES, NODES_OF_LINKS, COUNTED_LINES)
    outputs = elements | "Scatter" >> beam.ParDo(cut, grouping).with_outputs(*names)
    return {name: typed(outputs[name], Part) for name in names}


def repeated_lines(part: tuple[int, Iterable[pa.RecordBatch]], settings: DeduplicateRecipe) -> Iterator[pa.RecordBatch]:
    """LINES of one group that stand in too many documents."""
    table = pa.Table.from_batches(list(part[1]), LINES)
    counts = count_lines(table["key"].to_numpy(), table["count"].to_numpy())
    yield from too_often(counts, settings).combine_chunks().to_batches()
