"""Verify: a corpus against its manifest, its schemas and its own invariants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hanmill.pipelines.text.characters import CODE_POINTS, WHITE_SPACE, code_points, tokenize
from hanmill.schemas.corpus import CHARACTERS, CORPUS, SYLLABLES, UNKNOWN_CHARACTER
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.location import Location, open_parquet, parquet_source, relative
from hanmill.schemas.manifest import Manifest, ManifestError, Shard


class CorpusError(HanmillError, ValueError):
    """The first thing that is off in a corpus."""


def verify(corpus: Location) -> Manifest:
    """Recomputes hashes, counts, length invariants and the accounting. Raises CorpusError or ManifestError.

    Holds the uid of every document, 16 bytes each while they are sorted.
    """
    manifest = Manifest.load(corpus)
    manifest.check_files(corpus)
    _check_accounting(manifest)
    _check_listing(corpus, manifest)
    codepoints = _check_characters(corpus)
    limits = {
        "char_ids": len(codepoints),
        "pinyin_ids": _rows(corpus, "syllables", SYLLABLES),
    }
    shards = [*manifest.train, *manifest.validation]
    _check_uids(corpus, shards, [_check_shard(corpus, shard, codepoints, limits) for shard in shards])
    return manifest


def _check_accounting(manifest: Manifest) -> None:
    manifest.accounting.check("all splits")
    for name, accounting in manifest.splits.items():
        accounting.check(name)
    rows = sum(shard.rows for shard in (*manifest.train, *manifest.validation))
    if rows != manifest.accounting.kept:
        raise ManifestError(f"documents kept by the accounting: {manifest.accounting.kept:,}; rows in shards: {rows:,}")
    for name in ("read", "kept"):
        total = sum(getattr(accounting, name) for accounting in manifest.splits.values())
        if total != getattr(manifest.accounting, name):
            raise ManifestError(
                f"records {name}: {getattr(manifest.accounting, name):,}; summed over splits: {total:,}"
            )


def _check_listing(corpus: Location, manifest: Manifest) -> None:
    listed = {shard.path for shard in (*manifest.train, *manifest.validation)}
    found = {relative(p, corpus) for part in ("train", "validation") for p in (corpus / part).glob("*.parquet")}
    if extra := sorted(found - listed):
        raise CorpusError(f"{corpus / extra[0]}: is there, but not in the manifest")


def _check_characters(corpus: Location) -> npt.NDArray[np.uint32]:
    _rows(corpus, "characters", CHARACTERS)
    table = pq.read_table(parquet_source(corpus / "tables" / "characters.parquet"))
    ids = table["id"].to_numpy()
    if not np.array_equal(ids, np.arange(len(ids))):
        raise CorpusError("tables/characters.parquet: ids do not run from 0 without gaps")
    representative, cluster = table["representative"].to_numpy(), table["cluster"].to_numpy()
    if len(wrong := np.flatnonzero(cluster[representative] != cluster)):
        name = table["character"][int(wrong[0])].as_py()
        raise CorpusError(f"tables/characters.parquet: {name!r} and its representative are in different clusters")
    codepoints: npt.NDArray[np.uint32] = table["codepoint"].to_numpy()
    return codepoints


def _rows(corpus: Location, name: str, schema: pa.Schema) -> int:
    path = corpus / "tables" / f"{name}.parquet"
    _check_schema(path, schema)
    return int(pq.read_metadata(parquet_source(path)).num_rows)


def _check_schema(path: Location, schema: pa.Schema) -> None:
    found = pq.read_schema(parquet_source(path))
    for field in schema:
        index = found.get_field_index(field.name)
        if index < 0 or found.field(index).type != field.type:
            kind = "missing" if index < 0 else str(found.field(index).type)
            raise CorpusError(f"{path}: column {field.name}: found {kind}, expected {field.type}")


def _check_uids(corpus: Location, shards: Sequence[Shard], uids: Sequence[npt.NDArray[np.uint64]]) -> None:
    """``uids``: of every shard."""
    ordered = np.sort(np.concatenate([np.zeros(0, np.uint64), *uids]))
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if len(twice):
        places = [shard.path for shard, own in zip(shards, uids, strict=True) for _ in range(np.sum(own == twice[0]))]
        raise CorpusError(f"{corpus / places[1]}: uid {twice[0]:016x} stands in the corpus twice")


def _check_shard(
    corpus: Location, shard: Shard, codepoints: npt.NDArray[Any], limits: dict[str, int]
) -> npt.NDArray[np.uint64]:
    """Returns the uids of the shard's documents."""
    path = corpus / shard.path
    _check_schema(path, CORPUS)
    file = open_parquet(path)
    if file.metadata.num_rows != shard.rows:
        raise CorpusError(f"{path}: rows in the manifest: {shard.rows:,}; in the file: {file.metadata.num_rows:,}")
    if file.metadata.num_row_groups != len(shard.row_groups) and shard.rows:
        raise CorpusError(
            f"{path}: row groups in the manifest: {len(shard.row_groups)}; in the file: {file.metadata.num_row_groups}"
        )
    characters = 0
    uids = [np.zeros(0, np.uint64)]
    for number, group in enumerate(shard.row_groups):
        table = file.read_row_group(number)
        found = pc.sum(pc.list_value_length(table["char_ids"])).as_py() or 0
        if (table.num_rows, found) != (group.rows, group.characters):
            raise CorpusError(
                f"{path} row group {number}: rows and characters in the manifest: {group.rows:,} and "
                f"{group.characters:,}; in the file: {table.num_rows:,} and {found:,}"
            )
        characters += found
        _check_rows(path, table, codepoints, limits)
        uids.append(table["uid"].to_numpy())
    if characters != shard.characters:
        raise CorpusError(f"{path}: characters in the manifest: {shard.characters:,}; in the file: {characters:,}")
    return np.concatenate(uids)


def _check_rows(path: Location, table: pa.Table, codepoints: npt.NDArray[Any], limits: dict[str, int]) -> None:
    """Every length and id of a row group, as arrays; only the first wrong row is looked at by itself."""

    def refuse(wrong: npt.NDArray[np.bool_], problem: str, *columns: Sequence[Any] | npt.NDArray[Any]) -> None:
        if len(rows := np.flatnonzero(wrong)):
            row = int(rows[0])
            where = f"{path} document {table['uid'][row].as_py():016x} {table['title'][row].as_py()!r}"
            raise CorpusError(f"{where}: {problem.format(*(column[row] for column in columns))}")

    ids, lengths = _flat(table["char_ids"])
    words = _flat(table["word_lens"])[1]
    texts = table["text"].to_pylist()
    in_text = np.diff(tokenize(texts, np.zeros(CODE_POINTS, np.uint16)).offsets)
    refuse(lengths != in_text, "char_ids: {:,}; characters of the text: {:,}", lengths, in_text)
    for name in ("sent_lens", "word_lens"):
        values, counts = _flat(table[name])
        row_of = np.repeat(np.arange(len(counts)), counts)
        sums = np.bincount(row_of, values, len(counts)).astype(np.int64)
        refuse(sums != lengths, f"sum of {name}: {{:,}}; char_ids: {{:,}}", sums, lengths)
        empty = np.bincount(row_of[values == 0], minlength=len(counts)) > 0
        refuse(empty, f"{name} holds a length of 0")
    for name, expected, unit in (
        ("pinyin_ids", lengths, "char_ids"),
        ("word_ids", words, "word_lens"),
        ("word_roman", words, "word_lens"),
    ):
        counts, present = _flat(table[name])[1], ~table[name].is_null().to_numpy()
        refuse(present & (counts != expected), f"{name}: {{:,}}; {unit}: {{:,}}", counts, expected)
    for name, limit in limits.items():
        values, counts = _flat(table[name])
        row_of = np.repeat(np.arange(len(counts)), counts)
        high = np.bincount(row_of[values >= limit], minlength=len(counts)) > 0
        highest = [max(row or [0]) for row in table[name].to_pylist()] if high.any() else []
        refuse(high, f"{name} holds {{}}; the table ends at {limit - 1}", highest)
    points = code_points("".join(texts))
    points = points[~WHITE_SPACE[points]]
    different = (ids != UNKNOWN_CHARACTER) & (codepoints[ids] != points)
    row_of = np.repeat(np.arange(len(lengths)), lengths)
    wrong = np.bincount(row_of[different], minlength=len(lengths)) > 0
    # The first character that differs, of every row that holds one.
    first = {int(row_of[place]): int(place) for place in np.flatnonzero(different)[::-1]}
    starts = np.cumsum(lengths) - lengths
    shown = [
        f"{first[row] - starts[row]}: id {ids[first[row]]} is {chr(codepoints[ids[first[row]]])!r}, the text has "
        f"{chr(points[first[row]])!r}"
        if row in first
        else ""
        for row in range(len(lengths))
    ]
    refuse(wrong, "character {}", shown)


def _flat(column: pa.ChunkedArray) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """All values of a list column one after the other, and the length of every row's list (0 for null)."""
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy().astype(np.int64)
    values = pc.list_flatten(column)
    numbers = pa.types.is_integer(values.type)
    return values.to_numpy() if numbers else np.zeros(0), lengths
