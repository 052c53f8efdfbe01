"""Verify: a corpus against its manifest, its schemas and its own invariants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.corpus import CHARACTERS, CORPUS, SYLLABLES, UNKNOWN_CHARACTER
from schemas.manifest import Manifest, ManifestError, Shard


class CorpusError(ValueError):
    """The first thing that is off in a corpus."""


def verify(corpus: Path) -> Manifest:
    """Recomputes hashes, counts, length invariants and the accounting. Raises CorpusError or ManifestError."""
    manifest = Manifest.load(corpus)
    manifest.check_files(corpus)
    _check_accounting(manifest)
    _check_listing(corpus, manifest)
    codepoints = _check_characters(corpus)
    limits = {
        "char_ids": len(codepoints),
        "pinyin_ids": _rows(corpus, "syllables", SYLLABLES),
    }
    uids: set[int] = set()
    for shard in (*manifest.train, *manifest.validation):
        _check_shard(corpus, shard, codepoints, limits, uids)
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


def _check_listing(corpus: Path, manifest: Manifest) -> None:
    listed = {shard.path for shard in (*manifest.train, *manifest.validation)}
    found = {str(p.relative_to(corpus)) for part in ("train", "validation") for p in (corpus / part).glob("*.parquet")}
    if extra := sorted(found - listed):
        raise CorpusError(f"{corpus / extra[0]}: is there, but not in the manifest")


def _check_characters(corpus: Path) -> np.ndarray:
    _rows(corpus, "characters", CHARACTERS)
    table = pq.read_table(corpus / "tables" / "characters.parquet")
    ids = table["id"].to_numpy()
    if not np.array_equal(ids, np.arange(len(ids))):
        raise CorpusError("tables/characters.parquet: ids do not run from 0 without gaps")
    representative, cluster = table["representative"].to_numpy(), table["cluster"].to_numpy()
    if len(wrong := np.flatnonzero(cluster[representative] != cluster)):
        name = table["character"][int(wrong[0])].as_py()
        raise CorpusError(f"tables/characters.parquet: {name!r} and its representative are in different clusters")
    return table["codepoint"].to_numpy()


def _rows(corpus: Path, name: str, schema: pa.Schema) -> int:
    path = corpus / "tables" / f"{name}.parquet"
    _check_schema(path, schema)
    return pq.read_metadata(path).num_rows


def _check_schema(path: Path, schema: pa.Schema) -> None:
    found = pq.read_schema(path)
    for field in schema:
        index = found.get_field_index(field.name)
        if index < 0 or found.field(index).type != field.type:
            kind = "missing" if index < 0 else str(found.field(index).type)
            raise CorpusError(f"{path}: column {field.name}: found {kind}, expected {field.type}")


def _check_shard(corpus: Path, shard: Shard, codepoints: np.ndarray, limits: dict[str, int], uids: set[int]) -> None:
    path = corpus / shard.path
    _check_schema(path, CORPUS)
    file = pq.ParquetFile(path)
    if file.metadata.num_rows != shard.rows:
        raise CorpusError(f"{path}: rows in the manifest: {shard.rows:,}; in the file: {file.metadata.num_rows:,}")
    if file.metadata.num_row_groups != len(shard.row_groups) and shard.rows:
        raise CorpusError(
            f"{path}: row groups in the manifest: {len(shard.row_groups)}; in the file: {file.metadata.num_row_groups}"
        )
    characters = 0
    for number, group in enumerate(shard.row_groups):
        table = file.read_row_group(number)
        found = pc.sum(pc.list_value_length(table["char_ids"])).as_py() or 0
        if (table.num_rows, found) != (group.rows, group.characters):
            raise CorpusError(
                f"{path} row group {number}: rows and characters in the manifest: {group.rows:,} and "
                f"{group.characters:,}; in the file: {table.num_rows:,} and {found:,}"
            )
        characters += found
        for row in table.to_pylist():
            _check_row(path, row, codepoints, limits)
            if row["uid"] in uids:
                raise CorpusError(f"{path}: uid {row['uid']:016x} stands in the corpus twice")
            uids.add(row["uid"])
    if characters != shard.characters:
        raise CorpusError(f"{path}: characters in the manifest: {shard.characters:,}; in the file: {characters:,}")


def _check_row(path: Path, row: dict[str, Any], codepoints: np.ndarray, limits: dict[str, int]) -> None:
    where = f"{path} document {row['uid']:016x} {row['title']!r}"
    written = [ord(character) for character in row["text"] if not character.isspace()]
    ids = np.array(row["char_ids"], np.int64)
    if len(ids) != len(written):
        raise CorpusError(f"{where}: char_ids: {len(ids):,}; characters of the text: {len(written):,}")
    for name in ("sent_lens", "word_lens"):
        if sum(row[name]) != len(ids):
            raise CorpusError(f"{where}: sum of {name}: {sum(row[name]):,}; char_ids: {len(ids):,}")
        if 0 in row[name]:
            raise CorpusError(f"{where}: {name} holds a length of 0")
    if row["pinyin_ids"] is not None and len(row["pinyin_ids"]) != len(ids):
        raise CorpusError(f"{where}: pinyin_ids: {len(row['pinyin_ids']):,}; char_ids: {len(ids):,}")
    for name in ("word_ids", "word_roman"):
        if row[name] is not None and len(row[name]) != len(row["word_lens"]):
            raise CorpusError(f"{where}: {name}: {len(row[name]):,}; word_lens: {len(row['word_lens']):,}")
    for name, limit in limits.items():
        if row[name] and max(row[name]) >= limit:
            raise CorpusError(f"{where}: {name} holds {max(row[name])}; the table ends at {limit - 1}")
    known = ids != UNKNOWN_CHARACTER
    if len(wrong := np.flatnonzero(codepoints[ids[known]] != np.array(written, np.int64)[known])):
        position = int(np.flatnonzero(known)[wrong[0]])
        raise CorpusError(
            f"{where}: character {position}: id {ids[position]} is {chr(codepoints[ids[position]])!r}, "
            f"the text has {chr(written[position])!r}"
        )
