"""Draws the variants around one character as SVG: the subgraph of UnihanLM's figure 1.

Layout by stress majorisation (Gansner, Koren and North, 2004) from fixed starting places: one graph, one picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from hanmill.unihan.codepoints import notation
from hanmill.unihan.graph import VariantGraph
from hanmill.unihan.usage import usage

_ROUNDS = 300
_SPACING = 200.0
_RADIUS = 40.0
_MARGIN = 90.0
_COLOURS = {"unihan": "#2b5c8a", "opencc": "#a2541a"}
_OTHER_COLOUR = "#5a5a5a"


def draw(graph: VariantGraph, character: str) -> str:
    """An SVG document of every character that a path joins to ``character``, which is marked.

    Each line is a pair; beside it stand the sources that state it. Under a character stand its code point and the
    regions in whose official list it is.
    """
    nodes = graph.component(character)
    labels: dict[tuple[str, str], list[str]] = {}
    for edge in graph.edges_among(nodes):
        names = labels.setdefault(edge.pair, [])
        if edge.source not in names:
            names.append(edge.source)
    places = _in_pixels(layout(len(nodes), [(nodes.index(first), nodes.index(second)) for first, second in labels]))
    at = dict(zip(nodes, places, strict=True))
    width = max(x for x, _ in places) + _MARGIN
    height = max(y for _, y in places) + _MARGIN
    title = f"Variants of {character} ({notation(character)}): {len(nodes)} characters, {len(labels)} pairs"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" font-family="Noto Sans CJK SC, Noto Sans SC, Source Han Sans, sans-serif">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
    ]
    for first, second in labels:
        (x1, y1), (x2, y2) = at[first], at[second]
        parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#b8b8b8" stroke-width="1.5"/>'
        )
    for node in nodes:
        parts += _node(node, at[node], node == character)
    for (first, second), names in labels.items():
        parts += _labels(at[first], at[second], names)
    return "\n".join([*parts, "</svg>"]) + "\n"


def layout(count: int, pairs: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
    """Places of ``count`` connected nodes on a plane, as far apart as the number of pairs between them."""
    steps = _steps(count, pairs)
    # The radius grows a little from node to node: a perfect circle can be an equilibrium that crosses lines.
    places = [
        ((1 + node / count) * math.cos(math.tau * node / count), (1 + node / count) * math.sin(math.tau * node / count))
        for node in range(count)
    ]
    for _ in range(_ROUNDS):
        for node in range(count):
            across = down = total = 0.0
            x, y = places[node]
            for other, (other_x, other_y) in enumerate(places):
                if other == node:
                    continue
                wanted = steps[node][other]
                ratio = wanted / max(math.hypot(x - other_x, y - other_y), 1e-3)
                weight = wanted**-2
                across += weight * (other_x + (x - other_x) * ratio)
                down += weight * (other_y + (y - other_y) * ratio)
                total += weight
            if total:
                places[node] = (across / total, down / total)
    return places


def _steps(count: int, pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Number of pairs on the shortest path between any two nodes."""
    steps = [[0 if row == column else count for column in range(count)] for row in range(count)]
    for first, second in pairs:
        steps[first][second] = steps[second][first] = 1
    for middle in range(count):
        for row in range(count):
            for column in range(count):
                steps[row][column] = min(steps[row][column], steps[row][middle] + steps[middle][column])
    return steps


def _in_pixels(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    gaps = [math.dist(a, b) for number, a in enumerate(places) for b in places[:number]]
    scale = _SPACING / max(min(gaps, default=1.0), 0.7)
    left, top = min(x for x, _ in places), min(y for _, y in places)
    return [((x - left) * scale + _MARGIN, (y - top) * scale + _MARGIN) for x, y in places]


def _node(node: str, place: tuple[float, float], marked: bool) -> list[str]:
    x, y = place
    fill = "#fff3d6" if marked else "#f4f4f4"
    return [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS:.0f}" fill="{fill}" stroke="#444444" stroke-width="1.5"/>',
        f'<text x="{x:.1f}" y="{y + 14:.1f}" font-size="40" text-anchor="middle">{escape(node)}</text>',
        _text(x, y + _RADIUS + 15, notation(node), "#444444", 12),
        _text(x, y + _RADIUS + 30, " ".join(usage(node)), "#3c7a3c", 12),
    ]


def _labels(first: tuple[float, float], second: tuple[float, float], names: list[str]) -> list[str]:
    x, y = (first[0] + second[0]) / 2, (first[1] + second[1]) / 2 - (len(names) - 1) * 7 + 4
    return [
        _text(x, y + 14 * line, _short(name), _COLOURS.get(name.split(":")[0], _OTHER_COLOUR), 12)
        for line, name in enumerate(names)
    ]


def _short(source: str) -> str:
    name = source.split(":", 1)[-1]
    name = name.partition("-")[0]
    return name.removeprefix("k").removesuffix("Variant") if name.endswith("Variant") else name


def _text(x: float, y: float, text: str, colour: str, size: int) -> str:
    # A white outline under the letters keeps them readable where a line runs behind.
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="middle" fill="{colour}" stroke="#ffffff" '
        f'stroke-width="3" paint-order="stroke">{escape(text)}</text>'
    )
