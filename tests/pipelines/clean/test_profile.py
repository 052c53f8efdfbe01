from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.clean.profile import Profile, profile, profiles
from hanmill.pipelines.text.character_classes import CharacterClass, character_classes

SIMPLIFIED = "我们去了北京，看了长城和故宫，还吃了烤鸭。"
TAIWAN = "他們在台北搭捷運，用悠遊卡付錢，影片也上傳到部落格了。"
HONG_KONG = "我哋坐港鐵去旺角，的士同巴士都好貴，政府話要改善質素。"
CANTONESE = "佢喺邊度呀？我唔知佢去咗邊，啲嘢都冇帶走。"
CLASSICAL = (
    "先帝創業未半而中道崩殂，今天下三分，益州疲弊，此誠危急存亡之秋也。"
    "然侍衛之臣不懈於內，忠志之士忘身於外者，蓋追先帝之殊遇。"
)
JAPANESE = "日本国憲法は、1946年に公布され、翌年に施行された。"
OLD_FORMS = "今日は國立圖書館へ行つて、古い雜誌を讀んだ。"
KOREAN = "바닷가 마을의 아침은 배가 들어오는 소리로 시작된다."
ENGLISH = "The harbour wakes before the town does."
CONVERTED = "請點擊屏幕右上角，登錄服務器後可以設置默認的短信，數據庫的鏈接會爲用戶打印信息。"


@pytest.mark.parametrize(
    ("text", "script", "region"),
    [
        (SIMPLIFIED, "Hans", "CN"),
        (TAIWAN, "Hant-TW", "TW"),
        (HONG_KONG, "Hant-HK", "HK"),
        (CANTONESE, "Hant-HK", ""),
        (CLASSICAL, "Hant", ""),
        (JAPANESE, "Jpan", "JP"),
        (OLD_FORMS, "Jpan", "JP"),
        (KOREAN, "Kore", ""),
        (ENGLISH, "Latn", ""),
        ("Привет, мир", "Zyyy", ""),
        ("一二三", "Hani", ""),
        ("", "Zyyy", ""),
        # Chinese that quotes Japanese, Japanese with hardly any kana, Latin with a Chinese name.
        ("這本小說的原名是「海辺の電車」，譯者說她保留了「ガタンゴトン」這些擬聲詞，讀起來很有意思。", "Hant", ""),
        ("東京都知事選挙の告示日", "Jpan", "JP"),
        ("The city of Beijing (北京) has a long history, and its people are proud of it.", "Latn", ""),
    ],
)
def test_script_and_region(text: str, script: str, region: str) -> None:
    found = profile(text)
    assert (found.script, found.region) == (script, region)


def test_counts_by_class() -> None:
    found = profile("國国は、ﾊﾅ 円ㄅ한ab１2я\x07\n")
    assert found.characters == 15
    assert found.spaces == 2
    assert (found.han, found.traditional, found.simplified, found.japanese_han) == (3, 1, 1, 1)
    assert (found.hiragana, found.katakana, found.hangul, found.bopomofo) == (1, 2, 1, 1)
    assert (found.latin, found.digits, found.cjk_marks, found.other_letters, found.controls) == (2, 2, 1, 1, 1)
    assert found.letters == 3 + 3 + 1 + 1 + 2 + 1


def test_cantonese_and_classical_are_told_from_standard_chinese() -> None:
    assert profile(CANTONESE).is_cantonese
    assert not profile(TAIWAN).is_cantonese
    assert not profile("香港的士司機說，今年的生意比去年好，乘客多了很多。").is_cantonese
    assert profile(CLASSICAL).is_classical
    assert profile(
        "北冥有鱼，其名为鲲。鲲之大，不知其几千里也。化而为鸟，其名为鹏。鹏之背，不知其几千里也。"
    ).is_classical
    assert not profile(SIMPLIFIED).is_classical
    assert not profile(
        "《论语》说：“学而时习之，不亦说乎？”这句话的意思是，学了以后要常常温习，这样的人是快乐的。"
    ).is_classical


def test_machine_conversion_is_flagged() -> None:
    assert profile(CONVERTED).converted
    assert not profile(TAIWAN).converted
    assert not profile(HONG_KONG).converted
    assert not profile(SIMPLIFIED).converted


def test_forms_that_hong_kong_and_a_converter_share_do_not_outvote_the_converter() -> None:
    assert profile("這一羣老人住在山裏，冬天裏的峯頂很冷，屋裏也冷。港鐵沒有到這裏。").region == "HK"
    converted = profile("這一羣農民工住在小區裏，因爲公交車很慢，他們打車到縣裏，羣衆都喫過盒飯。")
    assert (converted.region, converted.converted) == ("", True)


def test_words_of_the_mainland_in_standard_forms_mean_a_converted_page() -> None:
    assert profile("打開對話框，選擇磁盤和字段，刷新後粘貼到模塊。端口由內核分配。").converted
    assert not profile("開啟對話方塊，選擇磁碟和欄位，重新整理後貼上到模組。連接埠由核心分配。").converted


def test_a_character_shared_by_both_scripts_tells_nothing() -> None:
    classes = character_classes()
    assert classes[ord("后")] == CharacterClass.HAN
    assert classes[ord("國")] == CharacterClass.TRADITIONAL
    assert classes[ord("国")] == CharacterClass.SIMPLIFIED
    assert classes[ord("駅")] == CharacterClass.JAPANESE_HAN
    assert classes[ord("々")] == CharacterClass.HAN
    assert classes[0x2000B] == CharacterClass.HAN


@given(st.text(st.one_of(st.characters(), st.sampled_from("漢字かなカナ한글abc\ud800\x00，。")), max_size=200))
def test_every_character_is_counted_once(text: str) -> None:
    found = profile(text)
    assert found.characters + found.spaces == len(text)
    assert found.letters + found.digits + found.ascii_marks + found.cjk_marks + found.controls <= found.characters
    assert found.simplified + found.traditional + found.japanese_han <= found.han
    assert isinstance(found, Profile)
    assert found.script


@given(
    st.lists(
        st.one_of(
            st.text(
                st.one_of(st.characters(), st.sampled_from("漢字かなカナ한글abc\ud800\x00，。的這佢の稲")), max_size=60
            ),
            st.sampled_from([SIMPLIFIED, TAIWAN, HONG_KONG, CANTONESE, CLASSICAL, JAPANESE, OLD_FORMS, CONVERTED, ""]),
        ),
        max_size=12,
    )
)
def test_texts_together_have_the_profiles_they_have_alone(texts: list[str]) -> None:
    assert profiles(texts) == [profile(text) for text in texts]
