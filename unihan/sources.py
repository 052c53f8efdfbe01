"""Named sources of variants, and the graph that is their union."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

from hanmill.unihan.bounded import read_bytes, sha256
from hanmill.unihan.compatibility import compatibility_pairs
from hanmill.unihan.embedded import embedded_bytes
from hanmill.unihan.errors import SourceError
from hanmill.unihan.graph import Edge, VariantGraph
from hanmill.unihan.ivs import IVS_SOURCE
from hanmill.unihan.opencc_relations import CONVERSIONS, parse_opencc_table
from hanmill.unihan.radicals import parse_radicals
from hanmill.unihan.user_table import parse_user_table
from hanmill.unihan.variants_file import UNIHANLM_FIELDS, UnihanVariants, parse_variants, read_variants

_UNIHAN, _OPENCC, _USER = "unihan:", "opencc:", "user:"
Pairs = tuple[str, Iterable[tuple[str, str]]]
COMPATIBILITY_SOURCE = "compatibility"
RADICALS_SOURCE = "radicals"
#: Files in ``data``, of the version that ``embedded`` names.
UNIHAN_VARIANTS = "Unihan_Variants-15.0.0.txt.bz2"
RADICALS = "EquivalentUnifiedIdeograph-15.0.0.txt.bz2"
OPENCC = "opencc-characters.tsv"

#: Short names for the sources that belong together.
GROUPS = MappingProxyType(
    {
        "unihan": tuple(_UNIHAN + field for field in UNIHANLM_FIELDS),
        "opencc": tuple(_OPENCC + conversion for conversion in CONVERSIONS),
    }
)
_FIELD = re.compile(rf"{_UNIHAN}(?P<field>k[A-Za-z0-9]*Variant)(?:-(?P<tag>k[A-Za-z0-9]+))?")
_ZVARIANTS_BEFORE_THE_LOSS = 1_000

#: What Lau's dictionary alone states is as often two words of one sound as one word (只 子, 寡 關, 燒 簫).
_SEMANTIC, _BUT_LAU = f"{_UNIHAN}kSemanticVariant", f"{_UNIHAN}kSemanticVariant-kLau"

#: For new corpora: the paper's four fields, but for what kLau alone states, and what Unihan lost in version 13.0 made
#: good by OpenCC.
DEFAULT_SOURCES = (
    *(_BUT_LAU if source == _SEMANTIC else source for source in GROUPS["unihan"]),
    *GROUPS["opencc"],
    COMPATIBILITY_SOURCE,
    RADICALS_SOURCE,
    IVS_SOURCE,
)


def expand_sources(names: Iterable[str]) -> tuple[str, ...]:
    """Replaces ``unihan``, ``opencc`` and ``default`` by what they stand for and drops repeats.

    >>> expand_sources(["unihan:kZVariant", "opencc"])[:3]
    ('unihan:kZVariant', 'opencc:jp2t', 'opencc:t2jp')
    """
    expanded: dict[str, None] = {}
    for name in map(str.strip, names):
        expanded.update(dict.fromkeys(DEFAULT_SOURCES if name == "default" else GROUPS.get(name, (name,))))
    for name in expanded:
        if name in SINGLE_SOURCES or name in GROUPS["opencc"] or (name.startswith(_USER) and name != _USER):
            continue
        if not _FIELD.fullmatch(name):
            raise SourceError(
                f"source {name!r} is not known; known: default, unihan, unihan:FIELD (such as unihan:kZVariant), "
                f"unihan:FIELD-TAG (without what TAG alone states, such as {_BUT_LAU}), "
                f"opencc, {', '.join(GROUPS['opencc'])}, {', '.join(SINGLE_SOURCES)}, user:PATH"
            )
    if not expanded:
        raise SourceError("no source given; a graph needs at least one, such as 'unihan'")
    return tuple(expanded)


def load_graph(
    sources: Sequence[str] = DEFAULT_SOURCES, *, unihan_file: Path | None = None, user_tsv: Path | None = None
) -> VariantGraph:
    """The union of ``sources``, in that order, each with its version.

    ``unihan_file`` (plain, gzip, bzip2, xz, or a Unihan.zip) replaces the embedded variants file. ``user_tsv`` adds the
    source ``user:PATH``. Raises SourceError for an unknown name, VariantFileError for a file that cannot be used.
    """
    if isinstance(sources, str):
        raise SourceError(f"sources: found the text {sources!r}; expected a list of names")
    names = expand_sources([*sources, *([f"{_USER}{user_tsv}"] if user_tsv is not None else [])])
    unihan = _unihan(unihan_file) if any(name.startswith(_UNIHAN) for name in names) else None
    if unihan_file is not None and unihan is None:
        raise SourceError(f"{unihan_file}: given, but no unihan: source among {', '.join(names)}")
    edges: list[Edge] = []
    versions: dict[str, str] = {}
    for name in names:
        recorded, version, found = _read_source(name, unihan)
        if recorded in versions:
            raise SourceError(f"{name}: two user tables with one file name; rename one")
        versions[recorded] = version
        edges += [edge for edge in found if edge.head != edge.tail]
    return VariantGraph(tuple(edges), tuple(versions), MappingProxyType(versions), unihan)


def version_warning(graph: VariantGraph) -> str | None:
    """What to tell a user whose graph parts Japanese from Chinese forms, None where it does not.

    Version 13.0 of Unihan removed 2,436 of 2,559 kZVariant entries, and with them most links of Japanese forms.
    """
    if graph.unihan is None or f"{_OPENCC}jp2t" in graph.sources or f"{_UNIHAN}kZVariant" not in graph.sources:
        return None
    count = graph.unihan.count(("kZVariant",))
    if count >= _ZVARIANTS_BEFORE_THE_LOSS:
        return None
    return (
        f"Unihan {graph.unihan.version} holds {count:,} kZVariant entries (12.0.0: 2,559): most Japanese forms "
        "are parted from the Chinese ones, as in 気/氣; add the source opencc, or take version 12.0.0"
    )


def _read_source(name: str, unihan: UnihanVariants | None) -> tuple[str, str, list[Edge]]:
    """(name in the graph, version, edges) of one source; a user table's folder is left out of its name."""
    if unihan is not None and name.startswith(_UNIHAN):
        return name, f"{unihan.version} sha256:{unihan.sha256}", _unihan_edges(unihan, name)
    if name.startswith(_OPENCC):
        version, relations = _opencc()
        return name, version, _edges(name, relations[name.removeprefix(_OPENCC)])
    if name.startswith(_USER):
        path = Path(name.removeprefix(_USER))
        data = read_bytes(path)
        name = f"{_USER}{path.name}"
        rows = parse_user_table(data, str(path))
        return name, f"sha256:{sha256(data)}", [Edge(head, tail, name, tags) for head, tail, tags in rows]
    version, pairs = SINGLE_SOURCES[name]()
    return name, version, _edges(name, pairs)


def _compatibility() -> Pairs:
    pairs = compatibility_pairs()
    listed = "".join(f"{head}\t{tail}\n" for head, tail in pairs)
    return f"UAX #15 sha256:{sha256(listed.encode())}", pairs


def _radicals() -> Pairs:
    data = embedded_bytes(RADICALS)
    version, pairs = parse_radicals(data, RADICALS)
    return f"{version} sha256:{sha256(data)}", pairs


def _ideographic_variants() -> Pairs:
    # Sequences are folded where text is read: they relate no two characters.
    return "UTS #37", ()


#: Sources of one name each: version, and pairs of characters. A new one is a function and a line here.
SINGLE_SOURCES: Mapping[str, Callable[[], Pairs]] = MappingProxyType(
    {
        COMPATIBILITY_SOURCE: _compatibility,
        RADICALS_SOURCE: _radicals,
        IVS_SOURCE: _ideographic_variants,
    }
)


def _edges(source: str, pairs: Iterable[tuple[str, str]]) -> list[Edge]:
    return [Edge(head, tail, source) for head, tail in pairs]


@cache
def _opencc() -> tuple[str, dict[str, list[tuple[str, str]]]]:
    data = embedded_bytes(OPENCC)
    version, relations = parse_opencc_table(data, OPENCC)
    return f"{version} sha256:{sha256(data)}", relations


def _unihan(path: Path | None) -> UnihanVariants:
    if path is not None:
        return read_variants(path)
    return parse_variants(embedded_bytes(UNIHAN_VARIANTS), UNIHAN_VARIANTS)


def _unihan_edges(unihan: UnihanVariants, source: str) -> list[Edge]:
    field, _, without = source.removeprefix(_UNIHAN).partition("-")
    found = [
        Edge(entry.character, target.character, source, target.tags)
        for entry in unihan.entries
        if entry.field == field
        for target in entry.targets
        if not without or {tag.partition(":")[0] for tag in target.tags} != {without}
    ]
    if not found:
        held = ", ".join(sorted({entry.field for entry in unihan.entries}))
        raise SourceError(f"{unihan.name} (version {unihan.version}): no {field} entry; fields held: {held}")
    return found
