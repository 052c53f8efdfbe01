"""The numbers inside profile and language, each at its edge: a text on either side of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hanmill.pipelines.clean import han_languages
from hanmill.pipelines.clean import profile as profile_module
from hanmill.pipelines.clean.language import Language, LanguageIdentifier
from hanmill.pipelines.clean.profile import Profile, profile
from tests.pipelines.clean.golden_texts import TEXTS

GOLDEN = Path(__file__).parent / "data" / "golden_profiles.json"


def described(text: str) -> dict[str, Any]:
    """Every count, property and verdict of one text."""
    found = profile(text)
    language = LanguageIdentifier().identify([text], [found])[0]
    counts = {name: value for name, value in found._asdict().items() if value}
    return {
        **{name: round(value, 3) if isinstance(value, float) else value for name, value in counts.items()},
        "lang": language.lang,
        "script": language.script,
        "confidence": round(language.confidence, 4),
    }


def test_profiles_and_languages_of_fixed_texts() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert set(golden) == set(TEXTS)
    for name, text in TEXTS.items():
        assert described(text) == golden[name], name


@pytest.mark.parametrize(
    ("found", "cantonese"),
    [
        (Profile(han=100, cantonese=2, mandarin=5), True),
        (Profile(han=101, cantonese=2, mandarin=5), False),
        (Profile(han=10, cantonese=1, mandarin=1), False),
        (Profile(han=20, cantonese=1), True),
        (Profile(han=21, cantonese=1), False),
    ],
)
def test_cantonese(found: Profile, cantonese: bool) -> None:
    assert found.is_cantonese == cantonese


@pytest.mark.parametrize(
    ("found", "classical"),
    [
        (Profile(han=10, literary=5.0), True),
        (Profile(han=10, literary=4.99), False),
        (Profile(han=200, literary=10.0), True),
        (Profile(han=201, literary=10.0), False),
        (Profile(han=100, literary=50.0, mandarin=3), True),
        (Profile(han=99, literary=50.0, mandarin=3), False),
        (Profile(han=1000, literary=500.0, hiragana=20), True),
        (Profile(han=1000, literary=500.0, hiragana=20, katakana=1), False),
    ],
)
def test_literary(found: Profile, classical: bool) -> None:
    assert found.is_classical == classical


@pytest.mark.parametrize(
    ("found", "script"),
    [
        (Profile(han=1, latin=12), "Hani"),
        (Profile(han=1, latin=13), "Latn"),
        (Profile(han=1, other_letters=13), "Zyyy"),
        (Profile(han=1, latin=6, other_letters=6), "Hani"),
        (Profile(han=10, hangul=2), "Hani"),
        (Profile(han=10, hangul=3), "Kore"),
        # Kana of three tenths and more: Hangul must outnumber Han and kana.
        (Profile(han=7, hiragana=3, hangul=10, region="JP"), "Jpan"),
        (Profile(han=7, hiragana=3, hangul=11, region="JP"), "Kore"),
        (Profile(han=71, hiragana=29, hangul=21, region="JP"), "Kore"),
        (Profile(hiragana=1), "Jpan"),
        (Profile(han=4, simplified=1, traditional=1), "Hani"),
        (Profile(han=4, simplified=2, traditional=1), "Hans"),
        (Profile(han=4, traditional=1, region="TW"), "Hant-TW"),
        (Profile(han=4, traditional=1, cantonese=2), "Hant-HK"),
    ],
)
def test_scripts(found: Profile, script: str) -> None:
    assert found.script == script


@pytest.mark.parametrize(
    ("text", "region"),
    [
        # Kana in more than three tenths, whatever Chinese alone writes.
        ("这" * 70 + "の" * 30, "CN"),
        ("这" * 69 + "の" * 30, "JP"),
        # In more than a twentieth, where fewer than one Han character in a hundred is Chinese alone.
        ("的" * 95 + "ア" * 5, ""),
        ("的" * 94 + "ア" * 5, "JP"),
        ("的" * 99 + "这" + "ア" * 12, "CN"),
        ("的" * 100 + "这" + "ア" * 12, "JP"),
        # By the characters alone: three together, a tenth each.
        ("厳", "JP"),
        # Half of it where a form is written in Japan alone; and a year of an era adds four.
        ("択", "JP"),
        ("択不", ""),
        ("早稲田大学", "JP"),
        ("平成元年", "JP"),
        ("平成二十三年東北地方太平洋沖地震", "JP"),
        ("大正三年中國", ""),
        ("民國三年中國", ""),
        # の alone, in a Chinese name.
        ("優の良品零食專賣店歡迎各位顧客光臨選購", ""),
        ("東京の大学は歴史", "JP"),
        ("東京の大学", "JP"),
        ("龘" * 39 + "売", "JP"),
        ("龘" * 40 + "売", ""),
        # Two words of a region, and more than twice as many as of the other.
        ("他說捷運很快", ""),
        ("他說捷運和計程車很快", "TW"),
        ("他說捷運、計程車和便當；的士", "TW"),
        ("他說捷運和計程車；的士", ""),
        ("他說的士和小巴", "HK"),
        ("他說的士和小巴；捷運", ""),
        ("他說的士、小巴和八達通；捷運", "HK"),
        ("他說裏面", ""),
        ("他說裏面的羣山", "HK"),
    ],
)
def test_regions(text: str, region: str) -> None:
    assert profile(text).region == region


@pytest.mark.parametrize(
    ("text", "converted"),
    [
        ("他說信息、鼠標和內存", False),
        ("他說信息、鼠標、內存和硬盤", True),
        ("他說信息、鼠標、內存和硬盤；捷運、便當", False),
        ("他說信息、鼠標、內存和硬盤；捷運", True),
        ("他說信息、鼠標、內存、博客和硬盤；捷運、便當", True),
    ],
)
def test_conversion(text: str, converted: bool) -> None:
    assert profile(text).converted == converted


class _Model:
    """Answers what it is told and remembers what it saw."""

    def __init__(self, label: str, score: float) -> None:
        self.answer, self.seen = ([f"__label__{label}"], [score]), ""

    def predict(self, text: str) -> tuple[list[str], list[float]]:
        self.seen = text
        return self.answer


@pytest.mark.parametrize(
    ("label", "score", "text", "lang", "script"),
    [
        ("en", 0.3, "plain text", "en", "Latn"),
        ("en", 0.29, "plain text", "und", "Latn"),
        ("zh", 0.9, "plain text", "und", "Latn"),
        # East Asian characters in a tenth: an alphabet's language must be surer.
        ("en", 0.6, "a" * 27 + "国", "en", "Latn"),
        ("en", 0.59, "a" * 27 + "国", "zh", "Hans"),
        ("zh", 0.9, "a" * 27 + "国", "zh", "Hans"),
        ("en", 0.59, "a" * 28 + "国", "en", "Latn"),
    ],
)
def test_what_the_model_may_say(label: str, score: float, text: str, lang: str, script: str) -> None:
    identifier = LanguageIdentifier()
    identifier._model = _Model(label, score)
    found = identifier.identify([text], [profile(text)])[0]
    assert (found.lang, found.script) == (lang, script)


def test_what_the_model_sees() -> None:
    identifier = LanguageIdentifier()
    identifier._model = model = _Model("ru", 0.9)
    text = "привет\n\n" * 1000
    identifier.identify([text], [profile(text)])
    assert (len(model.seen), hashlib.sha256(model.seen.encode()).hexdigest()[:8]) == (1200, "b21b5bf1")
    # ASCII goes where other letters are as many; of white space so much is read that four samples hold.
    text = "абв" * 2 + "abc" + " " * 4788 + "конец и ещё"
    identifier.identify([text], [profile(text)])
    assert model.seen == "абвабв кон"
    text = "абвг" + "abc"
    identifier.identify([text], [profile(text)])
    assert model.seen == "абвг"
    text = "абв" + "abc"
    identifier.identify([text], [profile(text)])
    assert model.seen == "абвabc"


def test_confidence_by_script() -> None:
    identifier = LanguageIdentifier()
    assert identifier.identify(["国a"], [profile("国a")]) == [Language("zh", "Hans", 0.75)]
    assert identifier.identify(["国"], [profile("国")]) == [Language("zh", "Hans", 1.0)]


def test_odds_of_characters() -> None:
    """The table of counted characters; one that is counted anew changes labels, and this digest."""
    odds = han_languages._odds()
    assert odds.shape == (0x110000, 4)
    assert np.flatnonzero(odds.any(axis=1)).size == 5683
    assert hashlib.sha256(np.round(odds, 1).tobytes()).hexdigest()[:16] == "2739bba2ea27327c"


def test_words_of_regions() -> None:
    """The lists by which regions and Cantonese are told: a changed list changes labels, and this digest."""
    lists = profile_module.word_lists()
    assert hashlib.sha256(repr(dict(lists)).encode()).hexdigest()[:16] == "f30b97c2e80eacab"


if __name__ == "__main__":
    golden = {name: described(text) for name, text in TEXTS.items()}
    GOLDEN.write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
