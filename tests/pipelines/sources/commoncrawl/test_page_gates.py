from __future__ import annotations

import pytest

from hanmill.pipelines.sources.commoncrawl.page_gates import declared_language, east_asian_bytes, is_text, media_type

CHINESE = "入秋以后水位回落，渡口在周五晚上重新开船。"
JAPANESE = "春になると、まず梅が咲きます。"


@pytest.mark.parametrize(
    ("content_type", "identified", "body", "expected"),
    [
        ("text/html; charset=utf-8", "", b"", "text/html"),
        ("TEXT/HTML", "", b"", "text/html"),
        ("text/plain", "text/html", b"", "text/html"),
        ("text/html", "application/pdf", b"%PDF", "application/pdf"),
        ("", "", b"\n<!DOCTYPE html><html>", "text/html"),
        ("", "", b'<div class="navi-box">', "text/html"),
        ("application/octet-stream", "", b"\xef\xbb\xbf<html>", "text/html"),
        ("", "", b"GIF89a", ""),
        ("application/xhtml+xml", "", b"", "text/html"),
        ("image/png", "", b"<html>", "image/png"),
    ],
)
def test_media_type(content_type: str, identified: str, body: bytes, expected: str) -> None:
    assert media_type(content_type, identified, body) == expected


def test_which_types_hold_text() -> None:
    assert is_text("text/html")
    assert is_text("text/plain")
    assert not is_text("application/json")
    assert not is_text("")


@pytest.mark.parametrize(
    "body",
    [
        CHINESE.encode("utf-8"),
        CHINESE.encode("gb18030"),
        "巷子裡到處是斷掉的樹枝和掀開的鐵皮。".encode("big5"),
        JAPANESE.encode("cp932"),
        JAPANESE.encode("euc_jp"),
        JAPANESE.encode("iso2022_jp"),
        CHINESE.encode("hz"),
        CHINESE.encode("ascii", "xmlcharrefreplace"),
        "".join(f"&#x{ord(character):X};" for character in JAPANESE).encode(),
    ],
)
def test_chinese_and_japanese_pass_in_every_charset(body: bytes) -> None:
    assert east_asian_bytes(body) >= 20


@pytest.mark.parametrize(
    "text", ["Plain English text, and nothing else.", "Über die Brücke fährt der Müller für zwölf Euro."]
)
def test_latin_pages_have_next_to_none(text: str) -> None:
    assert east_asian_bytes(text.encode("utf-8")) <= 3


@pytest.mark.parametrize(
    ("body", "lang"),
    [
        (b'<!DOCTYPE html><html class="x" lang="zh-TW">', b"zh"),
        (b"<HTML LANG=JA>", b"ja"),
        (b'<html xml:lang="yue">', b"yue"),
        (b"<html><body lang=en>", b""),
    ],
)
def test_declared_language(body: bytes, lang: bytes) -> None:
    assert declared_language(body) == lang
