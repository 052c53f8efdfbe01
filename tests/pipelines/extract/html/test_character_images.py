"""Pictures that stand for characters, degrees, and pages that hold their text where scripts do not look."""

from __future__ import annotations

import json

import pytest

from hanmill.pipelines.extract.html.page import extract_page

SENTENCES = (
    "この段落では光の速さとその測定方法について説明し、多くの科学者が長い時間をかけて努力してきたことを述べる。",
    "二つ目の段落ではマイケルソンの干渉計の実験を取り上げ、回転する鏡を使って得られた結果について論じている。",
)


def article(*paragraphs: str) -> str:
    return f"<article>{''.join(f'<p>{one}</p>' for one in (*paragraphs, *SENTENCES))}</article>"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ('作家の<img class="gaiji" src="a.png" alt="髙">村は詩人である。', "作家の髙村は詩人である。"),
        ('彼は<img alt="😀" class="emoji" src="a">と書いた。', "彼は😀と書いた。"),
        ('家族は<img alt="👨‍👩‍👧" src="a">である。', "家族は👨‍👩‍👧である。"),
        (
            '瓦<img src="../gaiji/1-14/1-14-28.png" alt="※(「勹＜二点」、第3水準1-14-75)" class="gaiji" />の話である。',
            "瓦匀の話である。",
        ),
        ('それは<img class="gaiji" alt="※(「さんずい＋（樊／火）」、U+3C37、ページ数)">である。', "それは㰷である。"),
        ('それは<img class="gaiji" alt="※(「木＋何か」)">である。', "それは〓である。"),
        ('<img src="kanji/1.png" alt="𠮷">野家の<img alt="猫" src="cat.png">である。', "𠮷野家のである。"),
        # Other pictures say nothing.
        ('ここに<img alt="写真" src="a">がある。', "ここにがある。"),
        ('ここに<img alt="→" src="a"><img alt="★" src="b"><img alt="東京タワーの夜景" src="c">ある。', "ここにある。"),
        ("気温は25<sup>o</sup>Cである。", "気温は25°Cである。"),
        ('気温は25<sup class="d">0</sup> Cで、77<sup>o</sup>Fである。', "気温は25° Cで、77°Fである。"),
        ("値は10<sup>0</sup>である。", "値は10⁰である。"),
    ],
)
def test_characters_that_pictures_and_raised_letters_stand_for(markup: str, text: str) -> None:
    assert extract_page(article(markup)).text.split("\n")[0] == text


@pytest.mark.parametrize("name", ["noscript", "noframes"])
def test_an_article_hidden_from_scripts_is_the_page_where_nothing_else_is(name: str) -> None:
    assert extract_page(f"<div id=app></div><{name}>{article()}</{name}>").text.split("\n") == [*SENTENCES]
    beside = f"{article()}<noscript><p>{'スクリプトを有効にしてください。' * 9}</p></noscript>"
    assert extract_page(beside).text.split("\n") == [*SENTENCES]


def test_a_page_that_a_script_fills_has_its_text_in_linked_data() -> None:
    data = {"@graph": [{"@type": "WebPage"}, {"@type": "NewsArticle", "articleBody": "\n".join(SENTENCES) + "a<b"}]}
    html = (
        f"<html lang=ja><title>題</title><script type='application/ld+json'>{json.dumps(data)}</script>"
        "<div>読み込み中</div><noscript>You need to enable JavaScript to run this app.</noscript></html>"
    )
    page = extract_page(html)
    assert (page.title, page.lang) == ("題", "ja")
    assert page.text.split("\n") == [SENTENCES[0], SENTENCES[1] + "a<b"]


@pytest.mark.parametrize("data", ["{", "[" * 5000, '{"articleBody": 3}', '{"articleBody": ""}'])
def test_data_that_hold_no_text_change_nothing(data: str) -> None:
    html = (
        f'<script type="application/ld+json">{data}</script><p>短い。</p><noscript>有効に。</noscript><i articleBody>'
    )
    assert extract_page(html).text == "短い。"
