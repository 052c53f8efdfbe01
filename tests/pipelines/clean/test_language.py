from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.clean.language import Language, LanguageIdentifier, LanguageModelError
from pipelines.clean.profile import profile


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
