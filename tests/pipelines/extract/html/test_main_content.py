from __future__ import annotations

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from hypothesis import given, settings
from hypothesis import strategies as st

from hanmill.pipelines.extract.charset.detection import decode_page
from hanmill.pipelines.extract.html.page import extract_page

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


NOTICE = (
    "本网站所刊登的各种新闻、信息和专题专栏资料，均为本网版权所有，未经协议授权，禁止下载使用。凡本网注明来源的所有作品，"
    "未经授权不得转载、摘编或利用其它方式使用上述作品。"
)
POEM = ["风停了", "树还站着", "我数着落下的叶子", "一片", "两片", "像你说过的话", "没有回声"]


def test_short_article_wins_against_a_long_notice() -> None:
    html = (
        f"<table><tr><td>{LINKS}</td></tr></table><table><tr><td align=center>渡口复航</td></tr>"
        f"<tr><td>http://www.example.cn 2005年08月12日 10:44 晚报</td></tr><tr><td>{PARAGRAPHS[0]}</td></tr></table>"
        f"<table><tr><td>{NOTICE}</td></tr></table>"
    )
    assert extract_page(html).text == PARAGRAPHS[0]


@pytest.mark.parametrize(
    "html",
    [
        f"<div>{LINKS}</div><h1>秋夜</h1><div>{'<br>'.join(POEM)}</div><div>关于我们 版权声明</div>",
        f"<table><tr><td>{LINKS}</td><td>{'<br>'.join(POEM)}</td></tr></table><center>{NOTICE}</center>",
    ],
)
def test_verse_without_marks_is_text(html: str) -> None:
    assert [line for line in extract_page(html).text.split("\n") if line in POEM] == POEM


def test_lines_of_a_diary_without_marks_win_against_its_comments() -> None:
    diary = [
        "玉峰道路一路上雲氣山嵐滯留山頭",
        "不忍踩過剛剛掉落的樹葉 沿著前人足跡輕踩而行",
        "早上從台北出門之際還是小雨不斷細雨紛飛",
    ]
    comments = "".join(f"<li><p>謝謝分享，第{number}次看了，真的好美！</p></li>" for number in range(4))
    html = f"<div class=post>{''.join(f'<p>{line}</p>' for line in diary)}</div><div id=comment-list>{comments}</div>"
    assert extract_page(html).text.split("\n") == diary


def test_line_above_the_first_sentence_stays_and_its_byline_goes() -> None:
    html = f"<td>{LINKS}</td><td>第三章 渡口<br>作者：林一　2006-3-1<br>{'<br>'.join(PARAGRAPHS)}</td>"
    assert extract_page(f"<table><tr>{html}</tr></table>").text.split("\n") == ["第三章 渡口", *PARAGRAPHS]


@pytest.mark.parametrize("heading", ["相关阅读", "为你推荐", "热门评论：", "関連記事", "延伸 · 推荐"])
def test_teasers_under_a_known_heading_are_cut(heading: str) -> None:
    teasers = "<h3>国庆前夕</h3><p>九月最后一个交易日，持股还是持币过节成为难题。</p><p>2019-09-30</p>" * 2
    html = f"<div><div>{BODY}</div><div><h2>{heading}</h2>{teasers}</div></div>"
    assert extract_page(html).text.split("\n") == PARAGRAPHS


def test_all_posts_of_a_thread_are_content() -> None:
    posts = [
        "周末去江心洲坐船要多少钱？谢谢！",
        "成人两块，小孩一块。",
        "上周刚去过，人不多，风景很好。建议早上去，可以看日出。",
    ]
    html = "".join(
        f"<table class=post><tr><td>用户{number}<br>新手上路</td><td><div>{post}</div><a href=r>回复</a> "
        "<a href=q>引用</a></td></tr></table>"
        for number, post in enumerate(posts)
    )
    text = extract_page(f"<ul>{LINKS}</ul><div>{html}</div>").text
    assert [line for line in text.split("\n") if line in posts] == posts
    assert "论坛" not in text


def test_element_named_like_a_button_is_content_where_the_text_is() -> None:
    html = f"<ul>{LINKS}</ul><div class='text share-buttons'>{BODY}</div><div class=intro><p>一段很短的导语。</p></div>"
    assert PARAGRAPHS[1] in extract_page(html).text


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


@pytest.mark.parametrize(
    "path", ["首页 > 新闻 > 正文", "您现在的位置：首页>>政务公开>>正文", "ホーム › ニュース › 本文"]
)
def test_path_of_pages_is_left_out(path: str) -> None:
    assert extract_page(f"<div><p>{path}</p>{BODY}</div>").text.split("\n") == PARAGRAPHS


PIECES = [">", " > ", "大 ", "相关", "推荐 ", "·", "评论", "2010-", "来源：", "【", "）", " "]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_any_mixture_of_furniture_leaves_the_text_whole(parts: list[str]) -> None:
    line = "".join(parts).replace(">", "&gt;")
    assert PARAGRAPHS[1] in extract_page(f"<div><p>{line}。</p>{BODY}<p>{line}。</p><h3>{line}</h3></div>").text


CHAPTER = "网关用于连接多个网络，这个词常常表示本地网络通往外部地址的出口，它充当路由器的身份。"
FIRST = "今天大部分的网络使用这种通信协议，它把传输的数据切割成小小的封包，再一个一个地送出去。"
SECOND = "另一个协议与此不同，它是封包导向的，由程序自己决定是否重新发送丢失的数据，因此常用于即时的通话。"
CLOSING = "理论讲得够多了，现在看看实际怎么做：打开转发，写好配置文件，然后重新启动网络服务即可生效。"


def test_notes_of_a_book_stand_in_its_chapter() -> None:
    notes = "".join(
        f'<div class="sidebar"><p class="title">{name}</p><div class="para">{text}</div></div>'
        for name, text in (("基本 协议", FIRST), ("文化 地址", SECOND))
    )
    body = f'<div class="section">{BODY}<div class="para">{CHAPTER}</div>{notes}<div class="para">{CLOSING}</div></div>'
    page = f'<ul class="nav"><li><a href="a">上一页</a></li><li><a href="b">下一页</a></li></ul>{body}'
    text = extract_page(page).text
    assert all(part in text for part in (CHAPTER, FIRST, SECOND, CLOSING))


def test_a_sidebar_of_links_in_an_article_goes() -> None:
    links = "".join(f'<li><a href="{number}">第{number}条热门新闻的标题写在这里</a></li>' for number in range(9))
    page = f'<article><p>{CHAPTER}{FIRST}</p><div class="sidebar"><ul>{links}</ul></div><p>{SECOND}</p></article>'
    assert "热门新闻" not in extract_page(page).text


def test_a_table_of_contents_does_not_cost_the_opening_of_a_chapter() -> None:
    contents = "".join(f'<dt><a href="#{number}">10.{number}. 这一节的标题有些长</a></dt>' for number in range(1, 40))
    section = f'<div class="section"><h2>10.1. 网关</h2><p>{FIRST}</p><p>{SECOND}</p><p>{CLOSING}</p></div>'
    page = f'<div class="chapter"><h1>第十章</h1><dl class="toc">{contents}</dl><p>{CHAPTER}</p>{section}</div>'
    text = extract_page(page).text
    assert CHAPTER in text
    assert CLOSING in text
    assert "有些长" not in text


@pytest.mark.parametrize("heading", ["関連項目", "另请参阅", "參見"])
def test_links_to_see_also_go_and_the_text_around_a_list_stays(heading: str) -> None:
    steps = "".join(
        f"<li><p>{step}</p></li>" for step in ("ドキュメントを開きます。", "グラフをクリックして選びます。") * 2
    )
    links = "".join(
        f'<div><p><a href="{number}">図を挿入する方法について {number}</a></p></div>' for number in range(7)
    )
    page = (
        f'<div id="area"><h1>グラフの挿入</h1><p>この方法で挿入したグラフは更新されません。</p><ol>{steps}</ol>'
        f"<p>貼り付けたグラフはサイズ変更や移動が行えます。</p><div><p>{heading}</p></div>{links}</div>"
        f'<footer><p>版権 <a href="x">利用条件</a></p></footer>'
    )
    text = extract_page(page).text
    assert "更新されません。" in text
    assert "移動が行えます。" in text
    assert "図を挿入する方法" not in text


def test_see_also_amid_a_text_does_not_end_it() -> None:
    see = '<h3>参见</h3><ul><li><a href="a">枚举与结构体的说明</a></li><li><a href="b">模式匹配的说明</a></li></ul>'
    page = f"<main><h1>甲</h1><p>{CHAPTER}</p><p>{FIRST}</p>{see}<h1>乙</h1><p>{SECOND}</p><p>{CLOSING}</p></main>"
    text = extract_page(page).text
    assert text.endswith(CLOSING)
    assert "模式匹配" not in text


def test_a_paragraph_that_is_a_link_stays_among_paragraphs() -> None:
    page = f'<article><p>{CHAPTER}</p><p><a href="z"><b>{SECOND}</b></a></p><p>{CLOSING}</p></article>'
    assert extract_page(page).text.split("\n") == [CHAPTER, SECOND, CLOSING]


@pytest.mark.parametrize(
    "attributes",
    ['style="color:red; white-space: pre-wrap"', 'id="main-content" class="bbs-screen bbs-content"'],
)
def test_line_ends_that_a_style_keeps(attributes: str) -> None:
    page = f"<div {attributes}><span>標題</span>{CHAPTER}\n{FIRST}\n\n<i>{SECOND}</i>\n</div>\n<p>{CLOSING}\n</p>"
    assert extract_page(page).text.split("\n")[1:] == [FIRST, SECOND, CLOSING]
    plain = page.replace(attributes, 'style="white-space: nowrap"')
    assert f"{CHAPTER}{FIRST}" in extract_page(plain).text


def test_pushes_below_an_article_of_a_board_are_comments() -> None:
    pushes = "".join(
        f'<div class="push"><span>推 </span><span>使用者{n}</span><span>: 推這篇寫得真好</span></div>' for n in range(5)
    )
    page = (
        f'<div id="main-content" class="bbs-screen bbs-content">{CHAPTER}\n{FIRST}\n{SECOND}\n{CLOSING}\n{pushes}</div>'
    )
    assert extract_page(page).text.split("\n") == [CHAPTER, FIRST, SECOND, CLOSING]
    assert "使用者3" in extract_page(page, comments="keep").text


@pytest.mark.parametrize(
    ("notice", "article"),
    [
        (
            "本網站使用 Cookie 以提供更好的服務，繼續瀏覽即表示您同意我們使用這些技術。" * 2,
            "今天下雨，所以沒有出門，在家讀書。",
        ),
        (
            "当サイトではCookieを使用しています。閲覧を続けることでCookieの使用に同意したものとみなします。",
            "雨の日は家で本を読んだ。",
        ),
    ],
)
def test_a_notice_of_cookies_never_wins_against_a_short_article(notice: str, article: str) -> None:
    page = f"<div class=entry><p>{article}</p></div><div class=bar><p>{notice}</p></div>"
    assert extract_page(page).text == article


def test_readings_between_lines_of_a_song_belong_to_it() -> None:
    lines = [
        ("爱逝去的爱讨不回来", "Ai shi qu de ai tao bu hui lai"),
        ("我还有话想对你说", "Wo hai you hua xiang dui ni shuo"),
    ]
    song = "<br>".join(f"{words}<br>{reading}" for words, reading in lines * 4)
    page = f"<div class=post>{song}</div><div class=widget><p>Thank you for your support, and do come again!</p></div>"
    text = extract_page(page).text
    assert text.count("Ai shi qu de ai") == 4
    assert "support" not in text


def test_what_asks_for_a_script_is_no_page() -> None:
    page = (
        "<noscript>このサイトをご覧になるにはJavaScriptを有効にしてください。ブラウザの設定をご確認のうえ、もう一度お試しください。"
        * 2
    )
    assert extract_page(page + "</noscript><p>要約</p>").text == "要約"


def test_escaped_content_of_noscript_is_no_text() -> None:
    page = '<noscript>&lt;img src="a.gif" style="display:none" height="1" width="1" alt=""&gt;</noscript>'
    assert extract_page(page + "<p>短い</p>").text == "短い"
