"""Duplicates beside the documents that stand for them: a few of a corpus, though its shards are read apart.

A document that left and the one that was kept seldom lie in one shard. Every shard names those with the smallest uid
of the one kept, and of all shards the smallest stay: a uid is a hash, so both sides have chosen the same clusters
(bottom-k sketches, Cohen and Kaplan 2007) whatever the shards and their order are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

#: Documents of a rule that left, and documents that were kept where others left.
_LEFT, _KEPT = 4, 32
#: Characters from the beginning of a title and of a document.
_TITLE, _CHARACTERS = 120, 400


@dataclass(frozen=True, slots=True, order=True)
class Side:
    """``kept_uid`` is the uid of the document that was kept, on either side."""

    kept_uid: int
    title: str
    text: str


@dataclass(slots=True)
class Twins:
    """``left``: rule to documents that went by it; ``kept``: documents that have a duplicate. Smallest uids first."""

    left: dict[str, list[Side]] = field(default_factory=dict)
    kept: list[Side] = field(default_factory=list)

    def leave(self, rule: str, kept_uid: int, title: str, text: str) -> None:
        """Takes in a duplicate."""
        _lowest([Side(kept_uid, title[:_TITLE], text[:_CHARACTERS])], self.left.setdefault(rule, []), _LEFT)

    def keep(self, uid: int, title: str, text: str) -> None:
        """Takes in a kept document that has duplicates."""
        _lowest([Side(uid, title[:_TITLE], text[:_CHARACTERS])], self.kept, _KEPT)

    def add(self, other: Twins) -> None:
        """Takes in those of other shards."""
        for rule, sides in other.left.items():
            _lowest(sides, self.left.setdefault(rule, []), _LEFT)
        _lowest(other.kept, self.kept, _KEPT)

    def pairs(self) -> Iterator[tuple[str, Side, Side]]:
        """Rule, document that left and document that was kept, wherever both are known; near duplicates first."""
        kept = {side.kept_uid: side for side in self.kept}
        for rule, sides in sorted(self.left.items(), reverse=True):
            for side in sides:
                if side.kept_uid in kept:
                    yield rule, side, kept[side.kept_uid]

    def to_json(self) -> dict[str, Any]:
        """What a footer and ``findings.json`` hold."""

        def rows(sides: Iterable[Side]) -> list[list[Any]]:
            return [[side.kept_uid, side.title, side.text] for side in sides]

        return {"left": {rule: rows(sides) for rule, sides in sorted(self.left.items())}, "kept": rows(self.kept)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Twins:
        """The inverse of ``to_json``."""
        return cls(
            {rule: [Side(*row) for row in rows] for rule, rows in value["left"].items()},
            [Side(*row) for row in value["kept"]],
        )


def _lowest(found: Iterable[Side], shown: list[Side], most: int) -> None:
    """Puts into ``shown`` the lowest of both, of one uid the first in order."""
    if len(shown) == most:
        found = [side for side in found if side < shown[-1]]
        if not found:
            return
    ordered = sorted([*shown, *found])
    shown[:] = [next(same) for _, same in groupby(ordered, key=lambda side: side.kept_uid)][:most]
