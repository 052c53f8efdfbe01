from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.extract.charset.decoding import decode, standard_name

NAMES = ["utf-8", "gb18030", "big5", "shift_jis", "euc-jp", "iso-2022-jp", "euc-kr", "hz-gb-2312", "windows-1252"]


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("GB2312", "gb18030"),
        ("x-gbk", "gb18030"),
        ("Shift_JIS", "shift_jis"),
        ("x-sjis", "shift_jis"),
        ("windows-31j", "shift_jis"),
        ("cp932", "shift_jis"),
        ("big5-hkscs", "big5"),
        ("ks_c_5601-1987", "euc-kr"),
        ("hz-gb-2312", "hz-gb-2312"),
        ("latin1", "windows-1252"),
        ("ISO-8859-1", "windows-1252"),
        ("iso-8859-2", "iso-8859-2"),
        ("tis-620", "windows-874"),
        (" utf8 ", "utf-8"),
        ("ibm866", "cp866"),
        ("no-such-charset", None),
        ("", None),
    ],
)
def test_labels_of_the_standard(label: str, name: str | None) -> None:
    assert standard_name(label) == name
    if name:
        assert decode(b"abc", name) == "abc"


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        # A3A0 is an ideographic space on the web, a private character in Python.
        (b"\xd6\xd0\xa3\xa0\xce\xc4", "gb18030", "中　文"),
        (b"\x80100", "gb18030", "€100"),
        (b"\x84\x31\xa4\x37", "gb18030", "\ufffd"),
        (b"\xa6\xd9", "gb18030", "︐"),
        ("①髙㈱".encode("cp932"), "shift_jis", "①髙㈱"),
        # NEC row 13 and the wave dash of windows-31j in EUC-JP.
        (b"\xad\xa1\xc6\xfc\xcb\xdc\xa1\xc1", "euc-jp", "①日本～"),
        (b"\x1b$B-!F|K\\\x1b(B abc \x1b(I1\x1b(B", "iso-2022-jp", "①日本 abc ｱ"),
        # A line end closes the double bytes of a writer that forgot to.
        (b"\x1b$BF|K\\\nabc", "iso-2022-jp", "日本\nabc"),
        # Other sets of two bytes: JIS X 0212, JIS X 0213, GB 2312 and KS X 1001.
        ("鷗外です".encode("iso2022_jp_1"), "iso-2022-jp", "鷗外です"),
        ("俱楽部の𠀋夫".encode("iso2022_jp_2004"), "iso-2022-jp", "俱楽部の𠀋夫"),
        ("日本語と汉字と한국".encode("iso2022_jp_2"), "iso-2022-jp", "日本語と汉字と한국"),
        (b"\x1b$AVPND\nabc", "iso-2022-jp", "中文\nabc"),
        ("한국어 abc".encode("iso2022_kr"), "iso-2022-kr", "한국어 abc"),
        (b"~{VPND~} ~~ ~\nabc", "hz-gb-2312", "中文 ~ abc"),
        # A closing mark must not be read as half of a pair, nor a second run as part of the first.
        (b"~{VPND~}</p>\n<p>~{VPND~}2010~{VPND~}", "hz-gb-2312", "中文</p>\n<p>中文2010中文"),
        ("똠방각하".encode("cp949"), "euc-kr", "똠방각하"),
        ("骨嘅咗".encode("big5hkscs"), "big5", "骨嘅咗"),
        (b"\xa1\x45\xa1\x4e", "big5", "‧﹑"),
    ],
)
def test_decoding_as_browsers_do(data: bytes, charset: str, text: str) -> None:
    assert decode(data, charset) == text


@pytest.mark.parametrize(
    ("charset", "text"), [("gb18030", "中文段落很多，要读下去。"), ("euc-jp", "日本語の文章、続き。")]
)
@pytest.mark.parametrize("bad", [0x80, 0xFF])
def test_a_bad_byte_leaves_the_rest_of_the_line_in_step(charset: str, text: str, bad: int) -> None:
    for place in range(len(text)):
        data = bytearray(text.encode(charset))
        data[2 * place] = bad
        assert decode(bytes(data), charset) == f"{text[:place]}\ufffd{text[place + 1 :]}"


def test_a_bad_byte_costs_one_character() -> None:
    assert decode("中文".encode("gb18030") + b"\xff<p>" + "字".encode("gb18030"), "gb18030") == "中文\ufffd<p>字"
    assert decode(b"\xa4\xa2\xff\xa4\xa4", "euc-jp") == "あ\ufffdい"


@given(st.binary(max_size=200), st.sampled_from(NAMES))
def test_any_bytes_decode(data: bytes, charset: str) -> None:
    decode(data, charset).encode("utf-8")


@given(st.text(st.sampled_from("漢字かな交じり文、。「」ガギグゲゴヱヰ舊字體①㈱"), max_size=40))
def test_japanese_survives_every_charset(text: str) -> None:
    assert decode(text.encode("cp932"), "shift_jis") == text
    assert decode(text.encode("utf-8"), "utf-8") == text
