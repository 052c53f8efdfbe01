"""Articles that share their box with links to other pages and with what readers wrote; pages of posts."""

from __future__ import annotations

import time

import pytest

from hanmill.pipelines.extract.formulas.tex import FormulaForm
from hanmill.pipelines.extract.html.page import extract_page
from hanmill.pipelines.extract.html.page_lines import heading_kind

ARTICLES = {
    "zh-CN": [
        "入秋以后水位回落，停了三个月的江心渡口在周五晚上重新开船。",
        "船长老赵在这条航线上开了十九年船，他说坐船的人少了。",
    ],
    "zh-TW": [
        "裡面的老師傅姓陳，在這條街上做了四十年的包子，甚麼時候去都有人排隊。",
        "他看著蒸籠說，這門手藝不曉得還能傳給誰。",
    ],
    "ja": [
        "秋になって水位が下がり、三か月休んでいた渡し船が金曜の夜に再開した。",
        "船長はこの航路で十九年働いてきたが、客は減ったという。",
    ],
}
HEADLINES = {
    "zh-CN": [
        "国庆前夕持股还是持币成难题",
        "长江水位创下十年来新低",
        "记者探访城郊最后一座老磨坊",
        "今年的桂花比往年晚开了十天",
    ],
    "zh-TW": [
        "國慶連假前夕車票全部售罄",
        "颱風外圍環流明起影響東部",
        "老街最後一間打鐵舖將熄燈",
        "今年的桂花比往年晚開十天",
    ],
    "ja": [
        "連休前の切符はすべて売り切れ",
        "台風の影響であすから大雨に",
        "町で最後の鍛冶屋が店じまい",
        "今年の金木犀は十日遅れて開花",
    ],
}
COMMENTS = {
    "zh-CN": [
        "写得真好，顶一下，希望以后多写一些这样的内容！",
        "作者根本没有去过那里，都是道听途说，误人子弟。",
        "请问船票多少钱一张？谢谢了。",
    ],
    "zh-TW": [
        "看著看著就哭了，謝謝您寫下這些，希望常常看到。",
        "我不太同意，作者根本沒有去過那裡，都是聽來的。",
        "請問哪裡買得到？感恩喔。",
    ],
    "ja": [
        "とても参考になりました。これからも応援しています。",
        "それは違うと思う。現場に行ったことがないのでは。",
        "船賃はいくらですか？教えてください。",
    ],
}
RELATED = {"zh-CN": "相关阅读", "zh-TW": "延伸閱讀", "ja": "関連記事"}
HEADINGS = {"zh-CN": "网友评论（3条）", "zh-TW": "讀者回應", "ja": "みんなのコメント"}
REPLY = {"zh-CN": "回复", "zh-TW": "回覆", "ja": "返信"}
LANGUAGES = list(ARTICLES)


def links(language: str, shape: str, number: int = 20) -> str:
    """Links to other pages under a heading, many of them."""
    found = [f'<a href="/{one}">{HEADLINES[language][one % 4]}</a>' for one in range(number)]
    shapes = {
        "list": "<ul>" + "".join(f"<li>{one}</li>" for one in found) + "</ul>",
        "lines": "<br>".join(found),
        "paragraphs": "".join(f"<p>{one}</p>" for one in found),
        "line": " ・".join(found),
        "cards": "".join(
            f"<div class=item>{one}<p>{ARTICLES[language][0][:20]}…</p><i>05-01</i></div>" for one in found[:6]
        ),
    }
    return f"<h3>{RELATED[language]}</h3>{shapes[shape]}"


def comments(language: str, shape: str) -> str:
    """What readers wrote, more of it than the article."""
    said = COMMENTS[language] * 6
    shapes = {
        "wordpress": "<div id=comments><ol class=commentlist>"
        + "".join(f"<li class=comment><cite>A{n}</cite><p>{one}</p><a href=#>↵</a></li>" for n, one in enumerate(said))
        + "</ol></div>",
        "disqus": "<div id=disqus_thread>" + "".join(f"<div><p>{one}</p></div>" for one in said) + "</div>",
        "pinyin": "<div class=pinglun><ul>" + "".join(f"<li>{one}</li>" for one in said) + "</ul></div>",
        "heading": f"<h3>{HEADINGS[language]}</h3><ul>"
        + "".join(
            f"<li>A{n} 2013-04-05 12:0{n}<p>{one}</p><a href=#>{REPLY[language]}</a></li>" for n, one in enumerate(said)
        )
        + "</ul>",
        "forum of the page": "<section id=forum>"
        + "".join(f"<div class=posting><b>A{n}</b><div>{one}</div></div>" for n, one in enumerate(said))
        + "</section>",
        "cells": "<table class=cmt-list>"
        + "".join(f"<tr><td>A{n}</td><td>{one}</td></tr>" for n, one in enumerate(said))
        + "</table>",
    }
    return shapes[shape]


def body(language: str) -> str:
    return "".join(f"<p>{one}</p>" for one in ARTICLES[language])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shape", ["list", "lines", "paragraphs", "line", "cards"])
@pytest.mark.parametrize(
    "page",
    [
        "<div class=box>{body}{links}</div>",
        "<div class=box>{links}{body}</div>",
        "<div class=box>{first}{links}{second}</div>",
        "<table><tr><td>{body}<div>{links}</div></td></tr></table>",
        "<article>{body}<section>{links}</section></article>",
    ],
)
def test_article_that_shares_its_box_with_links(language: str, shape: str, page: str) -> None:
    first, second = ARTICLES[language]
    html = page.format(
        body=body(language), links=links(language, shape), first=f"<p>{first}</p>", second=f"<p>{second}</p>"
    )
    assert extract_page(f"<html><body>{html}</body></html>").text.split("\n") == ARTICLES[language]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shape", ["wordpress", "disqus", "pinyin", "heading", "forum of the page", "cells"])
@pytest.mark.parametrize(
    "page",
    [
        "<article>{body}</article>{comments}",
        "<div id=main>{body}{comments}</div>",
        "<td>{body}<div>{comments}</div></td>",
    ],
)
def test_comments_are_no_part_of_the_article(language: str, shape: str, page: str) -> None:
    html = page.format(body=body(language), comments=comments(language, shape))
    assert extract_page(html).text.split("\n") == ARTICLES[language]
    kept = extract_page(html, comments="keep").text
    assert all(one in kept for one in (*ARTICLES[language], *COMMENTS[language]))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "post",
    [
        "<div class=post><div class=postbody><p>{post}</p></div></div>",
        "<tr><td class=author>A</td><td class=t_f>{post}</td></tr>",
        "<div class=cell><b>A</b> 3 天前<div class=reply_content>{post}</div></div>",
        "<tr><td><div class=comment><a href=#>A</a><div class=commtext>{post}</div></div></td></tr>",
        "<div class=AnswerItem><div>{post}</div><a href=#>3 条评论</a></div>",
        "<dt>1 ：名無しさん：2013/04/05</dt><dd>{post}</dd>",
    ],
)
def test_posts_of_a_forum_are_its_content(language: str, post: str) -> None:
    posts = [*ARTICLES[language], *COMMENTS[language]]
    shown = "".join(post.format(post=one) for one in posts)
    around = f"<table>{shown}</table>" if shown.startswith("<tr") else f"<div class=list>{shown}</div>"
    text = extract_page(f"<title>渡口 - 论坛</title><body><ul>{links(language, 'list')}</ul>{around}").text
    # A post in a row of a table has its author in front.
    assert [one for line in text.split("\n") if (one := line.rpartition("\t")[2]) in posts] == posts


@pytest.mark.parametrize("language", LANGUAGES)
def test_question_page_keeps_its_answers(language: str) -> None:
    question, *answers = [*ARTICLES[language], *COMMENTS[language]]
    html = (
        f"<title>Q&amp;A</title><div class=question><p>{question}</p></div><div class=answers><h2>回答</h2>"
        + "".join(f"<div class=answer><p>{one}</p><i>A 2013/4/5</i></div>" for one in answers)
    )
    text = extract_page(f"<body>{html}</div></body>").text
    assert all(one in text for one in (question, *answers))


def test_news_of_a_conference_called_a_forum_is_no_forum() -> None:
    html = f"<title>亚洲论坛今天开幕</title><article>{body('zh-CN')}</article>{comments('zh-CN', 'wordpress')}"
    assert extract_page(html).text.split("\n") == ARTICLES["zh-CN"]


def test_section_on_comments_of_a_manual_is_text() -> None:
    html = "<article><h2>変数</h2><p>変数には値を入れます。名前は英字で始めてください。値は後から変えられます。</p>"
    html += "<h2>コメント</h2>"
    html += "<p>二つの斜線から行末までは読まれません。説明を書くのに使います。</p>"
    html += "<h2>演算</h2><p>足し算には加号を使います。</p></article>"
    assert "足し算には加号を使います。" in extract_page(html).text
    assert "二つの斜線から行末までは読まれません。" in extract_page(html).text


def test_front_page_of_teasers_keeps_them() -> None:
    cards = "".join(
        f'<div class=entry><h2><a href="/{one}">{HEADLINES["ja"][one]}</a></h2><p>{ARTICLES["ja"][0]}…</p></div>'
        for one in range(4)
    )
    assert extract_page(f"<body>{cards}</body>").text.count(ARTICLES["ja"][0]) == 4


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("【相关新闻】", "related"),
        ("■ 関連ニュース", "related"),
        ("你可能也喜歡：", "related"),
        ("全部评论(23)", "comments"),
        ("3 則留言", "comments"),
        ("「渡し船の再開」への2件のフィードバック", "comments"),
        ("《渡口复航》有 3 条评论", "comments"),
        ("12 Comments", "comments"),
        ("更多", ""),
        ("相关的研究还有很多。", ""),
        ("コメント文の書き方", ""),
    ],
)
def test_headings(line: str, kind: str) -> None:
    assert heading_kind(line) == kind


@pytest.mark.parametrize(
    "html",
    [
        '<span class="math">' * 20_000 + "x",
        '<span class="katex">' * 20_000 + "x",
        '<script type="math/tex">x ' * 20_000,
        "<math>" + "<msup><mi>x</mi>" * 20_000,
        "<p>x" + "<sup>2" * 20_000,
        "<p>本文です。</p>" + "<div><h3>関連記事</h3><a href=x>リンクの見出し</a></div>" * 10_000,
        "<p>" + "本文です。" * 40 + "</p>" + "<div>コメント一覧<i>2013-04-05 12:00</i></div>" * 10_000,
        "<p>" + "本文です。" * 40 + "</p>" + "<div class=comment>" * 20_000 + "<p>書きました。</p>" * 1000,
        "<h3>関連記事</h3>" + "<div>" * 20_000 + "<p><a href=x>見出しの行</a></p>" * 1000,
    ],
)
@pytest.mark.parametrize("formulas", ["tex", "drop"])
def test_pages_made_to_cost_time_do_not(html: str, formulas: FormulaForm) -> None:
    start = time.process_time()
    extract_page(html, formulas=formulas)
    assert time.process_time() - start < 5


def test_a_heading_of_related_pages_above_an_article_does_not_take_it() -> None:
    article = "".join(
        f"<p>第{n}天的楓紅從山谷一路染到稜線，我們在營地裡煮了一鍋湯，看著雲霧慢慢散開。</p>" for n in range(12)
    )
    page = (
        "<div><div class=spot><h5>相關文章</h5></div><div class=post><ul><li><h2><a href=/1>尖石美樹營地賞楓</a></h2>"
        f"</ul><div class=article-body>{article}</div></div><div><a href=/2>上一篇</a></div></div>"
    )
    text = extract_page(page).text
    assert text.startswith("第0天的楓紅")
    assert text.endswith("散開。")


def test_a_page_is_never_nothing_but_related_links() -> None:
    entries = "".join(
        f"<li><a href=/{n}>第{n}篇的標題寫在這裡</a><p>{'這一篇說的是山裡的事情，寫得很長，也沒有省略。' * 4}</p></li>"
        for n in range(6)
    )
    assert "寫得很長" in extract_page(f"<h3>相關文章</h3><ul>{entries}</ul>").text
