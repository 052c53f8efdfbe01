from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanmill.pipelines.clean.language import Language, LanguageIdentifier, LanguageModelError
from hanmill.pipelines.clean.profile import profile


@pytest.fixture(scope="module")
def identifier() -> LanguageIdentifier:
    return LanguageIdentifier()


def identify(identifier: LanguageIdentifier, *texts: str) -> list[Language]:
    return identifier.identify(texts, [profile(text) for text in texts])


@pytest.mark.parametrize(
    ("text", "lang", "script"),
    [
        ("我们去了北京，看了长城。", "zh", "Hans"),
        ("他們在台北搭捷運，把影片上傳到網路。", "zh", "Hant-TW"),
        ("佢喺邊度呀？我唔知佢去咗邊，啲嘢都冇帶走。", "yue", "Hant-HK"),
        # 你, 呢, 吧 and 啊 are Cantonese as well.
        ("你食咗飯未呀？", "yue", "Hant-HK"),
        ("你去咗邊呢？", "yue", "Hant-HK"),
        ("優の良品 零食專賣店，歡迎各位顧客光臨選購。", "zh", "Hant"),
        ("平成二十三年東北地方太平洋沖地震", "ja", "Jpan"),
        ("學而時習之，不亦說乎？有朋自遠方來，不亦樂乎？人不知而不慍，不亦君子乎？", "lzh", "Hant"),
        ("𠮷野家で牛丼を食べた。", "ja", "Jpan"),
        ("今日は國立圖書館へ行つて、古い雜誌を讀んだ。", "ja", "Jpan"),
        ("오늘은 날씨가 좋다.", "ko", "Kore"),
        ("The harbour wakes before the town does.", "en", "Latn"),
        ("Das Boot liegt seit gestern im Hafen.", "de", "Latn"),
        ("Утром в деревне тихо, только слышно, как шумит река.", "ru", "Zyyy"),
        ("", "und", "Zyyy"),
        ("12345 !!! \n\n", "und", "Zyyy"),
    ],
)
def test_language_and_script(identifier: LanguageIdentifier, text: str, lang: str, script: str) -> None:
    found = identify(identifier, text)[0]
    assert (found.lang, found.script) == (lang, script)
    assert 0 <= found.confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "自動販売機",
        "定休日",
        "営業時間",
        "株式会社山田製作所 会社概要\n所在地 東京都千代田区丸之内一丁目\n資本金 一千万円\n設立 昭和四十年\n"
        "事業内容 精密機械部品製造販売",
        "東京都知事選挙告示日",
        "新幹線車両基地見学会",
        "厚生労働省 雇用均等 児童家庭局 総務課",
    ],
)
def test_japanese_without_kana(identifier: LanguageIdentifier, text: str) -> None:
    assert identify(identifier, text)[0].lang == "ja"


@pytest.mark.parametrize(
    "text",
    [
        "觀自在菩薩，行深般若波羅蜜多時，照見五蘊皆空，度一切苦厄。舍利子，色不異空，空不異色，色即是空，空即是色。",
        "永和九年，歲在癸丑，暮春之初，會于會稽山陰之蘭亭，修禊事也。群賢畢至，少長咸集。",
        "太原王生，早行，遇一女郎，抱襆獨奔，甚艱於步。急走趁之，乃二八姝麗。",
        "子曰：学而时习之，不亦说乎？",
        "床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。",
        "环滁皆山也。其西南诸峰，林壑尤美，望之蔚然而深秀者，琅琊也。",
        "晉太元中，武陵人捕魚為業，緣溪行，忘路之遠近。忽逢桃花林，夾岸數百步，中無雜樹，芳草鮮美，落英繽紛。",
        "大江东去，浪淘尽，千古风流人物。故垒西边，人道是，三国周郎赤壁。",
    ],
)
def test_literary_chinese(identifier: LanguageIdentifier, text: str) -> None:
    assert identify(identifier, text)[0].lang == "lzh"


@pytest.mark.parametrize(
    "text",
    [
        "剛剛剝咗智慧齒",
        "你食飯未呀？聽日得閒，點解唔嚟",
        "邊個話畀你知",
        "我琴日去睇戲",
        "呢個老細真係好鬼衰",
    ],
)
def test_short_cantonese(identifier: LanguageIdentifier, text: str) -> None:
    assert identify(identifier, text)[0].lang == "yue"


@pytest.mark.parametrize(
    "text",
    [
        "我昨天去了图书馆",
        "中华人民共和国国务院办公厅",
        "第一条　为了保护公民、法人和其他组织的合法权益，根据宪法，制定本法。",
        "國立臺灣大學圖書館",
        "王大明 李小華 陳美玲 林志強",
        "所謂「學而時習之，不亦說乎」，意思是學了以後要常常溫習，這樣的人是快樂的。",
        "請問這個多少錢？我想買兩個。",
        "北京市海淀区中关村大街一号",
    ],
)
def test_modern_chinese(identifier: LanguageIdentifier, text: str) -> None:
    assert identify(identifier, text)[0].lang == "zh"


def test_a_chinese_page_full_of_commands_is_chinese_and_an_english_one_with_a_name_is_english(
    identifier: LanguageIdentifier,
) -> None:
    commands = (
        "grub-install /dev/sda update-grub menu.lst initrd vmlinuz ext4 chroot mount umount fdisk sfdisk blkid " * 3
    )
    page = f"配置引导加载器：运行下面的命令，把它装到主引导记录，然后重新启动，便能看到菜单。\n{commands}"
    name = "The city of Beijing (北京) has a long history, and its people are proud of it. " * 3
    found = identify(identifier, page, name)
    assert [(one.lang, one.script) for one in found] == [("zh", "Hans"), ("en", "Latn")]


def test_batch_keeps_its_order(identifier: LanguageIdentifier) -> None:
    found = identify(identifier, "The town is small.", "町は小さい。", "", "小镇不大。")
    assert [one.lang for one in found] == ["en", "ja", "und", "zh"]


def test_latin_in_a_chinese_page_does_not_make_it_english(identifier: LanguageIdentifier) -> None:
    text = "使用 apt-get install 命令安装软件包，然后运行 systemctl restart 重新启动服务。配置文件位于 /etc 目录下面。"
    assert identify(identifier, text)[0].lang == "zh"


def test_hostile_text(identifier: LanguageIdentifier) -> None:
    found = identify(identifier, "\ud800\udfff", "a\x00b\nc\n", "x" * 1_000_000, "\n" * 1000)
    assert len(found) == 4


def test_missing_model_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(LanguageModelError, match=r"missing\.ftz"):
        LanguageIdentifier(tmp_path / "missing.ftz")


@pytest.mark.parametrize(("lang", "least"), [("zh", 0.99), ("ja", 0.99), ("ko", 0.99), ("en", 0.99), ("de", 0.97)])
def test_accuracy_on_real_sentences(identifier: LanguageIdentifier, shared_data: Path, lang: str, least: float) -> None:
    lines = (shared_data / f"langid/{lang}.txt").read_text(encoding="utf-8").splitlines()
    found = identify(identifier, *lines)
    assert sum(one.lang == lang for one in found) >= least * len(lines)


def paragraphs(path: Path) -> Iterator[str]:
    value = json.loads(lzma.decompress(path.read_bytes()))
    for article in value["data"] if isinstance(value, dict) else value:
        for paragraph in article.get("paragraphs", [article]):
            yield (paragraph.get("context") or paragraph["context_text"]).rpartition("[SEP]")[2].strip()


@pytest.mark.parametrize(
    ("file", "lang", "least"),
    [
        ("cmrc2018-trial.json.xz", "zh", {10: 0.96, 20: 0.98, 50: 0.97, 200: 0.99}),
        ("drcd-dev.json.xz", "zh", {10: 0.98, 20: 0.98, 50: 0.99, 200: 1.0}),
        ("jsquad-valid.json.xz", "ja", {10: 0.97, 20: 0.99, 50: 1.0, 200: 1.0}),
    ],
)
def test_accuracy_by_length(
    identifier: LanguageIdentifier, shared_data: Path, file: str, lang: str, least: dict[int, float]
) -> None:
    text = "".join(dict.fromkeys(paragraphs(shared_data / "reading" / file)))
    for length, share in least.items():
        pieces = [text[start : start + length] for start in range(0, min(len(text), 300 * length), length)]
        found = identify(identifier, *pieces)
        assert sum(one.lang == lang for one in found) >= share * len(pieces), length


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("如是我聞，一時佛在舍衛國祇樹給孤獨園。", "lzh"),
        ("觀自在菩薩，行深般若波羅蜜多時，照見五蘊皆空，度一切苦厄。", "lzh"),
        ("王子安，名勃，绛州龙门人也。", "lzh"),
        ("臣亮言：先帝創業未半，而中道崩殂。", "lzh"),
        ("大學之道，在明明德，在親民，在止於至善。", "lzh"),
        ("是時佛告長老舍利弗", "lzh"),
        ("凡年滿十八歲者，皆有選舉權。", "zh"),
        ("他信奉佛教，常念般若心经。", "zh"),
        ("依據民法第一百八十四條之規定，應負損害賠償責任。", "zh"),
    ],
)
def test_single_lines_of_literary_chinese(text: str, lang: str) -> None:
    assert LanguageIdentifier().identify([text], [profile(text)])[0].lang == lang
