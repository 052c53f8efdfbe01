from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import pytest

from hanmill import unihan
from hanmill.unihan.drawing import draw, layout

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def graph() -> unihan.VariantGraph:
    return unihan.load_graph()


def test_figure_1(graph: unihan.VariantGraph) -> None:
    root = ET.fromstring(draw(graph, "台"))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert set("台臺颱檯枱") <= set(texts)
    assert {"U+53F0", "Hans Hant HK JP", "Simplified", "Traditional", "Semantic", "t2s", "hk2t"} <= set(texts)
    assert len(list(root.iter(f"{SVG}circle"))) == len(graph.component("台"))
    pairs = {edge.pair for edge in graph.edges_among(graph.component("台"))}
    assert len(list(root.iter(f"{SVG}line"))) == len(pairs)


def test_everything_is_inside_and_nothing_overlaps(graph: unihan.VariantGraph) -> None:
    for character in "予匱总か":
        root = ET.fromstring(draw(graph, character))
        width, height = float(root.attrib["width"]), float(root.attrib["height"])
        places = [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in root.iter(f"{SVG}circle")]
        assert all(0 < x < width and 0 < y < height for x, y in places)
        assert all(math.dist(a, b) > 80 for i, a in enumerate(places) for b in places[:i])


def test_one_graph_one_picture(graph: unihan.VariantGraph) -> None:
    assert draw(graph, "気") == draw(graph, "気")


def test_layout_keeps_neighbours_near() -> None:
    places = layout(3, [(0, 1), (1, 2)])
    assert math.dist(places[0], places[1]) == pytest.approx(1, abs=0.05)
    assert math.dist(places[0], places[2]) == pytest.approx(2, abs=0.05)
    assert layout(1, []) == [(1.0, 0.0)]
