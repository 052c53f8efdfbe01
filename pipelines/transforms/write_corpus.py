"""WriteCorpus: annotated rows into a corpus that ``hanmill verify`` and the trainer read."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.pvalue import AsList, PCollection

from hanmill.pipelines import __version__
from hanmill.pipelines.corpus.atomic import write_files
from hanmill.pipelines.corpus.shards import ShardWriter, write_table
from hanmill.pipelines.corpus.splits import is_validation
from hanmill.pipelines.transforms.annotate import ANNOTATED
from hanmill.pipelines.transforms.batches import Batch
from hanmill.pipelines.transforms.count_vocabulary import NamedTable
from hanmill.schemas.corpus import CORPUS, SCHEMA_VERSION
from hanmill.schemas.hashing import file_sha256, settings_hash
from hanmill.schemas.location import Location, location
from hanmill.schemas.manifest import MANIFEST_NAME, Accounting, Manifest, RowGroup, Shard, TableFile
from hanmill.schemas.recipe import Recipe
from hanmill.schemas.recipe_paths import without_folders
from hanmill.schemas.sentence_lengths import lengths_to_json, measure_lengths

_PARTS = ("train", "validation")


@dataclass(frozen=True, slots=True)
class WrittenSplit:
    """The shards of one split, by part, with the number of its rows."""

    name: str
    shards: tuple[Shard, Shard]

    @property
    def rows(self) -> int:
        """Rows to train and to validate on."""
        return sum(shard.rows for shard in self.shards)


class WriteCorpus(beam.PTransform[PCollection[Batch], PCollection[str]]):
    """Batches of ANNOTATED into ``path``: a shard a split, the tables, and the manifest; yields the manifest's place.

    ``refused`` are the collections of dropped and failed records that the corpus's accounting is to know of. Rows of a
    split come together by a shuffle; a build by ``hanmill build`` shuffles no text and goes on where it was stopped.
    Files are written whole under names that their rows decide, so a bundle may be tried again.
    """

    def __init__(
        self,
        path: str,
        recipe: Recipe,
        tables: PCollection[NamedTable],
        refused: Sequence[PCollection[Batch]] = (),
    ) -> None:
        super().__init__()
        self._path = path
        self._recipe = recipe
        self._tables = tables
        self._refused = tuple(refused)

    def expand(self, rows: PCollection[Batch]) -> PCollection[str]:
        """Wires rows to shards, and all shards to the manifest."""
        shards = (
            rows
            | "BySplit" >> beam.Map(_by_split).with_output_types(tuple[str, Batch])
            | beam.GroupByKey()
            | "Shards" >> beam.Map(write_split, self._path, self._recipe).with_output_types(WrittenSplit)
        )
        files = self._tables | "Tables" >> beam.Map(_write_named, self._path)
        counts = [
            refused | f"Refused{number}" >> beam.Map(_count).with_output_types(tuple[str, dict[str, int]])
            for number, refused in enumerate(self._refused)
        ]
        nothing = rows.pipeline | "Nothing" >> beam.Create([], reshuffle=False)
        refusals = [*counts, nothing] | "Refusals" >> beam.Flatten()
        start = rows.pipeline | "Start" >> beam.Create([self._path], reshuffle=False)
        manifest: PCollection[str] = start | "Manifest" >> beam.Map(
            write_manifest, self._recipe, AsList(shards), AsList(files), AsList(refusals)
        )
        return manifest


def write_split(element: tuple[str, Iterable[Batch]], path: str, recipe: Recipe) -> WrittenSplit:
    """Writes a shard to train on and one to validate on."""
    name, batches = element
    ordered = [batch for _, batch in sorted(batches, key=lambda batch: batch[0])]
    table = pa.Table.from_batches(ordered, ANNOTATED).unify_dictionaries()
    share = recipe.output.validation_share
    held = np.array([is_validation(cluster, share) for cluster in table["cluster"].to_pylist()], bool)
    parts = [table.filter(pa.array(chosen)).drop_columns(["cluster"]) for chosen in (~held, held)]
    stem = hashlib.sha256(name.encode()).hexdigest()[:16]
    train, validation = (
        _write_shard(location(path), f"{part}/part-{stem}.parquet", rows, recipe)
        for part, rows in zip(_PARTS, parts, strict=True)
    )
    return WrittenSplit(name, (train, validation))


def _write_shard(corpus: Location, name: str, rows: pa.Table, recipe: Recipe) -> Shard:
    size = recipe.output.row_group_rows
    groups, lengths = [], []
    with ShardWriter(corpus / name, CORPUS, size) as shard:
        for start in range(0, rows.num_rows, size):
            group = rows.slice(start, size)
            shard.write_row_group(group)
            characters = sum(map(len, group["char_ids"].to_pylist()))
            groups.append(RowGroup(group.num_rows, characters))
            lengths.append(lengths_to_json(measure_lengths(group)))
        shard.metadata.update(
            row_groups=[{"rows": group.rows, "characters": group.characters} for group in groups], lengths=lengths
        )
    characters = sum(group.characters for group in groups)
    return Shard(name, file_sha256(corpus / name), rows.num_rows, characters, tuple(groups))


def write_manifest(
    path: str,
    recipe: Recipe,
    splits: Sequence[WrittenSplit],
    tables: Sequence[tuple[str, TableFile]],
    refusals: Sequence[tuple[str, dict[str, int]]],
) -> str:
    """Writes the manifest; what deduplication has left out is not counted as read. Returns its place."""
    splits = sorted(splits, key=lambda split: split.name)
    refused: dict[str, Counter[str]] = {split.name: Counter() for split in splits}
    for name, counts in refusals:
        refused.setdefault(name, Counter()).update(counts)
    rows = {split.name: split.rows for split in splits}
    accounts = {}
    for name, counts in sorted(refused.items()):
        by_outcome: dict[str, dict[str, int]] = {"dropped": {}, "failed": {}}
        for entry, count in sorted(counts.items()):
            outcome, _, rule = entry.partition("/")
            by_outcome[outcome][rule] = count
        kept = rows.get(name, 0)
        accounts[name] = Accounting(kept + sum(counts.values()), kept, by_outcome["dropped"], by_outcome["failed"])
    total = Accounting(0, 0, {}, {})
    for account in accounts.values():
        total += account
    value = without_folders(recipe)
    train, validation = (tuple(split.shards[place] for split in splits) for place in (0, 1))
    characters = sum(shard.characters for shard in (*train, *validation))
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        hanmill_version=__version__,
        recipe=value,
        recipe_sha256=settings_hash(value),
        inputs=(),
        resources={},
        tables=dict(sorted(tables)),
        train=train,
        validation=validation,
        accounting=total,
        splits=accounts,
        measures={"characters": characters},
    )
    write_files(location(path), manifest.files())
    return str(location(path) / MANIFEST_NAME)


def _by_split(element: Batch) -> tuple[str, Batch]:
    return element[0][0], element


def _write_named(table: NamedTable, path: str) -> tuple[str, TableFile]:
    name, batch = table
    place = location(path) / "tables" / f"{name}.parquet"
    write_table(place, pa.Table.from_batches([batch]))
    return name, TableFile(f"tables/{name}.parquet", file_sha256(place), batch.num_rows)


def _count(element: Batch) -> tuple[str, dict[str, int]]:
    (split, _), batch = element
    outcomes = zip(batch["outcome"].to_pylist(), batch["rule"].to_pylist(), strict=True)
    return split, dict(Counter(f"{outcome}/{rule}" for outcome, rule in outcomes))
