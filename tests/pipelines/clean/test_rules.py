from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanmill.pipelines.clean.measures.registry import Page, rule
from hanmill.pipelines.clean.profile import profile
from hanmill.pipelines.clean.rules import RULES, RuleError, apply_rules, check_rules, measure_rules
from hanmill.pipelines.extract.document import Document
from hanmill.schemas.recipe import RuleSetting
from hanmill.schemas.recipe_file import load_recipe

CHINESE = (
    "入秋以后水位回落，停了三个月的江心渡口在周五晚上重新开船。第一班船载着二十七名乘客，大多是下班回家的工人。\n"
    "船长老赵在这条航线上开了十九年船。他说，桥通车以后坐船的人少了，可是住在北岸的老人还是习惯走水路。\n"
    "码头边的小卖部也重新亮起了灯，热汤面五块钱一碗。老板娘说，只要有人过江，她就不关门。"
)
TRADITIONAL = (
    "颱風在凌晨登陸，風雨持續了六個小時。天亮以後，巷子裡到處是斷掉的樹枝和掀開的鐵皮。\n"
    "里長帶著鄰居們清理水溝，隔壁的早餐店老闆煮了一大鍋鹹粥，免費請大家吃。\n"
    "到了中午，電力恢復了，公車也開始行駛。孩子們在積水裡踩來踩去，好像什麼事都沒有發生過。"
)
JAPANESE = (
    "山あいの小さな駅には、一日に五本しか列車が止まらない。駅員はいないが、待合室はいつもきれいに掃除されている。\n"
    "掃除をしているのは、近くに住む中村さんだ。定年まで鉄道で働き、今も毎朝、時刻表のほこりを払う。\n"
    "「誰かが待っているかもしれないから」と中村さんは言う。その日、最初の列車を降りたのは学生が一人だけだった。"
)
CATALOGUE = "\n".join(f"ステンレスマグカップ {number}00ml ブルー" for number in range(2, 14))
SPAM = "\n".join(["特价手机壳，点击购买，全国包邮，特价手机壳，点击购买，全国包邮！"] * 14)
ENGLISH = "The parser now accepts nested quotation marks and reports the column of an error. 更多说明请见手册。"
FORUM = "\n".join(f"{number}楼 发表于 3 天前\n顶一下\n回复 引用" for number in range(2, 20))
TABLE = "\n".join(f"{year}\t{year * 3 % 997}\t{year * 7 % 997}\t合计" for year in range(1990, 2020))
SHORT_LIST = "\n".join(f"・項目{name}" for name in "甲乙丙丁戊己庚辛壬癸")
TEASERS = "\n".join(["市政府昨日宣布新的交通計畫…", "球隊在最後一刻逆轉獲勝…", "這道菜的祕訣其實很簡單..."] * 2)
RUN_ON = "山を越えて谷を渡り川を下って海に出た" * 30
INSTRUCTIONS = (
    "1. 关闭电源，拔下插头，等待十分钟，让机器完全冷却。\n2. 打开后盖，用软毛刷把滤网上的灰尘扫干净。\n"
    "3. 将滤网放进温水里浸泡，不要使用洗涤剂。\n4. 晾干以后按原来的方向装回去，听到“咔”的一声为止。"
)
TERM = (
    "自動販売機は、客が硬貨や紙幣を入れると商品を渡す機械である。自動販売機の歴史は古く、最初の自動販売機は寺院で聖水を"
    "売った。日本の自動販売機は飲料が多いが、切符の自動販売機や花の自動販売機もある。夜でも買える自動販売機は便利だが、"
    "電気を使う。近年は自動販売機の数が減り、災害のときに無料で飲料を出す自動販売機が増えた。"
)
WITHOUT_KANA = (
    "会社概要\n株式会社山田製作所は昭和四十年設立。\n本社所在地 東京都千代田区丸の内\n自動販売機製造販売及保守点検"
)
CONSTITUTION = (
    "朕祖宗ノ遺烈ヲ承ケ万世一系ノ帝位ヲ践ミ"
    "朕カ親愛スル所ノ臣民ハ即チ朕カ祖宗ノ恵撫慈養シタマヒシ所ノ臣民ナルヲ念ヒ其ノ康福ヲ増進シ\n"
    "第一条 大日本帝国ハ万世一系ノ天皇之ヲ統治ス\n第二条 皇位ハ皇室典範ノ定ムル所ニ依リ皇男子孫之ヲ継承ス"
)
BAGS = "牛革ケース 黒 送料無料\n財布 レディース 新作\nスマホケース 手帳型 革バッグ 激安\n長財布 ブランド 正規品"
CONVERTED = "請點擊屏幕右上角，登錄服務器後可以設置默認的短信，數據庫的鏈接會爲用戶打印信息。"


def document(text: str, url: str = "https://news.example/a", links: int = 0) -> Document:
    return Document("commoncrawl", "id", "", "題", url, "", text, "sample.warc.gz:7", link_characters=links)


def verdict(text: str, setting: RuleSetting, **options: object) -> object:
    one = document(text, **options)
    return apply_rules([one], [profile(text)], [setting])[0]


CASES = [
    (RuleSetting("characters@1", min=50), [CHINESE, JAPANESE], ["短すぎる文。", "太短了。"]),
    (RuleSetting("latin_ratio@1", max=0.5), [CHINESE, JAPANESE], [ENGLISH]),
    (RuleSetting("han_ratio@1", min=0.3), [CHINESE, TRADITIONAL], [ENGLISH, CATALOGUE]),
    (RuleSetting("hiragana_ratio@1", min=0.1), [JAPANESE], [CATALOGUE, TRADITIONAL, CONSTITUTION]),
    (RuleSetting("hiragana_ratio@2", min=0.15), [JAPANESE, WITHOUT_KANA, CONSTITUTION], [CATALOGUE, BAGS]),
    (RuleSetting("katakana_ratio@1", max=0.5), [JAPANESE, CHINESE], [CATALOGUE]),
    (RuleSetting("east_asian_ratio@1", min=0.5), [CHINESE, JAPANESE], [ENGLISH, TABLE]),
    (RuleSetting("letter_ratio@1", min=0.6), [CHINESE, JAPANESE], [TABLE]),
    (RuleSetting("digit_ratio@1", max=0.3), [CHINESE, JAPANESE], [TABLE]),
    (RuleSetting("machine_converted@1", max=0), [TRADITIONAL, CHINESE], [CONVERTED]),
    (
        RuleSetting("end_mark_ratio@1", min=0.2),
        [CHINESE, JAPANESE, "「もう帰る」\n「そうか」"],
        [CATALOGUE, SHORT_LIST],
    ),
    (RuleSetting("short_line_ratio@1", max=0.6), [CHINESE, JAPANESE], [SHORT_LIST, FORUM]),
    (RuleSetting("list_line_ratio@1", max=0.7), [CHINESE, JAPANESE], [SHORT_LIST, "1. 甲項\n2. 乙項\n3. 丙項"]),
    (
        RuleSetting("list_line_ratio@2", max=0.7),
        [CHINESE, JAPANESE, INSTRUCTIONS, "1. 電源を入れます。\n2. 扉を閉めます。"],
        [SHORT_LIST, "1. 甲項\n2. 乙項\n3. 丙項"],
    ),
    (RuleSetting("ellipsis_line_ratio@1", max=0.5), [TRADITIONAL, JAPANESE], [TEASERS]),
    (RuleSetting("mean_line_length@1", min=12), [CHINESE, JAPANESE], [SHORT_LIST, FORUM]),
    (RuleSetting("mean_sentence_length@1", min=8, max=90), [CHINESE, JAPANESE], [SHORT_LIST, RUN_ON]),
    (RuleSetting("longest_sentence@1", max=200), [CHINESE, JAPANESE], [RUN_ON]),
    (
        RuleSetting("page_noise@1", max=20),
        [CHINESE, JAPANESE],
        [FORUM, "税込 3,000円 送料無料 カートに入れる お気に入り"],
    ),
    (RuleSetting("repeated_line_ratio@1", max=0.3), [CHINESE, JAPANESE], [SPAM, TEASERS]),
    (RuleSetting("top_2gram_ratio@1", max=0.2), [CHINESE, JAPANESE], ["哈" * 50, "笑う" * 30]),
    (RuleSetting("top_4gram_ratio@1", max=0.15), [CHINESE, JAPANESE], ["特价包邮" * 10, "大売出し" * 10]),
    (RuleSetting("top_4gram_ratio@2", max=0.12), [CHINESE, JAPANESE, TERM], ["特价包邮" * 14, "大売出し" * 14, SPAM]),
    (RuleSetting("repeated_5gram_ratio@1", max=0.3), [CHINESE, JAPANESE], [SPAM, RUN_ON]),
    (RuleSetting("repeated_10gram_ratio@1", max=0.2), [CHINESE, JAPANESE], [SPAM, RUN_ON]),
    (RuleSetting("longest_character_run@1", max=50), [CHINESE, JAPANESE], ["開始" + "＝" * 60 + "結束", "草" * 200]),
    (
        RuleSetting("longest_repeated_run@1", max=64),
        [CHINESE, JAPANESE, "哈哈哈哈，真的真的真的太好笑了！", "あははははは"],
        ["特价包邮" * 17, "大売出し 大売出し\n" * 9, "<br/>" * 20, "━─" * 50],
    ),
    (RuleSetting("quality@1", min=0.5), [CHINESE, TRADITIONAL, JAPANESE], [CATALOGUE, SHORT_LIST, FORUM, TABLE, SPAM]),
    (RuleSetting("compression_ratio@1", min=0.3), [CHINESE, JAPANESE], [SPAM, RUN_ON]),
]


@pytest.mark.parametrize(("setting", "kept", "dropped"), CASES, ids=[setting.rule for setting, _, _ in CASES])
def test_rule_keeps_text_and_drops_what_it_is_for(setting: RuleSetting, kept: list[str], dropped: list[str]) -> None:
    for text in kept:
        assert verdict(text, setting) is None, text
    for text in dropped:
        found = verdict(text, setting)
        assert found is not None, text
        assert found.rule == setting.rule
        assert found.threshold in (setting.min, setting.max)
        assert found.snippet == text[:160]
        assert found.place == "sample.warc.gz:7"


RIGHTS = [
    ("opted_out@1", {"opt_out": True}, 1.0),
    ("opted_out@1", {"opt_out": False}, 0.0),
    ("opted_out@1", {"opt_out": None}, 0.0),
    ("licence_missing@1", {}, 1.0),
    ("licence_missing@1", {"licence": "CC0 1.0"}, 0.0),
    ("licence_non_commercial@1", {"licence": "CC BY-NC-SA 3.0 TW"}, 1.0),
    ("licence_non_commercial@1", {"licence": "cc-by-nc-4.0"}, 1.0),
    ("licence_non_commercial@1", {"licence": "https://license.example/once"}, 0.0),
    ("licence_no_derivatives@1", {"licence": "CC BY 4.0 | CC BY-ND 4.0"}, 1.0),
    ("licence_no_derivatives@1", {"licence": "CC BY-SA 4.0"}, 0.0),
]


@pytest.mark.parametrize(("rule", "says", "value"), RIGHTS)
def test_rules_on_what_a_page_says_of_its_use(rule: str, says: dict, value: float) -> None:
    one = document(CHINESE)._replace(**says)
    assert measure_rules(one, profile(CHINESE), [RuleSetting(rule, max=0)]) == {rule: value}


def test_every_rule_has_a_case() -> None:
    tested = {setting.rule for setting, _, _ in CASES} | {"link_ratio@1"} | {rule for rule, _, _ in RIGHTS}
    assert tested == {name for name, one in RULES.items() if not one.reads_list}


def test_link_share() -> None:
    setting = RuleSetting("link_ratio@1", max=0.4)
    assert verdict(JAPANESE, setting, links=10) is None
    found = verdict(JAPANESE, setting, links=120)
    assert found is not None
    assert found.measured == pytest.approx(120 / profile(JAPANESE).characters)


def test_word_list(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("# 广告\n特价手机壳\n送料無料\nsale\n", encoding="utf-8")
    setting = RuleSetting("listed_words@1", max=5, file=str(words))
    assert verdict(CHINESE, setting) is None
    assert verdict(SPAM, setting) is not None
    assert verdict("本日限り、送料無料でお届けします。", setting) is not None
    # A word of Latin letters counts whole: a wholesaler is no sale.
    assert verdict("the wholesaler 批發商", setting) is None
    assert verdict("大SALE開催", setting) is not None


def test_block_list(tmp_path: Path) -> None:
    listed = tmp_path / "blocked.txt"
    listed.write_text("bad.example\nhttps://forum.example/adult # 只封一个版\n", encoding="utf-8")
    setting = RuleSetting("listed_address@1", max=0, file=str(listed))
    assert verdict(CHINESE, setting, url="https://news.example/bad.example") is None
    assert verdict(CHINESE, setting, url="https://notbad.example/") is None
    assert verdict(CHINESE, setting, url="https://forum.example/adults") is None
    assert verdict(CHINESE, setting, url="https://www.BAD.example:8080/x") is not None
    assert verdict(CHINESE, setting, url="http://forum.example/adult/3?p=1") is not None
    assert verdict(CHINESE, setting, url="http://[broken") is None


def test_first_rule_that_refuses_decides() -> None:
    rules = [
        RuleSetting("characters@1", min=5),
        RuleSetting("hiragana_ratio@1", min=0.1),
        RuleSetting("han_ratio@1", min=0.99),
    ]
    texts = [JAPANESE, CATALOGUE, "短"]
    found = apply_rules([document(text) for text in texts], [profile(text) for text in texts], rules)
    assert [one.rule if one else None for one in found] == ["han_ratio@1", "hiragana_ratio@1", "characters@1"]


def test_scripts_and_sources_limit_a_rule() -> None:
    only_japanese = RuleSetting("hiragana_ratio@1", min=0.1, scripts=("Jpan",))
    assert verdict(CHINESE, only_japanese) is None
    assert verdict(CATALOGUE, only_japanese) is not None
    # Hant stands for Taiwan and Hong Kong too.
    traditional = RuleSetting("characters@1", min=1000, scripts=("Hant",))
    assert profile(TRADITIONAL).script == "Hant-TW"
    assert verdict(TRADITIONAL, traditional) is not None
    assert verdict(CHINESE, traditional) is None
    assert verdict(CHINESE, RuleSetting("characters@1", min=1000, sources=("wikipedia",))) is None


def test_measures_for_a_person_to_look_at() -> None:
    rules = [RuleSetting("hiragana_ratio@1", min=0.1, scripts=("Jpan",)), RuleSetting("characters@1", min=5)]
    assert measure_rules(document(CHINESE), profile(CHINESE), rules) == {"characters@1": profile(CHINESE).characters}


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (RuleSetting("no_such_rule@1", min=1), "rule found: no_such_rule@1; expected one of: characters@1"),
        (RuleSetting("listed_words@1", max=1), "listed_words@1: expected a file, found none"),
        (RuleSetting("characters@1", min=1, file="x"), "characters@1: expected no file, found x"),
    ],
)
def test_settings_that_cannot_be_applied(setting: RuleSetting, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        check_rules([setting])


def test_missing_list_is_named() -> None:
    with pytest.raises(RuleError, match=r"listed_words@1: nowhere\.txt"):
        verdict(CHINESE, RuleSetting("listed_words@1", max=1, file="nowhere.txt"))


@settings(max_examples=40)
@given(st.text(st.one_of(st.characters(), st.sampled_from("漢字かな。\n\t \ud800\x00「」…")), max_size=60))
def test_every_measure_is_a_finite_number(text: str) -> None:
    one = document(text)
    for name, registered in RULES.items():
        if not registered.reads_list:
            assert 0 <= registered.measure(Page(one, profile(text))) < float("inf"), name


def test_one_name_one_rule() -> None:
    with pytest.raises(ValueError, match="characters@1: registered twice"):
        rule("characters@1")(lambda page: 0.0)
    assert all(name == one.name for name, one in RULES.items())


def test_good_pages_that_the_first_versions_dropped() -> None:
    """Numbered instructions in whole sentences, and a short page that repeats its term, at the thresholds of web."""
    assert verdict(INSTRUCTIONS, RuleSetting("list_line_ratio@1", max=0.9)) is not None
    assert verdict(TERM, RuleSetting("top_4gram_ratio@1", max=0.12)) is not None
    rules = load_recipe("web").clean.rules
    for text in (INSTRUCTIONS + CHINESE, TERM):
        assert apply_rules([document(text)], [profile(text)], rules) == [None]


@pytest.mark.parametrize("name", ["web", "chinesebert", "unihanlm", "mlma", "mom"])
def test_every_page_meets_a_rule_of_length_and_links(name: str) -> None:
    """A page too short is refused in any script, whatever language its recipe adds."""
    rules = load_recipe(name).clean.rules
    check_rules(rules)
    for text in (
        "短い。",
        "太短了。",
        "짧다.",
        "Too short, whatever it says.",
        "Слишком коротко.",
        "12345",
        "北京 Beijing",
    ):
        found = apply_rules([document(text)], [profile(text)], rules)[0]
        assert found is not None, text
        assert found.rule == "characters@1"


def test_languages_of_the_recipes() -> None:
    assert load_recipe("web").clean.languages == ("zh", "yue", "lzh", "ja")
    assert {"en", "zh", "ja"} <= set(load_recipe("mlma").clean.languages)
    assert load_recipe("mom").clean.languages == ("ja", "en")
