"""Disjoint sets over 0 … n-1 (Galler and Fischer, 1964), with the size of each set."""

from __future__ import annotations


class UnionFind:
    """Union by size with path halving."""

    __slots__ = ("_parent", "_size")

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))
        self._size = [1] * count

    def find(self, item: int) -> int:
        """The root of the set that ``item`` is in."""
        parent = self._parent
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def union(self, first: int, second: int) -> None:
        """Joins two sets; nothing happens where they are one already."""
        first, second = self.find(first), self.find(second)
        if first == second:
            return
        if self._size[first] < self._size[second]:
            first, second = second, first
        self._parent[second] = first
        self._size[first] += self._size[second]

    def size(self, item: int) -> int:
        """Items in the set that ``item`` is in."""
        return self._size[self.find(item)]
