"""report.html in a real browser: nothing overflows, a loss leads to its examples, nothing is fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

_WIDE_LINK = "[...document.querySelectorAll('svg a')].filter(a => a.getBoundingClientRect().height > 0)"


@pytest.mark.parametrize("width", [390, 1280])
def test_a_click_on_a_loss_shows_its_examples(tab, demo_corpus: Path, width: int) -> None:
    tab.requests.clear()
    tab.open(demo_corpus / "report.html", width)
    assert tab.value("document.documentElement.scrollWidth") <= width
    names = tab.value(f"{_WIDE_LINK}.map(a => a.getAttribute('href'))")
    assert "#loss-disambiguation-1" in names
    assert len(set(names)) == len(names)
    place = names.index("#loss-disambiguation-1")
    x, y = tab.value(
        f"(a => {{a.scrollIntoView({{block: 'center'}}); const t = a.querySelector('text').getBoundingClientRect(); "
        f"return [t.x + t.width / 2, t.y + t.height / 2]}})({_WIDE_LINK}[{place}])"
    )
    tab.click(x, y)
    tab.until("location.hash === '#loss-disambiguation-1'")
    assert "Tea (disambiguation)" in tab.value("document.querySelector(':target').innerText")
    tab.until("Math.abs(document.querySelector(':target').getBoundingClientRect().top) < 844")
    assert tab.complaints == []
    # A click on an anchor is no request; pictures stand in the page.
    assert {url.partition(":")[0] for url in tab.requests} <= {"file", "data"}
    assert [url for url in tab.requests if url.startswith("file:") and "report.html" not in url] == []


def test_the_page_follows_light_and_dark(tab, demo_corpus: Path) -> None:
    seen = {}
    for dark in (False, True):
        tab.open(demo_corpus / "report.html", 800, dark=dark)
        style = "getComputedStyle(document.body)"
        colours = [tab.value(f"{style}.{name}") for name in ("backgroundColor", "color")]
        seen[dark] = [sum(map(int, colour[4:-1].split(","))) for colour in colours]
    assert seen[False][0] > seen[False][1] + 400
    assert seen[True][1] > seen[True][0] + 400
