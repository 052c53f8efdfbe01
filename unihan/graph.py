"""The variant graph: characters, and edges that remember who states them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from hanmill.unihan.ivs import IVS_SOURCE, base_character
from hanmill.unihan.variants_file import UnihanVariants


@dataclass(frozen=True, slots=True)
class Edge:
    """``source`` states that ``tail`` is a variant of ``head``; ``tags`` are the source's own references."""

    head: str
    tail: str
    source: str
    tags: tuple[str, ...] = ()

    @property
    def pair(self) -> tuple[str, str]:
        """Both ends in code-point order: clustering does not look at directions."""
        return (self.head, self.tail) if self.head < self.tail else (self.tail, self.head)


@dataclass(frozen=True)
class VariantGraph:
    """A union of named, versioned sources.

    ``versions`` maps each of ``sources`` to a version string with the SHA-256 of its data. ``unihan`` is the variants
    file behind the ``unihan:`` sources, None without one. Edges run in the order of ``sources``, then of the files;
    none joins a character to itself. The source ``ivs`` lists no edges: it is a rule that joins any ideographic
    variation sequence to its base.
    """

    edges: tuple[Edge, ...] = field(repr=False)
    sources: tuple[str, ...]
    versions: Mapping[str, str]
    unihan: UnihanVariants | None = None

    @cached_property
    def _incident(self) -> dict[str, list[Edge]]:
        incident: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            incident[edge.head].append(edge)
            incident[edge.tail].append(edge)
        return dict(incident)

    @property
    def characters(self) -> tuple[str, ...]:
        """Every character with an edge, in code-point order."""
        return tuple(sorted(self._incident))

    def edges_of(self, character: str) -> tuple[Edge, ...]:
        """The edges at one character, or at one ideographic variation sequence."""
        return (*self._incident.get(character, ()), *self.rule_edges((character,)))

    def rule_edges(self, sequences: Iterable[str]) -> tuple[Edge, ...]:
        """The edges that the ``ivs`` rule gives for ``sequences``; none without that source."""
        if IVS_SOURCE not in self.sources:
            return ()
        pairs = ((sequence, base_character(sequence)) for sequence in sequences)
        return tuple(Edge(sequence, base, IVS_SOURCE) for sequence, base in pairs if base != sequence)

    def component(self, character: str) -> tuple[str, ...]:
        """Every character that a path joins to ``character``, itself included, in code-point order."""
        seen = {character}
        waiting = [character]
        while waiting:
            for edge in self.edges_of(waiting.pop()):
                for end in (edge.head, edge.tail):
                    if end not in seen:
                        seen.add(end)
                        waiting.append(end)
        return tuple(sorted(seen))

    def edges_among(self, characters: Iterable[str]) -> tuple[Edge, ...]:
        """Edges with both ends in ``characters``, by pair in code-point order, then in the order of the sources."""
        chosen = set(characters)
        found = [edge for one in chosen for edge in self._incident.get(one, ()) if edge.head == one]
        kept = [edge for edge in (*found, *self.rule_edges(chosen)) if edge.tail in chosen]
        rank = {source: place for place, source in enumerate(self.sources)}
        return tuple(sorted(kept, key=lambda edge: (edge.pair, rank[edge.source], edge.head)))
