"""The whole way from wikitext to text, in every language the project reads."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hanmill.pipelines.extract.wikitext import VariantError, extract
from hanmill.pipelines.extract.wikitext.marks import CONTROLS

WORDS = """{{ }} {{{ }}} [[ ]] [ ] | || = == \n \n\n {| |} |- ! !! -{ }- ' '' ''' ''''' <ref> </ref> <ref/> <!-- -->
    <nowiki> </nowiki> <pre> </pre> <ruby> <rt> </rt> <rp> </ruby> <sup> </sup> <br> <div> </div> <table> </table>
    <math> </math> <poem> </poem> &amp; &#x6f22; &lt; 漢字 かんじ ， 、 。 （ ） 「 」 lang|en| ruby|漢|かん R| H| A|
    zh-hans:汉 ;zh-hant:漢 => 仮リンク|猫|en|cat File: Category: http://
    [http://x.jp\u3000 * # : ; 東京 홍콩 \x01 \x02 \x03
    \x04 0 \x05 \x06 \x07 \x0e \x10 0 \x12 \x00 \ud800 \ufdd0 𠮷 e\u0301 __TOC__ {{PAGENAME}} noteTA|1="""
PIECES = st.sampled_from(WORDS.split(" "))
HOSTILE = st.lists(PIECES, max_size=60).map("".join)


def text(wikitext: str, language: str = "ja", **options: object) -> str:
    return extract(wikitext, language, **options).text  # type: ignore[arg-type]


@given(wikitext=HOSTILE, language=st.sampled_from(["ja", "zh", "yue", "ko", "en"]), tables=st.booleans())
@settings(max_examples=300, deadline=None)
@example(wikitext="{{ruby|漢字|かんじ}}" * 3, language="ja", tables=False)
@example(wikitext="\x01漢\x02かん\x03", language="ja", tables=False)
@example(wikitext="<ruby>漢<rt>[[か|\nん]]</rt></ruby>", language="ja", tables=True)
def test_anything_is_read_and_offsets_hold(wikitext: str, language: str, tables: bool) -> None:
    extracted = extract(wikitext, language, title="猫", tables=tables)
    extracted.text.encode()
    assert not set(CONTROLS) & set(extracted.text)
    assert 0 <= extracted.link_characters <= len(extracted.text)
    end = 0
    for reading in extracted.readings:
        assert end <= reading.start < reading.end <= len(extracted.text)
        assert reading.reading.strip()
        end = reading.end


@given(wikitext=HOSTILE, variant=st.sampled_from(["zh", "zh-hans", "zh-hant", "zh-tw", "zh-HK", "zh-Hant-TW"]))
@settings(max_examples=150, deadline=None)
def test_any_variant_of_anything(wikitext: str, variant: str) -> None:
    extracted = extract(wikitext, "zh", title="貓", variant=variant)
    extracted.text.encode()
    assert not set(CONTROLS) & set(extracted.text + extracted.title)


@given(
    st.lists(
        st.tuples(st.sampled_from(["東京", "東京都", "漢字", "台風"]), st.sampled_from(["とうきょう", "かんじ"])),
        max_size=8,
    )
)
def test_readings_point_at_their_surface(pairs: list[tuple[str, str]]) -> None:
    extracted = extract("".join(f"、{{{{ruby|{surface}|{reading}}}}}は" for surface, reading in pairs), "ja")
    found = [(extracted.text[one.start : one.end], one.reading) for one in extracted.readings]
    assert found == pairs
    assert extracted.text == "".join(f"、{surface}は" for surface, _ in pairs)


def test_a_japanese_paragraph_keeps_its_words_and_readings() -> None:
    extracted = extract(
        "'''東京'''（{{読み仮名|東京|とうきょう|旧称は江戸}}）は、[[日本]]の[[首都]]である"
        "<ref>{{Cite web|title=x}}</ref>。{{仮リンク|都政|en|Tokyo Metropolitan Government}}と"
        "{{lang|en|Tokyo}}と{{ruby|漢字|かんじ}}。",
        "ja",
        title="東京",
    )
    assert extracted.text == "東京（東京（とうきょう、旧称は江戸））は、日本の首都である。都政とTokyoと漢字。"
    assert [(extracted.text[one.start : one.end], one.reading) for one in extracted.readings] == [
        ("東京", "とうきょう"),
        ("漢字", "かんじ"),
    ]
    assert extracted.link_characters == len("日本首都")


@pytest.mark.parametrize(
    ("language", "wikitext", "expected"),
    [
        (
            "zh",
            "'''貓'''（[[學名]]：{{lang|la|Felis catus}}）是{{link-en|家養動物|domestic animal}}。",
            "貓（學名：Felis catus）是家養動物。",
        ),
        ("zh", "由{{tsl|en|Unix|尤尼克斯系统|系统}}和{{le|内核|Kernel|核心}}组成", "由系统和核心组成"),
        (
            "zh",
            "'''魯迅'''{{bd|1881年|9月25日|1936年|10月19日}}，作家。",
            "魯迅（1881年9月25日－1936年10月19日），作家。",
        ),
        (
            "yue",
            "'''香港'''（{{lang-en|Hong Kong}}）係一個[[城市]]，喺[[珠江]]口。",
            "香港（英語：Hong Kong）係一個城市，喺珠江口。",
        ),
        ("lzh", "子曰：「學而時習之，不亦說乎？」<ref>論語</ref>", "子曰：「學而時習之，不亦說乎？」"),
        ("ja", "{{JIS2004フォント|辻}}と{{補助漢字フォント|鄧}}、學校の櫻。", "辻と鄧、學校の櫻。"),
        ("ja", "高さは{{convert|634|m|ft}}、気温{{convert|3|C}}", "高さは634 m、気温3 °C"),
        ("ja", "高さは{{convert|" + "9" * 5000 + "|m}}", "高さは" + "9" * 5000 + " m"),
        (
            "ja",
            "面積は1018万km{{sup|2}}、水はH{{sub|2}}O、{{val|1.5|e=3|u=kg}}",
            "面積は1018万km²、水はH₂O、1.5×10³ kg",
        ),
        (
            "ja",
            "* {{URY}}\n* {{flag|JPN}}\n* {{PRI}}（米国自由連合州）",
            "ウルグアイ\n日本\nプエルトリコ（米国自由連合州）",
        ),
        ("ja", "「{{高線|るしが}}」は{{Harvtxt|山田|鈴木|2000}}による。", "「るしが」は山田 & 鈴木 (2000)による。"),
        ("ja", "作品{{ubl|[[猫]]|犬}}がある。{{by|1990年}}", "作品\n猫\n犬\nがある。1990年"),
        ("zh", "友城：{{UZB}}[[塔什干]]、{{stn|臺北}}的{{注音|猫|māo}}", "友城：烏茲別克塔什干、臺北的猫"),
        ("en", "Albedo ({{IPAc-en|lang|æ|l|ˈ|b|iː|d|oʊ}}; {{respell|al|BEE|doh}})", "Albedo (/ælˈbiːdoʊ/; al-BEE-doh)"),
        ("ko", "'''서울'''({{llang|en|Seoul}})은 [[대한민국]]의\n수도이다.", "서울(Seoul)은 대한민국의 수도이다."),
        ("en", "{{nihongo|'''Tokyo'''|東京|Tōkyō}} is ''big''.", "Tokyo (東京, Tōkyō) is big."),
        (
            "en",
            "China ({{zh|s=中国|t=中國|p=Zhōngguó}})",
            "China (simplified Chinese: 中国; traditional Chinese: 中國; pinyin: Zhōngguó)",
        ),
        (
            "de",
            "'''Berlin''' ist die [[Hauptstadt]] {{nowrap|von Deutschland}}.",
            "Berlin ist die Hauptstadt von Deutschland.",
        ),
    ],
)
def test_text_bearing_templates(language: str, wikitext: str, expected: str) -> None:
    assert text(wikitext, language) == expected


@pytest.mark.parametrize(
    ("wikitext", "expected"),
    [
        ("正式名称は、{{知らない}}。", ""),
        ("中華（{{lang|zh|}}、{{知らない}}）料理", "中華料理"),
        ("猫（{{知らない}}、ねこ）", "猫（ねこ）"),
        ("「{{知らない}}」と（[[File:a.png|thumb|絵]]）終わり", "と終わり"),
        ("鉤括弧（「」）と丸括弧（）の話", "鉤括弧（「」）と丸括弧（）の話"),
        ("由来する。<ref>甲</ref>。次", "由来する。次"),
        ("一つ{{知らない}}、{{知らない}}、二つ", "一つ、二つ"),
        ("foo ({{x}}) bar, {{x}}, baz {{x}}.", "foo bar, baz."),
        ("とされるが、、稀に東京（）は、。次，，後", "とされるが、稀に東京は。次，後"),
        ("句読点（、。）と「、、」と、、、と関数()と「（）」", "句読点（、。）と「、、」と、、、と関数()と「（）」"),
        ("値{{#if:{{知らない}}|甲}}、{{#invoke:日付|年}}。", "値。"),
        ("人口（{{#if:|約}}）は{{#switch:日本|日本|Japan=多い|#default=不明}}", "人口は多い"),
    ],
)
def test_nothing_empty_is_left_behind(wikitext: str, expected: str) -> None:
    assert text(wikitext) == expected


@pytest.mark.parametrize(
    ("wikitext", "expected"),
    [
        ("[[ファイル:a.jpg|thumb|[[東京]]の[[空|青空]]]]本文", "本文"),
        ("[[画像:a.jpg|135px]][[File:b.jpg]]本文[[Category:日本]][[カテゴリ:都市|とうきょう]][[en:Tokyo]]", "本文"),
        ("[[:Category:日本の都市]]と[[:en:Tokyo]]", "Category:日本の都市とen:Tokyo"),
        ("[[未来日記-ANOTHER:WORLD-]]", "未来日記-ANOTHER:WORLD-"),
        ("[[東京 (曖昧さ回避)|]]と[[Help:ヘルプ (案内)|]]", "東京とヘルプ"),
        (
            "[https://example.org 公式サイト]と[https://example.org]とhttps://example.org",
            "公式サイトととhttps://example.org",
        ),
        ("[[猫|ネコ]]たち [[犬#種類]]", "ネコたち 犬#種類"),
        ("[[開いたまま 次の行\n閉じない", "開いたまま 次の行閉じない"),
        ("<nowiki>[[x]] ''y'' {{z}}</nowiki>と&#91;&amp;nbsp;&lt;", "[[x]] ''y'' {{z}}と[&nbsp;<"),
        ("H<sub>2</sub>O、10<sup>-3</sup>、m<sup>2</sup>、1<sup>st</sup>", "H₂O、10⁻³、m²、1st"),
        ("<math>x^2+\\alpha</math>と<math>\\frac{a}{b}</math>です", "$x^2+\\alpha$と$\\frac{a}{b}$です"),
        ("__NOTOC__{{PAGENAME}}は{{lc:ABC}}{{DEFAULTSORT:ねこ}}{{!}}", "猫はabc|"),
        ('前<span style="display:none">隠<span>し</span></span>後', "前後"),
        ("a<!-- b -->c<!-- 閉じない", "ac"),
        ("<poem>古池や\n蛙飛びこむ\n水の音</poem>", "古池や\n蛙飛びこむ\n水の音"),
        ("<stdio.h>と<b>太字</b>", "<stdio.h>と太字"),
        ("2-{4-[(2-メチル)]}-酢酸", "2-{4-[(2-メチル)]}-酢酸"),
        ("l''''amour'''", "l'amour"),
        ("''Nevermind'''s sleeve, '''bold'''", "Nevermind's sleeve, bold"),
        ("''[[猫|ねこ]]'''の '''犬'''", "ねこ'の 犬"),
        ("次 '''甲 ''乙\n''丙'''''丁'''", "次 '甲 乙丙丁"),
        ("le '''livre''' et l'''an d''u", "le livre et l'an du"),
        ("''''''六'''''", "'六"),
        ("甲'<nowiki/>'''乙'''と\n\n<nowiki/>*丙", "甲'乙と\n*丙"),
        ("== 章<br />題 ==\n本文<br>続き\n=甲<br>", "章 題\n本文\n続き=甲"),
        ("&#x0000063;と&#00000112;と&#00000000112;", "cとpとp"),
        ("{{padleft:|3|あい}}と{{padright:7|3}}", "あいあと700"),
        ("[[ファイル:a.jpg|thumb|絵[http://a.example 館]]]本文", "本文"),
        ("[[猫]]の図[[ファイル:a.jpg|thumb|閉じない[[説明]]\n\n次の段落", "猫の図\n次の段落"),
        ("[[猫|ねこ]は[[犬]]、[[鳥|とり", "ねこは犬、とり"),
        ("[[配列[0]の値]と[[a|b[1]c]]", "配列[0]の値とb[1]c"),
        ("本文\n[[Category:日本\n[[カテゴリ:都市|とし", "本文"),
        ("前\n|名前 = 猫\n| 画像=a.jpg\n|-\n}}\n{{Infobox 人物\n|生年=1990\n後", "前\n後"),
        ("| a |\n|x|=1", "| a | |x|=1"),
        ("ch<sup>*</sup>とñ<sup>**</sup>の<sup>†</sup>注<br>*一<br />:二<br>*p", "chとñの注\n一\n二\n*p"),
        ("== 脚注<ref>甲</ref> ==\n注\n== 後 ==\n<nobr>文</nobr>", "後\n文"),
        ("前<gallery>\nファイル:a.jpg|[[猫]]の絵\nb.png|絵\n\n後<ref>注", "前\n後注"),
        ("[[http://a.example 公式]]と[[https://a.example]]", "公式と"),
        ("一<br\\>二<br.>三</br>四<BR/ >五", "一\n二\n三\n四\n五"),
        ("__目次強制__Pythonの__init__と__FILE____NOTOC__", "Pythonの__init__と__FILE__"),
        ("{{{1}}}と{{{a|{{{b|c}}}}}}と{{{甲|[[乙]]}}}と{{{丙|}}}", "とcと乙と"),
        (";<b>用語:甲</b>:説明\n;<b>閉じない:乙", "用語:甲\n説明\n閉じない:乙"),
    ],
)
def test_constructs(wikitext: str, expected: str) -> None:
    assert text(wikitext, title="猫") == expected


def test_lines_and_lists() -> None:
    wikitext = "序文が\n続く。\n\n* 一\n** 二\n# 三\n: 四\n; 用語 : 説明\n次の段落。<br />改行後\n----\n終わり"
    assert text(wikitext).split("\n") == [
        "序文が続く。",
        "一",
        "二",
        "三",
        "四",
        "用語",
        "説明",
        "次の段落。",
        "改行後",
        "終わり",
    ]


def test_headings_stay_as_lines_unless_empty_or_unwanted() -> None:
    wikitext = "序\n== 歴史 ==\n本文\n== 表だけ ==\n{|\n| a\n|}\n=== 下位 ===\n文\n== 空 ==\n"
    assert text(wikitext) == "序\n歴史\n本文\n表だけ\n下位\n文"
    assert text(wikitext, headings=False) == "序\n本文\n文"


def test_tail_sections_are_cut_with_their_subsections_only() -> None:
    wikitext = (
        "序\n== 脚注 ==\n注\n=== 細目 ===\n細\n== 影響 ==\n後\n== [[外部リンク]] ==\n* [http://x y]\n[[Category:a]]"
    )
    assert text(wikitext) == "序\n影響\n後"
    assert "細目" in text(wikitext, tail_sections=True)


@pytest.mark.parametrize(
    "title", ["參考資料", "外部链接", "參見", "註釋", "References", "External links", "참고 문헌", "注释与参考文献"]
)
def test_tail_titles_of_other_wikis(title: str) -> None:
    assert text(f"正文\n== {title} ==\n內容", "zh") == "正文"


def test_tables_are_left_out_or_kept_row_by_row() -> None:
    wikitext = (
        '前\n{| class="wikitable"\n|+ 表題\n! 駅 !! 区\n|-\n| align="left" | [[東京駅]] || 千代田区\n'
        "|-\n| 上野駅\n| 台東区\n|}\n後"
    )
    assert text(wikitext) == "前\n後"
    assert text(wikitext, tables=True).split("\n") == [
        "前",
        "表題",
        "駅\t区",
        "東京駅\t千代田区",
        "上野駅\t台東区",
        "後",
    ]


def test_an_unclosed_table_ends_at_the_next_paragraph() -> None:
    assert text("前\n{| class=x\n| 甲\n| 乙\n\n次の段落。\n== 節 ==\n文") == "前\n次の段落。\n節\n文"


def test_a_table_left_open_inside_a_template_does_not_swallow_the_page() -> None:
    assert text("前{{知らない|\n{|\n| a\n}}後{{quote|\n{|\n| b\n}}終") == "前後\n終"


def test_ruby_tags_give_aligned_readings() -> None:
    extracted = extract(
        "<ruby>東<rp>（</rp><rt>とう</rt><rp>）</rp>京<rt>きょう</ruby>と<ruby><rb>漢字</rb><rt>かんじ</rt></ruby>",
        "ja",
    )
    assert extracted.text == "東京と漢字"
    assert [(extracted.text[one.start : one.end], one.reading) for one in extracted.readings] == [
        ("東", "とう"),
        ("京", "きょう"),
        ("漢字", "かんじ"),
    ]


def test_nested_templates_and_the_report_of_what_was_left_out() -> None:
    extracted = extract(
        "{{Infobox 都市|名={{lang|en|Tokyo}}|画像=[[File:a.png]]}}"
        "{{small|{{lang|en|{{nowrap|New York}}}}}}{{謎}}{{謎}}",
        "ja",
    )
    assert extracted.text == "New York"
    assert extracted.templates_dropped == {"infobox 都市": 1, "謎": 2}


def test_depth_is_bounded_without_losing_what_comes_after() -> None:
    deep = "{{small|" * 500 + "芯" + "}}" * 500
    assert text(f"前{deep}後").startswith("前")
    assert text(f"前{deep}後").endswith("後")
    assert text("[[" * 5000 + "猫" + "]]" * 5000).count("猫") == 1


def test_a_list_inside_a_template_is_a_list() -> None:
    assert text("{{columns-list|2|\n* 赤\n* [[青]]\n}}\n{{columns-list|2|\n* 白\n* 黒\n}}") == "赤\n青\n白\n黒"


def test_flags_of_a_page() -> None:
    assert extract("…{{aimai}}", "ja").flags == ("disambiguation",)
    assert extract("…{{節スタブ}}{{Japan-stub}}", "ja", title="駅の一覧").flags == ("list", "stub")


def test_an_unknown_variant_is_refused_with_both_sides() -> None:
    with pytest.raises(VariantError, match=r"'zh-xx'.*zh-hans"):
        extract("貓", "zh", variant="zh-xx")
    with pytest.raises(VariantError, match="none"):
        extract("猫", "ja", variant="zh-hans")
