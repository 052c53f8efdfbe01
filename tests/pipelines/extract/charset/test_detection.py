from __future__ import annotations

import re
from collections import Counter

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.extract.charset.detection import Charset, decode_page, detect_charset

SIMPLIFIED = "入秋以后水位回落，停了三个月的渡口重新开船。船长说，坐船的人少了，可是老人还是习惯走水路。"
TRADITIONAL = "颱風在凌晨登陸，風雨持續了六個小時。天亮以後，巷子裡到處是斷掉的樹枝和掀開的鐵皮。"
CANTONESE = "今日唔使返工，瞓到十點先起身。阿媽話落雨，叫我唔好出街，但係我真係好想飲茶。"
JAPANESE = "春になると、まず梅が咲きます。花の数は多くありませんが、香りは家の中まで届きます。"
OLD_FORMS = "今日は國立圖書館へ行つて、古い雜誌を讀んだ。字體は舊いけれど、慣れれば讀むのに苦勞はない。"
KOREAN = "바닷가 마을의 아침은 배가 들어오는 소리로 시작된다. 어부들은 새벽에 나가서 돌아온다."
CASES = [
    (SIMPLIFIED, "utf-8", "utf-8"),
    (SIMPLIFIED, "gb18030", "gb18030"),
    (TRADITIONAL, "big5", "big5"),
    (CANTONESE, "big5hkscs", "big5"),
    (JAPANESE, "cp932", "shift_jis"),
    (JAPANESE, "euc_jp", "euc-jp"),
    (OLD_FORMS, "euc_jp", "euc-jp"),
    (JAPANESE, "iso2022_jp", "iso-2022-jp"),
    (KOREAN, "cp949", "euc-kr"),
    (SIMPLIFIED, "hz", "hz-gb-2312"),
    (SIMPLIFIED, "utf-16-le", "utf-16le"),
]
LEGACY = [case for case in CASES if case[1] not in ("utf-8", "utf-16-le")]


def page(text: str, codec: str, meta: str = "") -> bytes:
    head = f'<meta charset="{meta}">' if meta else ""
    html = f"<!DOCTYPE html><html><head>{head}<title>x</title></head><body><p>{text}</p></body></html>"
    return html.encode(codec)


@pytest.mark.parametrize(("text", "codec", "name"), CASES)
def test_undeclared_page_is_recognised(text: str, codec: str, name: str) -> None:
    html, charset = decode_page(page(text, codec))
    assert charset == Charset(name, "detector")
    assert text in html


@pytest.mark.parametrize(("text", "codec", "name"), LEGACY)
@pytest.mark.parametrize(
    "lie", ["utf-8", "iso-8859-1", "gb2312", "big5", "shift_jis", "euc-jp", "euc-kr", "windows-1251"]
)
def test_wrong_declaration_is_not_believed(text: str, codec: str, name: str, lie: str) -> None:
    html, charset = decode_page(page(text, codec, meta=lie), f"text/html; charset={lie}")
    assert charset.name == name
    assert text in html


@pytest.mark.parametrize("lie", ["gb2312", "shift_jis", "iso-2022-jp", "windows-1252", "none", "euc-kr"])
def test_utf8_is_recognised_whatever_is_declared(lie: str) -> None:
    html, charset = decode_page(page(TRADITIONAL, "utf-8", meta=lie), f'text/html; charset="{lie}"')
    assert charset == Charset("utf-8", "detector")
    assert TRADITIONAL in html


@pytest.mark.parametrize(
    ("header", "meta", "expected"),
    [
        ("text/html; charset=GBK", "big5", Charset("gb18030", "http")),
        ("text/html", "gb2312", Charset("gb18030", "meta")),
        ("text/html; charset=utf-8", "GB2312", Charset("gb18030", "meta")),
        ("text/html; charset=nonsense", "", Charset("gb18030", "detector")),
    ],
)
def test_origin_is_the_first_declaration_that_is_right(header: str, meta: str, expected: Charset) -> None:
    assert detect_charset(page(SIMPLIFIED, "gb18030", meta), header) == expected


@pytest.mark.parametrize(
    ("mark", "codec", "name"), [("utf-8-sig", "utf-8-sig", "utf-8"), ("utf-16", "utf-16", "utf-16le")]
)
def test_byte_order_mark_comes_first_and_is_removed(mark: str, codec: str, name: str) -> None:
    html, charset = decode_page(page(JAPANESE, codec, "shift_jis"), "text/html; charset=euc-jp")
    assert charset == Charset(name, "bom")
    assert html.startswith("<!DOCTYPE")


def test_pure_ascii_keeps_its_declaration_and_defaults_to_utf8() -> None:
    assert detect_charset(b"<p>plain</p>") == Charset("utf-8", "default")
    assert detect_charset(b'<meta charset="shift_jis"><p>plain</p>') == Charset("shift_jis", "meta")


def test_meta_in_a_comment_declares_nothing() -> None:
    data = b'<!-- <meta charset="euc-kr"> --><meta charset="gbk">' + SIMPLIFIED.encode("gb18030")
    assert detect_charset(data) == Charset("gb18030", "meta")


def test_latin_pages_stay_latin() -> None:
    text = "Der Müller fährt über die Brücke, größer als früher, und trinkt für zwölf Euro Kaffee."
    assert detect_charset(page(text, "cp1252")).name == "windows-1252"
    assert detect_charset("<p>© 2024 Example</p>".encode("cp1252")).name == "windows-1252"


def test_cyrillic_page_is_not_taken_for_chinese() -> None:
    text = "Утром в деревне тихо, только слышно, как поёт петух и шумит река за домом."
    assert detect_charset(page(text, "cp1251")).name == "windows-1251"


def test_four_byte_gb18030_characters_do_not_hide_the_charset() -> None:
    text = SIMPLIFIED.replace("，", "\u00a0，") + "𠮷㐂"
    html, charset = decode_page(page(text, "gb18030"))
    assert charset.name == "gb18030"
    assert text in html


@pytest.mark.parametrize(("text", "codec", "name"), [case for case in LEGACY if case[1] not in ("hz", "iso2022_jp")])
def test_a_few_bad_bytes_cost_only_themselves(text: str, codec: str, name: str) -> None:
    data = page(text * 5, codec).replace(b"</p>", b"\xff \xfe\xff </p>")
    html, charset = decode_page(data)
    assert charset.name == name
    assert html.count(text) == 5


def test_bad_bytes_in_utf8() -> None:
    data = page(JAPANESE * 5, "utf-8").replace("届".encode(), b"\xe5\xb1", 2)
    html, charset = decode_page(data)
    assert charset.name == "utf-8"
    assert html.count(JAPANESE) == 3
    assert html.count("\ufffd") == 2


@given(st.binary(max_size=300), st.text(max_size=30))
def test_any_bytes_are_decoded_without_an_error(data: bytes, content_type: str) -> None:
    html, charset = decode_page(data, content_type)
    assert isinstance(html, str)
    assert charset.origin in ("bom", "http", "meta", "detector", "default")


def test_real_pages_re_encoded_and_undeclared(shared_data) -> None:
    codecs = {"zh-cn": ["gb18030"], "zh-tw": ["big5hkscs"], "ja": ["cp932", "euc_jp", "iso2022_jp"], "ko": ["cp949"]}
    names = {
        "big5hkscs": "big5",
        "cp932": "shift_jis",
        "euc_jp": "euc-jp",
        "iso2022_jp": "iso-2022-jp",
        "cp949": "euc-kr",
    }
    total, wrong = 0, Counter()
    archive = str(shared_data / "warc/docs-00001.warc.gz")
    for record in ArchiveIterator(archive, record_types=WarcRecordType.response, parse_http=True, fsspec_args=False):
        body = record.reader.read()
        lang = re.search(rb'<html[^>]* lang="([\w-]+)"', body)
        try:
            html = body.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if not lang or "\x1b" in html or lang[1].decode().lower() not in codecs:
            continue
        html = re.sub(r"charset=[\"']?[\w-]+", "", html)
        for codec in codecs[lang[1].decode().lower()]:
            data = html.encode(codec, "xmlcharrefreplace")
            if data.isascii() and b"\x1b" not in data:
                continue
            total += 1
            found = detect_charset(data).name
            if found != names.get(codec, codec):
                wrong[codec, found] += 1
    assert total > 600
    assert sum(wrong.values()) <= 0.005 * total, wrong


@pytest.mark.parametrize(
    "text",
    [
        "寄生少女ゆうちゃん",
        "[汉化]寄生少女ゆうちゃん 第3话",
        "动画《ドラえもん》国语版全集下载",
        "主题曲：さくらさくら，演唱者不详",
        "となりのトトロ 龙猫 高清",
    ],
)
def test_chinese_with_japanese_names_is_not_taken_for_japanese(text: str) -> None:
    """Kana have the same bytes in GB 2312 and in EUC-JP; what stands around them decides."""
    assert detect_charset(f"<p>{text}</p>".encode("gb18030")).name == "gb18030"


@pytest.mark.parametrize(
    "text", ["ゆうちゃんのおはなし", "カタカナとひらがな", "とある町の小さな駅", "ドラえもんの映画を見た"]
)
def test_japanese_of_many_kana_stays_japanese(text: str) -> None:
    assert detect_charset(f"<p>{text}</p>".encode("euc-jp")).name == "euc-jp"


def test_iso_2022_kr_announces_itself() -> None:
    text, charset = decode_page(f"<p>{KOREAN}</p>".encode("iso2022_kr"))
    assert (charset, text) == (Charset("iso-2022-kr", "detector"), f"<p>{KOREAN}</p>")


@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL, JAPANESE, f"“{JAPANESE}”—{SIMPLIFIED}"])
@pytest.mark.parametrize("wrong", ["latin-1", "cp1252"])
def test_text_that_was_encoded_twice_is_read_once_more(text: str, wrong: str) -> None:
    broken = "".join(
        bytes((byte,)).decode(wrong, "ignore") or bytes((byte,)).decode("latin-1") for byte in text.encode()
    )
    assert decode_page(f"<p>{broken}</p>".encode())[0] == f"<p>{text}</p>"


@pytest.mark.parametrize(
    "text",
    [
        "Ã¼ber naïve café, ï¼ and ã€ are signs of it.",
        f"{JAPANESE}文字化けした「ã\x81ã‚ã\x82」や「ï¼Œ」の例である。{JAPANESE}",
        "São Paulo é a maior cidade; ã, õ e ç são letras.",
    ],
)
def test_text_about_broken_characters_stays(text: str) -> None:
    assert decode_page(text.encode())[0] == text
