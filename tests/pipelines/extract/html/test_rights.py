"""What a page says of its own use."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.extract.html.rights import Rights, licence_name, page_rights
from hanmill.pipelines.extract.html.web_page import read_html
from hanmill.pipelines.sources.records import RawPage
from hanmill.schemas.recipe import CommonCrawlRecipe

CC = "https://creativecommons.org/licenses"
PAGES = [
    ("", "", None),
    ("<p>本站保留一切權利。license</p>", "", None),
    (f'<a rel="license" href="{CC}/by-sa/4.0/deed.ja">表示-継承</a>', "CC BY-SA 4.0", None),
    (f"<link rel='nofollow license' href='{CC}/by-nc-nd/2.1/jp/'>", "CC BY-NC-ND 2.1 JP", None),
    ('<A HREF="//creativecommons.org/licenses/by/3.0/tw" rel=license>姓名標示</A>', "CC BY 3.0 TW", None),
    ('<a href="https://creativecommons.org/publicdomain/zero/1.0/">CC0</a>', "CC0 1.0", None),
    ('<a href="http://creativecommons.org/publicdomain/mark/1.0/">PD</a>', "Public Domain Mark 1.0", None),
    # One link without rel tells; of two, one may be a picture's.
    (f'<a href="{CC}/by/4.0/">CC</a>', "CC BY 4.0", None),
    (f'<a href="{CC}/by/4.0/">圖</a><a href="{CC}/by-nc/2.0/">文</a>', "", None),
    (f'<a href="{CC}/by/4.0/">圖</a><a rel="license" href="{CC}/by-nc/2.0/">文</a>', "CC BY-NC 2.0", None),
    (
        f'<a rel=license href="{CC}/by/4.0/">甲</a><a rel=license href="{CC}/by-nc/4.0/">乙</a>',
        "CC BY 4.0 | CC BY-NC 4.0",
        None,
    ),
    (
        '<a rel="license" href="https://www.gnu.org/licenses/fdl-1.3.html">GFDL</a>',
        "https://www.gnu.org/licenses/fdl-1.3.html",
        None,
    ),
    ('<a rel="license" href="/about/license">規約</a>', "", None),
    ('<a href="https://example.jp/license">規約</a>', "", None),
    (f'<script type="application/ld+json">{{"license": "{CC}/by/4.0/"}}</script>', "CC BY 4.0", None),
    ('<script>{"license": "MIT"}</script>', "", None),
    (f'<!-- <a rel="license" href="{CC}/by/4.0/">旧</a> -->', "", None),
    (f'<meta name="DC.rights" content="{CC}/by-sa/3.0/igo/">', "CC BY-SA 3.0 IGO", None),
    ('<meta name="robots" content="index, NOAI">', "", True),
    ('<meta content="noimageai,noai" name=ROBOTS>', "", True),
    ('<meta name="CCBot" content="noai">', "", True),
    ('<meta name="robots" content="noindex, nofollow">', "", None),
    ('<meta name="description" content="noai 是甚麼">', "", None),
    ("<p>noai を設定する方法</p>", "", None),
    ('<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="https://a/p.json">', "", True),
    ('<meta name="tdm-reservation" content="0">', "", False),
    ('<meta name="tdm-reservation" content="0"><meta name="robots" content="noai">', "", True),
]


@pytest.mark.parametrize(("html", "licence", "opt_out"), PAGES)
def test_pages(html: str, licence: str, opt_out: bool | None) -> None:
    page = f"<html><head><title>題</title></head><body>{html}<p>本文です。</p></body></html>"
    assert page_rights(page) == Rights(licence, opt_out)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://creativecommons.org/licenses/by/2.5/cn/", "CC BY 2.5 CN"),
        ("https://www.creativecommons.org/licences/by-sa", "CC BY-SA"),
        ("https://creativecommons.org/licenses/by/4.0/legalcode.zh-hans", "CC BY 4.0"),
        ("javascript:alert(1)", ""),
        ("  ", ""),
    ],
)
def test_names_of_licences(address: str, name: str) -> None:
    assert licence_name(address) == name


@pytest.mark.parametrize(
    ("server", "page", "found"),
    [(None, "", None), (True, "", True), (None, "1", True), (True, "0", True), (False, "1", True), (False, "", False)],
)
def test_a_refusal_counts_whoever_says_it(server: bool | None, page: str, found: bool | None) -> None:
    meta = f'<meta name="tdm-reservation" content="{page}">' if page else ""
    link = f'<a rel="license" href="{CC}/by/4.0/">c</a>'
    html = f"<html><head>{meta}</head><body><p>東京は日本の首都である。</p>{link}</body></html>"
    raw = RawPage("commoncrawl", "1", "html", html, "a:0", len(html), opt_out=server)
    document = read_html(raw, CommonCrawlRecipe(boilerplate=True))
    assert isinstance(document, Document)
    assert (document.opt_out, document.licence) == (found, "CC BY 4.0")


def marked_pages() -> list[list[str]]:
    path = Path(__file__).parent / "data" / "marked_pages.tsv"
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t", 2) for line in lines if not line.startswith("#")]


@pytest.mark.parametrize(("licence", "refused", "html"), marked_pages())
def test_a_hundred_marked_pages(licence: str, refused: str, html: str) -> None:
    found = page_rights(html.replace("\\n", "\n"))
    assert (found.licence, {True: "true", False: "false", None: ""}[found.opt_out]) == (licence, refused)


def test_there_are_a_hundred() -> None:
    assert len(marked_pages()) == 100
