"""LanguageConverter markup as mediawiki.org "Writing systems/Syntax" describes it, variant by variant."""

from __future__ import annotations

import pytest

from hanmill.pipelines.extract.wikitext import extract
from hanmill.pipelines.extract.wikitext.rules import resolve
from hanmill.pipelines.extract.wikitext.variants import CHINESE, canonical_variant, checked_variant

HANS = ["zh-hans", "zh-cn", "zh-sg", "zh-my"]
HANT = ["zh-hant", "zh-tw", "zh-hk", "zh-mo"]


def shown(wikitext: str, variant: str, language: str = "zh") -> str:
    return extract(wikitext, language, variant=variant).text


@pytest.mark.parametrize("variant", HANS)
def test_two_way_rules_fall_back_within_simplified(variant: str) -> None:
    assert shown("-{zh-cn:计算机;zh-tw:電腦}-", variant) == "计算机"


@pytest.mark.parametrize("variant", HANT)
def test_two_way_rules_fall_back_within_traditional(variant: str) -> None:
    assert shown("-{zh-cn:计算机;zh-tw:電腦}-", variant) == "電腦"


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("zh-hk", "的士"),
        ("zh-mo", "的士"),
        ("zh-tw", "計程車"),
        ("zh-hant", "計程車"),
        ("zh-sg", "德士"),
        ("zh-my", "德士"),
        ("zh-cn", "出租车"),
        ("zh", "出租车"),
    ],
)
def test_every_region_has_its_word(variant: str, expected: str) -> None:
    assert shown("-{zh-cn:出租车;zh-tw:計程車;zh-hk:的士;zh-sg:德士}-", variant) == expected


@pytest.mark.parametrize(
    ("language", "variant", "expected"),
    [
        ("kk", "kk-cn", "قازاق тілі"),
        ("kk", "kk-tr", "Қазақ тілі"),
        ("kk", "", "Қазақ тілі"),
        ("uz", "uz-cyrl", "kk-cyrl:Қазақ; kk-arab:قازاق тілі"),
    ],
)
def test_rules_of_other_wikis_with_converters(language: str, variant: str, expected: str) -> None:
    assert shown("-{kk-cyrl:Қазақ; kk-arab:قازاق}- тілі", variant, language) == expected


@pytest.mark.parametrize("variant", ["zh", *HANS, *HANT])
def test_text_in_bare_marks_is_not_converted(variant: str) -> None:
    assert shown("-{發财}-", variant) == "發财"
    assert shown("-{R|發财;zh-cn:x}-", variant) == "發财;zh-cn:x"


def test_a_rule_without_a_word_for_the_variant_shows_another() -> None:
    assert shown("買-{zh-tw:電腦}-", "zh-cn") == "买電腦"
    assert shown("買-{電腦=>zh-tw:計算機}-", "zh-cn") == "买"


def test_the_text_around_is_converted_to_the_variant_and_not_without_one() -> None:
    assert shown("馬克思與-{馬}-", "zh-hans") == "马克思与馬"
    assert shown("马克思", "zh-hant") == "馬克思"
    assert shown("馬克思", "zh") == "馬克思"
    assert extract("馬克思與马", "zh").text == "馬克思與马"


@pytest.mark.parametrize(
    ("variant", "expected"), [("zh-cn", "软件"), ("zh-tw", "軟體"), ("zh-hk", "軟件"), ("zh-hans", "软体、软件、软件")]
)
def test_hidden_rules_hold_from_where_they_stand(variant: str, expected: str) -> None:
    rule = "-{H|zh-cn:软件;zh-tw:軟體;zh-hk:軟件}-"
    text = shown(f"{rule}軟體、軟件、软件", variant)
    assert text == (expected if "、" in expected else "、".join([expected] * 3))
    before = shown(f"軟體。{rule}", variant)
    assert before in ("软体。", "軟體。")


def test_a_rule_that_adds_shows_its_word_and_one_that_removes_ends_it() -> None:
    wikitext = "Taiwan。-{A|zh:China;zh-tw:Taiwan}-，China，-{-|zh:China;zh-tw:Taiwan}-China，-{China}-"
    assert shown(wikitext, "zh-tw") == "Taiwan。Taiwan，Taiwan，China，China"


def test_one_way_rules_do_not_fall_back() -> None:
    rule = "-{H|博客=>zh-cn:网志}-博客"
    assert shown(rule, "zh-cn") == "网志"
    assert shown(rule, "zh-sg") == "博客"
    assert shown("-{巨集=>zh-cn:宏;巨集=>zh-tw:巨集}-", "zh-cn") == "宏"


def test_limited_conversion() -> None:
    rule = "-{H|zh-cn:软件;zh-tw:軟體}-"
    assert shown(f"{rule}-{{zh-hans;zh-hant|軟體}}-", "zh-cn") == "软体"
    assert shown(f"{rule}-{{zh-cn;zh-tw|軟體}}-", "zh-cn") == "软件"


def test_title_rule() -> None:
    page = extract("本-{T|zh-cn:计算机;zh-tw:電腦}-文", "zh", variant="zh-tw", title="计算机")
    assert (page.title, page.text) == ("電腦", "本文")
    assert extract("文", "zh", variant="zh-hant", title="计算机").title == "計算機"
    assert extract("-{T|zh-cn:甲;zh-tw:乙}-文", "zh", variant="zh", title="原").title == "原"


def test_descriptions_and_names() -> None:
    assert shown("-{D|zh-cn:软件;zh-tw:軟體}-", "zh-cn") == "大陆：软件；臺灣：軟體；"
    assert shown("-{D;H|宏=>zh-tw:巨集}-宏", "zh-tw") == "宏⇒臺灣：巨集；巨集"
    assert shown("-{N|zh-hk}-", "zh-cn") == "香港"


def test_nesting() -> None:
    wikitext = "-{zh-hans:甲-{zh-cn:中国;zh-sg:新加坡;}-;zh-hant:乙-{zh-tw:臺灣;zh-hk:香-{}-港;}-;}-！"
    assert shown(wikitext, "zh-hk") == "乙香港！"
    assert shown(wikitext, "zh-sg") == "甲新加坡！"


def test_empty_marks_keep_a_rule_from_applying() -> None:
    assert shown("-{H|zh-cn:网络;zh-tw:網路}-網路，網-{}-路", "zh-cn") == "网络，网路"


def test_rules_hold_links_templates_and_semicolons() -> None:
    assert shown("-{zh-hans:[[鼠标|鼠标器]];zh-hant:{{lang|en|mouse}};}-", "zh-hans") == "鼠标器"
    assert shown("-{zh-hans:[[鼠标|鼠标器]];zh-hant:{{lang|en|mouse}};}-", "zh-hant") == "mouse"
    assert shown("[[滑鼠|-{zh-hans:鼠标;zh-hant:滑鼠}-]]", "zh-hans") == "鼠标"
    assert shown("-{zh-cn:甲;乙;zh-tw:丙&nbsp;丁}-", "zh-cn") == "甲;乙"


def test_note_ta_gives_rules_and_title_to_the_whole_page() -> None:
    page = extract(
        "{{NoteTA|T=zh-hans:打印机;zh-hant:印表機|1=zh-cn:墨盒;zh-tw:墨水匣}}墨水匣",
        "zh",
        variant="zh-cn",
        title="印表機",
    )
    assert (page.title, page.text) == ("打印机", "墨盒")


def test_unfinished_marks_are_text() -> None:
    assert shown("甲-{zh-cn:乙", "zh-cn") == "甲-{zh-cn:乙"
    assert shown("甲}-乙", "zh-cn") == "甲}-乙"
    assert extract("-{zh-hans:汉;zh-hant:漢}-", "ja").text == "-{zh-hans:汉;zh-hant:漢}-"


def test_code_is_not_converted() -> None:
    assert shown("<code>馬</code><pre>馬</pre>馬", "zh-hans") == "馬\n馬\n马"
    assert shown("<code>馬-{}-馬</code>", "zh-hans") == "马马"


def test_without_a_variant_the_script_of_the_page_decides() -> None:
    rule = "-{zh-hans:硬盘;zh-hant:硬碟}-"
    assert extract(f"這個{rule}會壞", "zh").text == "這個硬碟會壞"
    assert extract(f"这个{rule}会坏", "zh").text == "这个硬盘会坏"


def test_serbian_letters() -> None:
    assert shown("Fridrih IV je car, -{lj}-, http://a.rs/b", "sr-ec", "sr") == "Фридрих IV је цар, lj, http://a.rs/b"
    assert shown("Његош", "sr-Latn", "sr") == "Njegoš"


def test_parallel_text_of_one_page() -> None:
    wikitext = "-{zh-cn:激光;zh-tw:雷射;zh-hk:鐳射}-打印"
    assert [shown(wikitext, variant) for variant in ("zh-cn", "zh-tw", "zh-hk")] == ["激光打印", "雷射打印", "鐳射打印"]


def test_codes_of_variants() -> None:
    assert canonical_variant("zh-Hant-HK") == checked_variant("zh", "zh_HK") == "zh-hk"


def test_too_many_rules_cost_no_more_time_and_lose_no_text() -> None:
    rules = "".join(f"-{{H|甲{number:03}=>zh-cn:乙{number:03};}}-文" for number in range(400))
    text = shown(f"{rules}甲001甲399", "zh-cn")
    assert text.startswith("文" * 400)
    assert text.endswith("乙001甲399")


def test_flags_resolve_without_a_page() -> None:
    resolved = resolve("A|zh-cn:软件;zh-tw:軟體", CHINESE, "zh-tw")
    assert resolved.shown == "軟體"
    assert resolved.added is not None
    assert resolved.added["zh-tw"] == {"软件": "軟體", "軟體": "軟體"}
    assert resolve("H|zh-cn:甲;zh-xx:乙", CHINESE, "zh-cn").added is not None
