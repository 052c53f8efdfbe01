"""The language of a dump and the names of its namespaces."""

from __future__ import annotations

import pytest

from hanmill.pipelines.extract.wikitext.links import link_rules
from hanmill.pipelines.sources.wikipedia.mediawiki import Siteinfo
from hanmill.pipelines.sources.wikipedia.namespaces import CATEGORY, FILE, MEDIA, namespaces_for
from hanmill.pipelines.sources.wikipedia.wiki_language import base_address, language_of_dump, script_language, wiki_name

JAPANESE = "これは日本語の文章であり、かな文字が多い。" * 5
CHINESE = "這是一篇中文的文章，沒有假名。" * 5
ENGLISH = "The cat sat on the mat and was happy with it." * 5
GERMAN = "Die Katze und der Hund wurde nicht von eine Maus gesehen." * 5


@pytest.mark.parametrize(
    ("dbname", "file", "sample", "expected"),
    [
        ("jawiki", "jawiki-20260101.xml.bz2", JAPANESE, "ja"),
        ("enwiki", "minidump-zh.xml.bz2", CHINESE, "zh"),
        ("enwiki", "minidump-ja.xml.bz2", JAPANESE, "ja"),
        ("enwiki", "dump.xml", JAPANESE, "ja"),
        ("enwiki", "minidump-de.xml.bz2", GERMAN, "de"),
        ("enwiki", "minidump-de.xml.bz2", ENGLISH, "en"),
        ("zh_yuewiki", "zh_yuewiki-latest.xml.bz2", CHINESE, "yue"),
        ("zh_classicalwiki", "x.xml", CHINESE, "lzh"),
        ("simplewiki", "x.xml", ENGLISH, "en"),
        ("kowiki", "x.xml", "한국어 위키백과의 글이다. " * 5, "ko"),
        ("", "x.xml", "", ""),
    ],
)
def test_language_of_a_dump(dbname: str, file: str, sample: str, expected: str) -> None:
    assert language_of_dump(Siteinfo(dbname=dbname), file, sample) == expected


def test_names_and_addresses_follow_the_language_found() -> None:
    wrong = Siteinfo(dbname="enwiki", base="https://en.wikipedia.org/wiki/Main_Page")
    assert wiki_name(wrong, "zh") == "zhwiki"
    assert base_address(wrong, "zhwiki") == "https://zh.wikipedia.org/wiki/"
    assert base_address(wrong, "enwiki") == "https://en.wikipedia.org/wiki/"
    assert wiki_name(Siteinfo(dbname="zh_yuewiki"), "yue") == "zh_yuewiki"
    assert base_address(Siteinfo(), "zh_yuewiki") == "https://zh-yue.wikipedia.org/wiki/"
    assert base_address(Siteinfo(), "jawiktionary") == "https://ja.wiktionary.org/wiki/"


@pytest.mark.parametrize(
    ("text", "expected"), [(JAPANESE, "ja"), (CHINESE, "zh"), ("한국어" * 9, "ko"), (GERMAN, "de"), ("", "en")]
)
def test_language_of_a_bare_page(text: str, expected: str) -> None:
    assert script_language(text) == expected


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("zh", "文件 檔案 图像 File"),
        ("ja", "ファイル 画像 image"),
        ("ko", "파일 그림"),
        ("de", "Datei"),
        ("nl", "Bestand"),
        ("yue", "檔案"),
    ],
)
def test_built_in_names_of_the_file_namespace(language: str, names: str) -> None:
    found = namespaces_for(language)
    assert {found.number(name) for name in names.split()} == {FILE}
    assert found.number("File talk") == 7
    assert found.number("なし") is None


def test_siteinfo_adds_names() -> None:
    found = namespaces_for("ja", ((0, ""), (6, "写真"), (14, "分 類")))
    assert found.number("写真") == FILE
    assert found.number("分_類") == CATEGORY
    assert found.number("ファイル") == FILE
    assert "media" in found.names(MEDIA)


def test_links_show_words_or_nothing() -> None:
    rules = link_rules(namespaces_for("ja"))
    assert rules.shown("カテゴリ:猫", "ねこ") is None
    assert rules.shown("画像:猫.jpg", "枠|説明") is None
    assert rules.shown("zh-yue:貓", None) is None
    assert rules.shown(":ファイル:猫.jpg", None) == "ファイル:猫.jpg"
    assert rules.shown("Media:音.ogg", "音") == "音"
    assert rules.shown("スター:ウォーズ", None) == "スター:ウォーズ"
