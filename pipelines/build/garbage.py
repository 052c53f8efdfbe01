"""Garbage: the shards of a corpus that its manifest, and the next build from the same recipe, can do without."""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pyarrow.compute as pc

from hanmill.pipelines.corpus.atomic import write_files
from hanmill.pipelines.dedup.steps import BUCKETS, LABEL_STEPS, LINK, component_steps
from hanmill.schemas.location import Location
from hanmill.schemas.manifest import MANIFEST_NAME, ManifestError
from hanmill.schemas.shard_list import from_parquet, to_parquet

NEEDED_NAME = "needed.parquet"
_MANIFEST = "manifest"
#: Folders of what one stage leaves for another alone.
SCRATCH = (
    "lines",
    "repeated",
    "rows",
    "signed",
    "listed",
    *sorted({name for step in (BUCKETS, LINK, *component_steps(), *LABEL_STEPS) for name in step.writes}),
    "merged",
    "word_partitions",
    "commonest",
)
#: Folders that hold shards, and nothing that is not one.
_FOLDERS = (
    *SCRATCH,
    "documents",
    "dropped",
    "signatures",
    "duplicates",
    "counts",
    "word_counts",
    "words",
    "vocabulary",
    "train",
    "validation",
)


def write_needed(corpus: Location, manifest: bytes, shards: pa.ChunkedArray) -> None:
    """Writes ``needed.parquet``: the shards behind a manifest, relative to the corpus, whose content is hashed in to
    tell which one."""
    paths = pc.unique(shards)
    table = pa.table({"shard": paths.take(pc.sort_indices(paths))})
    write_files(corpus, {NEEDED_NAME: to_parquet(table.replace_schema_metadata({_MANIFEST: _digest(manifest)}))})


def needed(corpus: Location, command: str) -> set[Location]:
    """The shards that the finished build has written or read; ``command`` is who wants to know.

    Raises ManifestError where the last build did not finish.
    """
    try:
        manifest = (corpus / MANIFEST_NAME).read_bytes()
        table = from_parquet((corpus / NEEDED_NAME).read_bytes())
    except pa.ArrowInvalid as error:
        raise ManifestError(f"{corpus / NEEDED_NAME}: found no Parquet file ({error}): build again") from error
    except OSError as error:
        raise ManifestError(
            f"{error.filename}: not found: {command} needs a finished corpus, as hanmill build leaves it"
        ) from error
    if (table.schema.metadata or {}).get(_MANIFEST.encode()) != _digest(manifest).encode():
        raise ManifestError(f"{corpus}: {NEEDED_NAME} and {MANIFEST_NAME} are of two builds: finish the last one first")
    return {corpus / name for name in table["shard"].to_pylist()}


def garbage(corpus: Location) -> list[Location]:
    """Shards that no stage of the finished build has written or read, sorted.

    Raises ManifestError where the last build did not come to its end: what it has done so far is no garbage.
    """
    kept = needed(corpus, "gc")
    return sorted(path for name in _FOLDERS for path in (corpus / name).glob("*") if path not in kept)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
