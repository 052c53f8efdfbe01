from __future__ import annotations

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from pipelines.extract.charset import decode_page
from pipelines.extract.html.page import extract_page

PARAGRAPHS = [
    "入秋以后水位回落，停了三个月的江心渡口在周五晚上重新开船。",
    "船长老赵在这条航线上开了十九年船。他说，桥通车以后坐船的人少了。",
    "码头边的小卖部也重新亮起了灯，热汤面五块钱一碗。",
]
LINKS = "".join(
    f'<li><a href="/{number}">{name}</a></li>'
    for number, name in enumerate(["首页", "社会新闻", "体育", "图片", "论坛"])
)
BODY = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


@pytest.mark.parametrize(
    "html",
    [
        f"<nav>{LINKS}</nav><main><article>{BODY}</article></main><footer>版权所有，未经许可不得转载。</footer>",
        f"<div id=top><ul>{LINKS}</ul></div><div class=content>{BODY}</div><div id=footer>版权所有 城市晚报</div>",
        # Layout by tables, paragraphs by line breaks, as in the years around 2000.
        f"<table><tr><td>{LINKS}</td><td>{'<br><br>　　'.join(PARAGRAPHS)}</td></tr>"
        f"<tr><td colspan=2><a href=/a>关于我们</a> | <a href=/b>联系方式</a></td></tr></table>",
        # Each paragraph in an element of its own.
        f"<div class=links>{LINKS}</div><div class=page>"
        + "".join(f"<div><div>{one}</div></div>" for one in PARAGRAPHS)
        + "</div>",
        # A whole page inside a form, as ASP.NET writes it.
        f"<form><div><ul>{LINKS}</ul></div><div>{BODY}</div><div class=comment><p>写得好，顶。</p></div></form>",
        # Related links after the text, in the same element.
        f"<div>{BODY}<div class=related><h3>相关阅读</h3><ul>{LINKS}</ul></div><p>责任编辑：王小明</p></div>",
    ],
)
def test_navigation_is_left_out_and_the_text_is_whole(html: str) -> None:
    assert extract_page(f"<html><body>{html}</body></html>").text.split("\n") == PARAGRAPHS


def test_chapter_links_beside_the_text_are_left_out() -> None:
    lines = ["雨下了一整夜。林远坐在窗前，听见远处的汽笛声。", "“你真的要走？”母亲站在门口，手里端着一碗姜汤。"]
    html = f"<td>{'<br>'.join(lines)}<br><a href=2>上一章</a> <a href=0>返回目录</a> <a href=4>下一章</a></td>"
    assert extract_page(f"<table><tr>{html}</tr></table>").text.split("\n") == lines


def test_heading_tables_and_short_lines_inside_the_text_stay() -> None:
    html = (
        f"<nav>{LINKS}</nav><article><h1>だし巻き卵</h1><p>火加減が大切です。弱火では固くなります。</p><h2>材料</h2>"
        "<ul><li>卵 三個</li></ul><table><tr><td>しょうゆ</td><td>小さじ一</td></tr></table>"
        "<p>五分ほど置いて、切ります。</p></article>"
    )
    lines = extract_page(html).text.split("\n")
    assert lines[0] == "だし巻き卵"
    assert {"材料", "卵 三個", "しょうゆ\t小さじ一"} <= set(lines)


def test_boilerplate_is_kept_when_asked_for() -> None:
    html = f"<ul>{LINKS}</ul>{BODY}"
    assert "社会新闻" not in extract_page(html).text
    assert "社会新闻" in extract_page(html, boilerplate=True).text


def test_page_of_links_has_no_content() -> None:
    assert extract_page(f"<ul>{LINKS}</ul>").text == ""


def test_page_without_sentences_keeps_what_is_not_a_link() -> None:
    assert extract_page(f"<ul>{LINKS}</ul><p>準備中</p>").text == "準備中"


def test_real_pages_keep_their_paragraphs(shared_data) -> None:
    """Of the paragraphs of two documents in the archive nearly all must come through, and none of the menus."""
    checked = 0
    archive = str(shared_data / "warc/docs-00000.warc.gz")
    for record in ArchiveIterator(archive, record_types=WarcRecordType.response, parse_http=True, fsspec_args=False):
        url = record.headers["WARC-Target-URI"]
        if "debian-handbook" not in url or not url.endswith(("sect.quotas.html", "sect.searching-packages.html")):
            continue
        html, _ = decode_page(record.reader.read(), record.http_headers.get("Content-Type", ""))
        text = extract_page(html).text
        assert len(text) > 1000
        assert "aptitude" in text or "quota" in text
        checked += 1
    assert checked >= 1
