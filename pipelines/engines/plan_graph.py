"""The plan as elements: files are hashed wherever Beam sends them, and numbered where all of them come together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import pyarrow as pa
from apache_beam.pvalue import TaggedOutput

from hanmill.pipelines.build.build import write_plan
from hanmill.pipelines.build.input_hashes import InputHashes
from hanmill.pipelines.build.plan import FoundFiles, PlannedFiles, plan_files, plan_of
from hanmill.pipelines.sources.inputs import InputError
from hanmill.pipelines.sources.source import PlannedSplit
from hanmill.schemas.location import ObjectPath, location
from hanmill.schemas.recipe import Recipe, SourcesRecipe

SPLITS, INPUTS = "splits", "inputs"
#: Splits that travel together until they are spread.
_TOGETHER = 256


@dataclass(frozen=True, slots=True)
class FoundInputs:
    """INPUTS of the manifest, and the sources that have splits."""

    entries: pa.Table
    sources: frozenset[str]


class PlanFiles(beam.DoFn):
    """Hashes files and cuts them into splits; an object that an earlier build has hashed is not read again."""

    def __init__(self, settings: SourcesRecipe, output: str) -> None:
        self._settings = settings
        self._output = output

    def setup(self) -> None:
        """Reads what an earlier build has noted down."""
        self._known = InputHashes.read(location(self._output)).known

    def process(self, element: tuple[int, FoundFiles]) -> Iterator[tuple[int, tuple[int, PlannedFiles]]]:
        """Planned files under their place in the plan."""
        place, files = element
        hashes = InputHashes({name: self._known[name] for name in files.paths if name in self._known})
        if files.name:
            try:
                hashes.add(path for path in map(location, files.paths) if isinstance(path, ObjectPath))
            except OSError as error:
                raise InputError(f"{error.filename}: cannot be read: {error.strerror}") from error
        yield 0, (place, plan_files(files, self._settings, hashes))


def number_splits(
    element: tuple[int, Mapping[str, Iterable[Any]]], recipe: Recipe, output: str
) -> Iterator[tuple[int, tuple[PlannedSplit, ...]] | TaggedOutput[str, tuple[int, FoundInputs]]]:
    """Writes the plan; splits, some at a time, with the number of the first."""
    planned = [files for _, files in sorted(element[1]["files"], key=lambda pair: pair[0])]
    plan = plan_of(planned)
    known = {name: entry for files in planned for name, entry in files.known.items()}
    write_plan(recipe, plan, InputHashes(known), location(output))
    yield TaggedOutput(INPUTS, (0, FoundInputs(plan.entries, plan.sources)))
    for first in range(0, len(plan.splits), _TOGETHER):
        yield first, tuple(plan.splits[first : first + _TOGETHER])


def splits_of(element: tuple[int, tuple[PlannedSplit, ...]]) -> Iterator[tuple[int, PlannedSplit]]:
    """Splits with their numbers."""
    yield from enumerate(element[1], element[0])
