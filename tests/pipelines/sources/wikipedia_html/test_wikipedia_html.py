"""Dumps of articles as HTML: what is read of them, and what becomes of the articles."""

from __future__ import annotations

import bz2
import gzip
import random
from pathlib import Path

import pytest

from hanmill.pipelines.extract.document import Document, Reading
from hanmill.pipelines.extract.forms import Extractor
from hanmill.pipelines.sources.recognise import mismatch
from hanmill.pipelines.sources.records import Dropped, Failed, RawPage, Record
from hanmill.pipelines.sources.registry import SOURCES
from hanmill.pipelines.sources.wikipedia_html import reader
from hanmill.pipelines.sources.wikipedia_html.reader import plan_splits, read_split
from hanmill.schemas.recipe import SourcesRecipe, WikipediaRecipe
from tests.pipelines.sources.wikipedia_html.articles import (
    CHINESE,
    DISAMBIGUATION,
    JAPANESE,
    archive,
    lines,
    row,
)

HTML = SOURCES["wikipedia-html"]


def records(path: Path, target: int = 1 << 20) -> list[Record]:
    return [one for split in plan_splits(str(path), target) for one in read_split(split, WikipediaRecipe())]


def document(html: str, lang: str = "ja", **settings: object) -> Document | Dropped | Failed:
    page = RawPage("wikipedia-html", "x:1", "wiki_html", html, "a:1", 1, title="題", lang=lang, licence="CC BY-SA 4.0")
    return Extractor(SourcesRecipe(wikipedia=WikipediaRecipe(**settings))).document(page)  # type: ignore[arg-type]


def text_of(html: str, lang: str = "ja", **settings: object) -> str:
    found = document(html, lang, **settings)
    assert isinstance(found, Document), found
    return found.text


def test_a_japanese_article() -> None:
    found = document(JAPANESE)
    assert isinstance(found, Document)
    assert found.text.split("\n") == [
        "琵琶湖（琵琶湖、英: Lake Biwa）は、滋賀県にある日本最大の湖である。湖の底は四百万年前にできたという。",
        "深さ",
        "水の体積は $V=A{\\bar {h}}$ で求められる。",
        "北湖 - 平均して43メートル",
        "南湖 - 平均して4メートル",
    ]
    assert found.readings == (Reading(4, 7, "びわこ"),)
    assert found.licence == "CC BY-SA 4.0"
    assert found.link_characters > 0


def test_a_chinese_article_in_its_own_script() -> None:
    assert text_of(CHINESE, "zh").split("\n") == [
        "電腦是一種能自動執行運算的機器，這個名稱在台灣 & 香港和中國大陸不同。",
        "歷史",
        "二十世紀中葉，人們開始用它來解方程 x² = 2，學者說這是甚麼都能算的時代。",
    ]
    simplified = (
        CHINESE.replace("這個", "这个")
        .replace("學", "学")
        .replace("說這", "说这")
        .replace("時", "时")
        .replace("開", "开")
    )
    assert text_of(simplified, "zh").startswith("计算机是")


@pytest.mark.parametrize(
    ("name", "tag"),
    [("syntaxhighlight", "div"), ("source", "code"), ("hiero", "div"), ("inputbox", "div"), ("phonos", "span")],
)
def test_extensions_that_wikitext_leaves_out_are_left_out(name: str, tag: str) -> None:
    box = f'<{tag} class="x" typeof="mw:Extension/{name} mw:Transclusion"><pre>print(1)</pre></{tag}>'
    assert text_of(f"<p>次の例を見る。</p>{box}<p>以上である。</p>") == "次の例を見る。\n以上である。"


def test_settings_of_wikitext_count() -> None:
    whole = text_of(JAPANESE, tables=True, tail_sections=True, headings=False)
    assert "1994\t−123 cm" in whole
    assert "脚注の本文。" in whole
    assert "滋賀県" in whole.split("\n")
    assert "深さ" not in whole.split("\n")
    # What stands in boxes and references is no text with any setting.
    for left_out in ("669.26", "国土地理院", "編集", "日本の湖", "比叡山", "要出典", "[1]", "その他の用法"):
        assert left_out not in whole
    assert "求められる" not in text_of(JAPANESE, formulas="drop")
    assert "空の節" not in text_of(JAPANESE)
    assert "表だけ" in text_of(JAPANESE, tables=True)


def test_pages_that_are_no_articles() -> None:
    found = document(DISAMBIGUATION)
    assert isinstance(found, Dropped)
    assert found.rule == "disambiguation@1"
    assert text_of(DISAMBIGUATION, disambiguation=True) == "梅"
    redirect = document('<html><body><link rel="mw:PageProp/redirect" href="./梅"/></body></html>')
    assert isinstance(redirect, Dropped)
    assert redirect.rule == "redirect@1"
    empty = document("<html><body><section><table><tr><td>x</td></tr></table></section></body></html>")
    assert isinstance(empty, Dropped)
    assert empty.rule == "empty@1"


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p>本文",
        "<sup class='reference'>[1]<p>本文",
        '<span data-mw-variant="{">本文</span>',
        '<span typeof="mw:LanguageVariant" data-mw-variant=\'{"twoway":[1,{"l":3}],"oneway":"x"}\'></span>本文',
        "<section>" * 3000 + "本文",
        "<table>" * 500 + "<div class='navbox'>" * 500,
        "\ud800<p>本文</p>",
    ],
)
def test_malformed_markup_is_read_or_dropped(html: str) -> None:
    assert isinstance(document(html, "zh"), Document | Dropped)


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        (
            '<span data-mw-variant=\'{"add":true,"twoway":[{"l":"zh-tw","t":"軟體"}]}\'></span>',
            "軟體",
        ),
        ('<meta data-mw-variant=\'{"add":true,"twoway":[{"l":"zh-tw","t":"軟體"}]}\'/>', ""),
        (
            '<span data-mw-variant=\'{"disabled":{"t":"甲&lt;span data-mw-variant='
            '&#39;{\\"twoway\\":[{\\"l\\":\\"zh-tw\\",\\"t\\":\\"乙\\"}]}&#39;>&lt;/span>丙"}}\'></span>',
            "甲乙丙",
        ),
    ],
)
def test_words_for_variants(rule: str, shown: str) -> None:
    assert text_of(f"<p>這個國家的{rule}</p>", "zh") == f"這個國家的{shown}"


def test_an_archive(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "jawiki-NS0-20260201-ENTERPRISE-HTML.json.tar.gz",
        lines([row(1, "琵琶湖", JAPANESE), row(2, "Talk", "<p>x</p>", namespace={"identifier": 1})]),
        lines([b"{", b"[1]", b'{"name": "\xff"}', row(3, "梅", DISAMBIGUATION), {"name": "無題"}, row(4, "空", "")]),
    )
    assert mismatch(HTML, path) == ""
    found = records(path)
    page = found[0]
    assert isinstance(page, RawPage)
    assert (page.document_id, page.title, page.lang, page.revision) == ("jawiki:1", "琵琶湖", "ja", "7")
    assert (page.licence, page.timestamp) == ("CC BY-SA 4.0", "2026-02-01T03:04:05Z")
    assert page.place == f"{path.name}:jawiki_namespace_0_0.ndjson:0"
    kinds = [one.rule if isinstance(one, Dropped) else getattr(one, "kind", "page") for one in found]
    assert kinds == ["page", "namespace@1", "bad_json", "bad_row", "bad_utf8", "page", "bad_row", "no_text@1"]
    assert "expected name, identifier and article_body.html" in str(found[6])


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress])
def test_lines_without_an_archive(tmp_path: Path, pack: object) -> None:
    path = tmp_path / "articles.ndjson"
    path.write_bytes(pack(lines(row(number, f"頁{number}", JAPANESE) for number in range(9))))  # type: ignore[operator]
    assert mismatch(HTML, path) == ""
    found = records(path, 9_000)
    assert [one.document_id for one in found] == [f"jawiki:{number}" for number in range(9)]
    assert len(plan_splits(str(path), 9_000)) == (1 if pack is not bytes else round(path.stat().st_size / 9_000))


def test_a_broken_stream_is_one_failure(tmp_path: Path) -> None:
    draw = random.Random(7)
    noise = ["".join(draw.choices("琵琶湖の水は清く", k=9000)) for _ in range(50)]
    whole = archive(tmp_path / "whole.tar.gz", lines(row(n, f"頁{n}", text) for n, text in enumerate(noise)))
    path = tmp_path / "cut.tar.gz"
    path.write_bytes(whole.read_bytes()[:-3000])
    found = records(path)
    *pages, last = found
    assert pages
    assert all(isinstance(one, RawPage) for one in pages)
    assert isinstance(last, Failed)
    assert last.kind == "truncated_stream"


def test_a_line_too_long_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_LINE_BYTES", 20_000)
    path = archive(tmp_path / "a.tar.gz", lines([row(1, "長", "長" * 30_000), row(2, "琵琶湖", JAPANESE)]))
    found = records(path)
    assert [type(one) for one in found] == [Failed, RawPage]
    assert found[0].kind == "row_too_long"  # type: ignore[union-attr]


@pytest.mark.parametrize("content", [b"<mediawiki>", b"WARC/1.0", b"PAR1", gzip.compress(b"<mediawiki>" * 99, mtime=0)])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert "expected articles as HTML" in mismatch(HTML, path)
