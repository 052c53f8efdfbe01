"""Pages of an export, found and parsed without an XML parser."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.sources.wikipedia.mediawiki import (
    PAGE_LIMIT,
    PageElement,
    PageError,
    PageScanner,
    parse_page,
    parse_siteinfo,
    unescape,
)

PAGE = """<page>
    <title>R&amp;B (音楽)</title>
    <ns>0</ns>
    <id>12</id>
    <redirect title="リズム&amp;ブルース" />
    <revision>
      <id>345</id>
      <parentid>344</parentid>
      <timestamp>2021-09-14T02:58:56Z</timestamp>
      <contributor><username>甲</username><id>9</id></contributor>
      <model>wikitext</model>
      <text bytes="10" xml:space="preserve">&lt;b&gt;漢字&lt;/b&gt; &amp;nbsp; &amp;lt;</text>
    </revision>
  </page>"""


def raw(text: str) -> PageElement:
    data = text.encode()
    return PageElement(data, 0, 0, len(data))


def test_every_field_of_a_page() -> None:
    page = parse_page(raw(PAGE))
    assert page.title == "R&B (音楽)"
    assert (page.namespace, page.page_id, page.revision) == (0, "12", "345")
    assert (page.timestamp, page.model, page.redirect) == ("2021-09-14T02:58:56Z", "wikitext", "リズム&ブルース")
    assert page.text == "<b>漢字</b> &nbsp; &lt;"


def test_numbers_of_thousands_of_digits_are_none() -> None:
    assert parse_page(raw(PAGE.replace("<ns>0</ns>", f"<ns>{'4' * 5000}</ns>"))).namespace == 0


def test_the_last_of_many_revisions_is_read() -> None:
    older = PAGE[PAGE.index("<revision>") : PAGE.index("</page>")]
    page = parse_page(raw(PAGE.replace("</page>", older.replace("345", "999").replace("漢字", "新しい") + "</page>")))
    assert page.revision == "999"
    assert "新しい" in page.text


def test_an_empty_text_is_a_page() -> None:
    start, end = PAGE.index("<text"), PAGE.index("</text>") + len("</text>")
    assert parse_page(raw(PAGE[:start] + '<text bytes="0" />' + PAGE[end:])).text == ""
    assert parse_page(raw(PAGE[:start] + "<text></text>" + PAGE[end:])).text == ""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (PAGE.replace("title>", "tilte>"), "no_title"),
        (PAGE.replace("</text>", ""), "no_text_end"),
        (PAGE.replace("</page>", ""), "unfinished_page"),
        ("<page><title>x</title></page>", "no_revision"),
    ],
)
def test_broken_pages_say_what_is_missing(text: str, kind: str) -> None:
    with pytest.raises(PageError, match=r"expected: .*; found: ") as caught:
        parse_page(raw(text))
    assert caught.value.kind == kind


def test_a_page_too_large_is_refused_with_both_sizes() -> None:
    with pytest.raises(PageError, match=f"{PAGE_LIMIT:,}"):
        parse_page(PageElement(b"<page><title>x</title></page>", 0, 0, PAGE_LIMIT + 1))


@given(cuts=st.lists(st.integers(0, 2000), max_size=12))
def test_pages_are_found_however_the_stream_is_cut(cuts: list[int]) -> None:
    data = ("<mediawiki>" + PAGE * 3 + "</mediawiki>").encode()
    bounds = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    scanner = PageScanner()
    found = [page for start, end in pairwise(bounds) for page in scanner.feed(data[start:end], 5)]
    assert [page.data for page in found] == [PAGE.encode()] * 3
    assert [page.number for page in found] == [0, 1, 2]
    assert {page.stream for page in found} == {5}
    assert scanner.unfinished() == b""


def test_marks_without_end_are_each_looked_for_once() -> None:
    """A hundred thousand beginnings in one piece: no search of the rest of the piece for each of them."""

    class Counted(bytearray):
        looked_at = 0

        def find(self, mark: bytes, start: int = 0, end: int | None = None) -> int:
            end = len(self) if end is None else end
            found = super().find(mark, start, end)
            Counted.looked_at += (end if found < 0 else found) - start
            return found

    scanner = PageScanner()
    scanner._buffer = Counted()
    marks = b"<page>" * 100_000
    assert sum(1 for _ in scanner.feed(marks, 0)) == 99_999
    assert Counted.looked_at < 3 * len(marks)


def test_a_page_that_never_ends_is_left_over() -> None:
    scanner = PageScanner()
    assert list(scanner.feed(b"..<page><title>a", 0)) == []
    assert scanner.inside
    assert scanner.unfinished() == b"<page><title>a"
    assert not scanner.inside


def test_entities_are_resolved_once_and_only_the_predefined() -> None:
    assert unescape("&amp;lt;&#28450;&#x6f22;&lol;&quot;&apos;") == "&lt;漢漢&lol;\"'"
    assert unescape("&#xD800;&#0;&#x110000;") == "&#xD800;&#0;&#x110000;"
    assert unescape("<![CDATA[漢&lt;]]>") == "漢&lt;"


def test_siteinfo() -> None:
    head = (
        '<mediawiki xml:lang="ja"><siteinfo><sitename>ウィキペディア</sitename><dbname>jawiki</dbname>'
        "<base>https://ja.wikipedia.org/wiki/X</base><namespaces>"
        '<namespace key="0" case="first-letter" /><namespace key="6" case="first-letter">ファイル</namespace>'
        '<namespace key="-1">特別</namespace></namespaces></siteinfo><page><title><dbname>x</dbname>'
    )
    found = parse_siteinfo(head.encode())
    assert (found.dbname, found.language, found.sitename) == ("jawiki", "ja", "ウィキペディア")
    assert found.namespaces == ((0, ""), (6, "ファイル"), (-1, "特別"))
    assert parse_siteinfo(b"").dbname == ""
    assert parse_siteinfo(head.replace('key="6"', f'key="{"6" * 5000}"').encode()).namespaces == ((0, ""), (-1, "特別"))


SLOT = (
    "<content><role>{role}</role><origin>9</origin><model>{model}</model><format>x</format>"
    '<text bytes="20">{text}</text></content>'
)


def test_of_several_slots_the_main_one_is_the_page() -> None:
    """Export schema 0.11: the main slot stands in the revision itself, other slots in <content>."""
    other = SLOT.format(role="mediainfo", model="wikibase-mediainfo", text='{"labels": "他のスロット"}')
    page = parse_page(raw(PAGE.replace("</text>", "</text>" + other, 1)))
    plain = parse_page(raw(PAGE))
    assert (page.text, page.model, page.revision, page.title) == (plain.text, "wikitext", plain.revision, plain.title)
    before = parse_page(raw(PAGE.replace("<text", other + "<text", 1)))
    assert (before.text, before.model) == (plain.text, "wikitext")


def test_a_main_slot_in_an_element_of_its_own_is_the_page() -> None:
    start, end = PAGE.index("<text"), PAGE.index("</text>") + len("</text>")
    slots = SLOT.format(role="main", model="wikitext", text="本文です。") + SLOT.format(
        role="b", model="json", text="{}"
    )
    page = parse_page(raw(PAGE[:start] + slots + PAGE[end:]))
    assert (page.text, page.model) == ("本文です。", "wikitext")
