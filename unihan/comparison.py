"""What splits and what merges between two cluster tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hanmill.unihan.clusters import ClusterTable
from hanmill.unihan.embedded import EMBEDDED_VERSION
from hanmill.unihan.errors import SourceError
from hanmill.unihan.graph import VariantGraph
from hanmill.unihan.sources import load_graph


@dataclass(frozen=True, slots=True)
class Change:
    """A cluster of one table and the parts it falls into in the other; a character unknown there is a part alone."""

    cluster: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """``split``: clusters of the first table that the second takes apart; ``merged``: the reverse."""

    split: tuple[Change, ...]
    merged: tuple[Change, ...]


def compare(first: ClusterTable, second: ClusterTable) -> Comparison:
    """Both lists run in the order of the table that holds the whole cluster."""
    return Comparison(_taken_apart(first, second), _taken_apart(second, first))


def _taken_apart(whole: ClusterTable, other: ClusterTable) -> tuple[Change, ...]:
    changes = []
    for cluster in whole.merges():
        parts: dict[str, list[str]] = {}
        for character in cluster:
            parts.setdefault(other.representative(character), []).append(character)
        if len(parts) > 1:
            changes.append(Change(cluster, tuple(map(tuple, parts.values()))))
    return tuple(changes)


def load_setting(text: str) -> VariantGraph:
    """The graph of one side of a comparison, ``FILE``, ``VERSION`` or sources, joined by ``+``.

    ``Unihan_Variants-12.0.0.txt.bz2`` and ``15.0.0`` stand for the four fields of UnihanLM in that file or in the
    embedded version; ``15.0.0+opencc``, ``default``, ``unihan:kZVariant+compatibility`` name sources. Raises
    SourceError.
    """
    if Path(text).is_file():
        return load_graph(["unihan"], unihan_file=Path(text))
    first, *rest = text.split("+")
    if Path(first).is_file():
        return load_graph(["unihan", *rest], unihan_file=Path(first))
    if first[:1].isdigit():
        if first not in (EMBEDDED_VERSION, EMBEDDED_VERSION.removesuffix(".0")):
            raise SourceError(
                f"{first}: neither a file nor the embedded version {EMBEDDED_VERSION}; "
                f"'hanmill unihan fetch {first}' gets a version to name by its path"
            )
        return load_graph(["unihan", *rest])
    if "." in first or "/" in first:
        raise SourceError(f"{first}: no such file")
    return load_graph([first, *rest])
