"""Clusters: the connected components of a variant graph over a vocabulary (UnihanLM, section 3.2)."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from hanmill.unihan.codepoints import notation
from hanmill.unihan.errors import SourceError, VocabularyError
from hanmill.unihan.graph import Edge, VariantGraph
from hanmill.unihan.ivs import IVS_SOURCE
from hanmill.unihan.union_find import UnionFind

Representative = Literal["first", "most_frequent"]


@dataclass(frozen=True, slots=True)
class Split:
    """What a cut or the size cap did to one cluster.

    ``before`` is the cluster as it would have been; ``parts`` what it became (one part where the removed edges were
    bypassed by others); ``removed`` the pairs that were not joined.
    """

    reason: Literal["cut", "cap"]
    before: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
    removed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ClusterTable:
    """Clusters numbered by their first member.

    ``members[i]`` is cluster ``i`` in vocabulary order (code-point order without a vocabulary), ``representatives[i]``
    the member that stands for it, ``cluster_of`` the number of each character. Numbers, members and representatives
    depend on the arguments of ``clusters`` alone.
    """

    members: tuple[tuple[str, ...], ...]
    representatives: tuple[str, ...]
    cluster_of: Mapping[str, int]
    splits: tuple[Split, ...]

    def representative(self, character: str) -> str:
        """What stands for ``character``: itself where it is in no cluster, as kana and punctuation are."""
        number = self.cluster_of.get(character)
        return character if number is None else self.representatives[number]

    def merges(self) -> tuple[tuple[str, ...], ...]:
        """The clusters of two members and more."""
        return tuple(cluster for cluster in self.members if len(cluster) > 1)

    def sizes(self) -> dict[int, int]:
        """Cluster size → number of clusters of that size, by rising size."""
        return dict(sorted(Counter(map(len, self.members)).items()))

    def largest(self, count: int) -> tuple[tuple[str, ...], ...]:
        """The largest clusters, largest first, then by number."""
        return tuple(sorted(self.members, key=len, reverse=True)[:count])

    def sha256(self) -> str:
        """64 hexadecimal digits over members and representatives: equal tables, equal digits."""
        rows = (
            "\t".join((stands, *cluster)) for stands, cluster in zip(self.representatives, self.members, strict=True)
        )
        return hashlib.sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()


def clusters(
    graph: VariantGraph,
    vocabulary: Sequence[str] | None = None,
    counts: Mapping[str, int] | None = None,
    representative: Representative = "first",
    *,
    cuts: Collection[tuple[str, str]] = (),
    max_size: int | None = None,
) -> ClusterTable:
    """Groups characters by union-find.

    With a ``vocabulary`` (any tokens, each once) an edge counts only where BOTH its ends are in it, and every token
    gets a cluster, alone if need be; without one, every character with an edge does. ``representative`` is the first
    member, or the one with the highest of ``counts`` (0 where absent, the first on a tie). ``cuts`` are pairs whose
    edges are removed.

    A cluster over ``max_size`` is built again, joining the pair that most sources state first (then by the order of the
    sources, then of the vocabulary) and leaving out each join that would pass the cap.

    Raises VocabularyError for a vocabulary with a repeat or missing counts, SourceError for a cut of no edge or a bad
    cap.
    """
    if representative not in get_args(Representative):
        raise SourceError(f"representative: found {representative!r}; expected first or most_frequent")
    if representative == "most_frequent" and counts is None:
        raise VocabularyError("representative most_frequent: no counts given")
    if max_size is not None and max_size < 1:
        raise SourceError(f"max_size: found {max_size}; expected 1 or more")
    items = graph.characters if vocabulary is None else tuple(vocabulary)
    order = _order(items)
    pairs = _pairs([*graph.edges, *graph.rule_edges(items)], order)
    cut = _cut_pairs(graph, cuts, order)

    kept = {pair: stated for pair, stated in pairs.items() if pair not in cut}
    groups = _components(len(items), kept)
    splits: list[Split] = []
    if cut:
        splits += _cut_report(items, _components(len(items), pairs), groups, cut & pairs.keys())
    if max_size is not None:
        capped: list[list[int]] = []
        for group in groups:
            if len(group) <= max_size:
                capped.append(group)
                continue
            parts, removed = _cap(group, kept, max_size, graph.sources)
            capped += parts
            splits.append(
                Split(
                    "cap",
                    _named(items, group),
                    tuple(_named(items, part) for part in parts),
                    _named_pairs(items, removed),
                )
            )
        groups = sorted(capped)

    members = tuple(_named(items, group) for group in groups)
    cluster_of = {character: number for number, cluster in enumerate(members) for character in cluster}
    representatives = tuple(
        cluster[0] if counts is None or representative == "first" else _most_frequent(cluster, counts)
        for cluster in members
    )
    return ClusterTable(members, representatives, MappingProxyType(cluster_of), tuple(splits))


def _order(items: tuple[str, ...]) -> dict[str, int]:
    order = {item: place for place, item in enumerate(items)}
    if len(order) != len(items):
        repeated, times = Counter(items).most_common(1)[0]
        raise VocabularyError(
            f"vocabulary: {len(items):,} tokens, {len(order):,} different; "
            f"{repeated!r} ({notation(repeated)}) stands {times} times"
        )
    return order


_Pairs = dict[tuple[int, int], set[str]]


def _pairs(edges: Iterable[Edge], order: Mapping[str, int]) -> _Pairs:
    pairs: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    for edge in edges:
        head, tail = order.get(edge.head), order.get(edge.tail)
        if head is not None and tail is not None:
            pairs[min(head, tail), max(head, tail)].add(edge.source)
    return dict(pairs)


def _components(count: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    sets = UnionFind(count)
    for first, second in pairs:
        sets.union(first, second)
    return _groups(sets, range(count))


def _groups(sets: UnionFind, items: Iterable[int]) -> list[list[int]]:
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for item in items:
        groups[sets.find(item)].append(item)
    return list(groups.values())


def _cut_pairs(
    graph: VariantGraph, cuts: Collection[tuple[str, str]], order: Mapping[str, int]
) -> set[tuple[int, int]]:
    stated = {edge.pair for edge in graph.edges}
    found = set()
    for first, second in cuts:
        pair = (first, second) if first < second else (second, first)
        if pair not in stated and not any(
            second in edge.pair for edge in graph.rule_edges((first, second)) if first != second
        ):
            raise SourceError(
                f"cut {first}-{second} ({notation(first)}, {notation(second)}): no source joins the two directly; "
                f"neighbours of {first}: {' '.join(_neighbours(graph, first)) or 'none'}"
            )
        if first in order and second in order:
            places = sorted((order[first], order[second]))
            found.add((places[0], places[1]))
    return found


def _neighbours(graph: VariantGraph, character: str) -> list[str]:
    return sorted({end for edge in graph.edges_of(character) for end in edge.pair} - {character})


def _cut_report(
    items: tuple[str, ...], before: list[list[int]], after: list[list[int]], cut: set[tuple[int, int]]
) -> list[Split]:
    part_of = {item: number for number, group in enumerate(after) for item in group}
    report = []
    for group in before:
        inside = set(group)
        removed = sorted(pair for pair in cut if pair[0] in inside)
        if removed:
            parts = [after[number] for number in dict.fromkeys(part_of[item] for item in group)]
            report.append(
                Split(
                    "cut",
                    _named(items, group),
                    tuple(_named(items, part) for part in parts),
                    _named_pairs(items, removed),
                )
            )
    return report


def _cap(
    group: list[int], pairs: _Pairs, max_size: int, sources: tuple[str, ...]
) -> tuple[list[list[int]], list[tuple[int, int]]]:
    rank = {source: place for place, source in enumerate((*sources, IVS_SOURCE))}
    place = {item: number for number, item in enumerate(group)}
    inside = [pair for pair in pairs if pair[0] in place]
    inside.sort(key=lambda pair: (-len(pairs[pair]), min(rank[source] for source in pairs[pair]), pair))
    sets = UnionFind(len(group))
    for first, second in inside:
        first, second = place[first], place[second]
        if sets.find(first) != sets.find(second) and sets.size(first) + sets.size(second) <= max_size:
            sets.union(first, second)
    parts = [[group[number] for number in part] for part in _groups(sets, range(len(group)))]
    removed = sorted(pair for pair in inside if sets.find(place[pair[0]]) != sets.find(place[pair[1]]))
    return parts, removed


def _named(items: tuple[str, ...], group: Iterable[int]) -> tuple[str, ...]:
    return tuple(items[place] for place in group)


def _named_pairs(items: tuple[str, ...], pairs: Iterable[tuple[int, int]]) -> tuple[tuple[str, str], ...]:
    return tuple((items[first], items[second]) for first, second in pairs)


def _most_frequent(cluster: tuple[str, ...], counts: Mapping[str, int]) -> str:
    return max(cluster, key=lambda character: counts.get(character, 0))
