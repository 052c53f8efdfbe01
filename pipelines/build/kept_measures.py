"""What rules measured of the documents they kept: how often each value, and the documents nearest to a limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hanmill.pipelines.build.shown import NEAREST, rounded
from hanmill.pipelines.clean.rules import measure_name
from hanmill.schemas.recipe import RuleSetting

#: Beginning of a kept document, for the report.
_SNIPPET_CHARACTERS = 120


class KeptMeasures:
    """Of one split. ``counts``: rule to value (as ``rounded`` writes it) to documents.

    ``nearest``: rule to a few of distance, value, limit, title and beginning, nearest first; distances are shares of
    the limit.
    """

    def __init__(self, settings: Iterable[RuleSetting]) -> None:
        self.counts: dict[str, Counter[str]] = {}
        self.nearest: dict[str, list[list[Any]]] = {}
        self._rules: dict[str, tuple[str, tuple[float, ...]]] = {}
        for setting in settings:
            name = measure_name(setting)
            _, before = self._rules.get(name, (setting.rule, ()))
            limits = tuple(limit for limit in (setting.min, setting.max) if limit is not None)
            self._rules[name] = setting.rule, before + limits

    def add(self, measures: Sequence[tuple[str, float]], title: str, text: str) -> None:
        """Takes in a document that was kept."""
        for name, value in measures:
            rule, limits = self._rules[name]
            self.counts.setdefault(rule, Counter())[rounded(value)] += 1
            shown = self.nearest.setdefault(rule, [])
            for limit in limits:
                distance = abs(value - limit) / (abs(limit) or 1.0)
                if len(shown) < NEAREST or distance < shown[-1][0]:
                    nearer([[distance, value, limit, title, text[:_SNIPPET_CHARACTERS]]], shown)


def nearer(found: Iterable[Sequence[Any]], shown: list[list[Any]]) -> None:
    """Puts into ``shown`` what is nearer to a limit than what is there; of equals the first stays."""
    shown.extend(list(one) for one in found)
    shown.sort(key=lambda one: one[0])
    del shown[NEAREST:]


def kept_measures(footer: Mapping[str, Any]) -> tuple[Mapping[str, Mapping[str, int]], Mapping[str, list[Any]]]:
    """``counts`` and ``nearest`` as the footer of a shard holds them; nothing where it has none."""
    return footer.get("kept_measured", {}), footer.get("nearest", {})
