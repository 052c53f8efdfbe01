"""Garbage: the shards of a corpus that its manifest, and the next build from the same recipe, can do without."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from hanmill.pipelines.corpus.atomic import write_text
from hanmill.pipelines.dedup.steps import LABEL_STEPS, LINK, component_steps
from hanmill.schemas.location import Location, relative
from hanmill.schemas.manifest import MANIFEST_NAME, ManifestError

NEEDED_NAME = "shards.json"
#: Folders of what one stage leaves for another alone.
SCRATCH = (
    "lines",
    "repeated",
    "rows",
    "listed",
    *sorted({name for step in (LINK, *component_steps(), *LABEL_STEPS) for name in step.writes}),
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


def write_needed(corpus: Location, manifest: str, shards: Iterable[Location]) -> None:
    """Writes ``shards.json``: the shards behind a manifest, whose text is hashed in to tell which one."""
    found = sorted({relative(path, corpus) for path in shards})
    entry = {"manifest": _digest(manifest), "shards": found}
    write_text(corpus / NEEDED_NAME, json.dumps(entry, indent=0) + "\n")


def needed(corpus: Location, command: str) -> set[Location]:
    """The shards that the finished build has written or read; ``command`` is who wants to know.

    Raises ManifestError where the last build did not finish.
    """
    try:
        manifest = (corpus / MANIFEST_NAME).read_text(encoding="utf-8")
        entry = json.loads((corpus / NEEDED_NAME).read_text(encoding="utf-8"))
    except OSError as error:
        raise ManifestError(f"{error.filename}: not found: {command} needs a finished corpus") from error
    if entry["manifest"] != _digest(manifest):
        raise ManifestError(f"{corpus}: {NEEDED_NAME} and {MANIFEST_NAME} are of two builds: finish the last one first")
    return {corpus / name for name in entry["shards"]}


def garbage(corpus: Location) -> list[Location]:
    """Shards that no stage of the finished build has written or read, sorted.

    Raises ManifestError where the last build did not come to its end: what it has done so far is no garbage.
    """
    kept = needed(corpus, "gc")
    return sorted(path for name in _FOLDERS for path in (corpus / name).glob("*") if path not in kept)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
