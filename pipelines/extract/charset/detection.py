"""The charset of a page, as a ladder: byte order mark, HTTP header, meta, detector.

A declaration is believed only if the text it gives looks like a language. The detector decodes a sample by every
charset of the Chinese, Japanese and Korean web and takes the one whose characters are likeliest: each charset has
a table of log probabilities by character, from the ranks in ``charset_characters`` and, for the rest, from the
levels of the national standards.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from hanmill.pipelines.extract.charset.decoding import decode, standard_name
from hanmill.pipelines.extract.charset.double_encoding import once_encoded
from hanmill.pipelines.extract.charset.frequent_characters import JAPANESE, KOREAN, SIMPLIFIED, TRADITIONAL
from hanmill.pipelines.text.characters import code_points

#: Where a meta element may stand; browsers look at 1,024 bytes, pages are less strict.
_META_BYTES = 8192
#: Bytes of text that the detector decodes.
_SAMPLE_BYTES = 3000
#: How much of a page is searched for text outside ASCII.
_SEARCH_BYTES = 1 << 18
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16le"), (codecs.BOM_UTF16_BE, "utf-16be"))
_META = re.compile(
    rb"""<meta\s[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml\s[^>]*?encoding\s*=\s*["']\s*([\w.:-]+)""", re.IGNORECASE
)
_HTML_LANG = re.compile(rb"""<html\b[^>]*?\slang\s*=\s*["']?([A-Za-z]{2})""", re.IGNORECASE)
_OUTSIDE_ASCII = bytes(range(0x80, 0x100))
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_HIGH_TEXT = re.compile(rb"[\x80-\xff][^<>]*")
_JIS_ESCAPE = re.compile(rb"\x1b\$[@B]")
_HZ_RUN = re.compile(rb"~\{(?:[\x21-\x7d][\x21-\x7e])+~\}")
_UTF8_RUN = re.compile(rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+")
#: Share of bytes outside ASCII that must be well-formed UTF-8 in a UTF-8 page with a few bad bytes.
_UTF8_SHARE = 0.9
#: Mean log probability of a character that text in a seven-bit charset has at least. Menus and captions reach
#: -10.5; what is no text falls outside the standard's table and below -12.
_READABLE = -11.3
#: What a declaration is worth against the detector, in nats over the whole sample.
_DECLARED_BONUS = 12.0
#: What the language of ``<html lang>`` is worth to its charsets: it decides pages of a few characters only.
_LANGUAGE_BONUS = 6.0
_LANGUAGE_CHARSETS = {
    b"zh": ("gb18030", "big5"),
    b"ja": ("shift_jis", "euc-jp"),
    b"ko": ("euc-kr",),
    b"ru": ("windows-1251", "koi8-r"),
    b"en": ("windows-1252",),
}
#: Words of Cyrillic are runs of bytes outside ASCII; odd bytes among ASCII are Latin letters and marks.
_HIGH_RUN = re.compile(rb"[\x80-\xff]{3,}")
_PRIORS = {"windows-1251": -8.0, "koi8-r": -10.0}
#: What announces ISO-2022-KR (RFC 1557); browsers have given it up.
_KOREAN_ESCAPE = b"\x1b$)C"
_DEFAULT_CLAIMS = frozenset({"utf-8", "utf-16le", "utf-16be", "windows-1252", "iso-2022-jp", "hz-gb-2312"})
_CANDIDATES = ("gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "windows-1252", "windows-1251", "koi8-r")


@dataclass(frozen=True, slots=True)
class Charset:
    """``name`` as in the WHATWG standard; ``origin`` is bom, http, meta, detector or default (pure ASCII)."""

    name: str
    origin: str


def decode_page(data: bytes, content_type: str = "") -> tuple[str, Charset]:
    """The text of an HTML page or plain text, without byte order mark, and its charset.

    ``content_type`` is the value of the HTTP header, empty where there is none. Undecodable bytes become U+FFFD.
    """
    charset, text = _detect(data, content_type)
    decoded = (decode(data, charset.name) if text is None else text).removeprefix("\ufeff")
    # What shows that text was encoded twice are Latin letters of this lead byte, which Chinese and Japanese lack.
    return once_encoded(decoded) if charset.name == "utf-8" and b"\xc3" in data else decoded, charset


def detect_charset(data: bytes, content_type: str = "") -> Charset:
    """The charset of a page. Never raises: bytes that are no text get the declared charset or windows-1252."""
    return _detect(data, content_type)[0]


def _detect(data: bytes, content_type: str) -> tuple[Charset, str | None]:
    """The charset, and the text where finding it took decoding all of the page."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return Charset(name, "bom"), None
    declared = list(_declarations(data, content_type))
    if data.isascii():
        return _detect_seven_bit(data, declared), None
    wide = _utf_16(data)
    if wide:
        return _named(wide, declared), None
    text = _well_formed(data)
    if text is not None:
        return _named("utf-8", declared), text
    sample = _sample(data)
    if _is_nearly_utf8(sample):
        return _named("utf-8", declared), None
    if _JIS_ESCAPE.search(data) and _score(data[:_SAMPLE_BYTES], "iso-2022-jp")[1] > _READABLE:
        return _named("iso-2022-jp", declared), None
    return _detect_eight_bit(data, sample, declared), None


def _declarations(data: bytes, content_type: str) -> Iterator[Charset]:
    label = _HEADER.search(content_type)
    if label and (name := standard_name(label[1])):
        yield Charset(name, "http")
    head = data[:_META_BYTES]
    meta = _META.search(_COMMENT.sub(b"", head) if b"<!--" in head else head)
    if meta and (name := standard_name((meta[1] or meta[2]).decode("ascii"))):
        # A meta that a program can read as ASCII is not in UTF-16 (HTML standard, prescan).
        yield Charset("utf-8" if name.startswith("utf-16") else name, "meta")


def _named(name: str, declared: list[Charset]) -> Charset:
    """The charset, with the first declaration that agrees as its origin."""
    return next((charset for charset in declared if charset.name == name), Charset(name, "detector"))


def _detect_seven_bit(data: bytes, declared: list[Charset]) -> Charset:
    """ASCII bytes: ISO-2022-JP and HZ hide there, whatever is declared."""
    if _JIS_ESCAPE.search(data):
        return _named("iso-2022-jp", declared)
    if _KOREAN_ESCAPE in data:
        return Charset("iso-2022-kr", "detector")
    runs = _HZ_RUN.findall(data[:_SEARCH_BYTES])
    if runs and _score(b"".join(runs)[:_SAMPLE_BYTES], "hz-gb-2312")[1] > _READABLE:
        return _named("hz-gb-2312", declared)
    return declared[0] if declared else Charset("utf-8", "default")


def _utf_16(data: bytes) -> str:
    """UTF-16 without a mark shows in the zero bytes of its markup."""
    head = data[:512]
    zeros = head.count(0)
    if zeros * 5 < len(head):
        return ""
    return "utf-16le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16be"


def _sample(data: bytes) -> bytes:
    """Text outside ASCII, cut at markup so that double bytes stay whole, joined by line ends."""
    parts, size = [], 0
    for match in _HIGH_TEXT.finditer(data[:_SEARCH_BYTES]):
        parts.append(match[0][:_SAMPLE_BYTES])
        size += len(parts[-1])
        if size >= _SAMPLE_BYTES:
            break
    return b"\n".join(parts)


def _well_formed(data: bytes) -> str | None:
    """The text of well-formed UTF-8, None of anything else."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _is_nearly_utf8(sample: bytes) -> bool:
    """UTF-8 but for a few bad bytes."""
    high = len(sample) - len(sample.translate(None, delete=_OUTSIDE_ASCII))
    return sum(map(len, _UTF8_RUN.findall(sample))) > _UTF8_SHARE * high


def _detect_eight_bit(data: bytes, sample: bytes, declared: list[Charset]) -> Charset:
    if len(sample) > _ENOUGH_BYTES:
        for charset in declared:
            least = _BELIEVED.get(charset.name)
            if least is not None and _score(sample, charset.name)[1] > least:
                return charset
    bonus = dict(_PRIORS) if _has_words(sample) else dict.fromkeys(_PRIORS, -math.inf)
    lang = _HTML_LANG.search(data[:_META_BYTES])
    for name in _LANGUAGE_CHARSETS.get(lang[1].lower(), ()) if lang else ():
        bonus[name] = bonus.get(name, 0.0) + _LANGUAGE_BONUS
    # Servers say UTF-8 and Latin-1 of everything; UTF-8 has been ruled out already.
    believable = [charset.name for charset in declared if charset.name not in _DEFAULT_CLAIMS]
    for name in believable:
        bonus[name] = bonus.get(name, 0.0) + _DECLARED_BONUS
    scores = {
        name: _score(sample, name)[0] + bonus.get(name, 0.0) for name in dict.fromkeys((*_CANDIDATES, *believable))
    }
    return _named(max(scores, key=scores.__getitem__), declared)


def _has_words(sample: bytes) -> bool:
    high = len(sample) - len(sample.translate(None, delete=_OUTSIDE_ASCII))
    return 2 * sum(map(len, _HIGH_RUN.findall(sample))) > high


#: Mean log probability above which a declared charset is believed without trying the others, in this much text.
_ENOUGH_BYTES = 200
_BELIEVED = {"gb18030": -6.6, "big5": -6.6, "shift_jis": -6.0, "euc-jp": -6.0, "euc-kr": -5.6}


def _score(sample: bytes, charset: str) -> tuple[float, float]:
    """Log probability of the sample's text, in nats: of the whole, and the mean per character outside ASCII."""
    text = decode(sample, charset)
    points = np.minimum(code_points(text), 0xFFFF)
    chances = _likelihoods(charset)[points]
    outside = points >= 0x80
    number = int(np.count_nonzero(outside))
    return float(chances.sum()), float(chances[outside].sum()) / number if number else -math.inf


#: Characters by rank; the national standard, and the last lead byte of its level of common characters.
_LANGUAGES = {
    "gb18030": (SIMPLIFIED, "gb2312", 0xD7),
    "hz-gb-2312": (SIMPLIFIED, "gb2312", 0xD7),
    "big5": (TRADITIONAL, "big5", 0xC6),
    "shift_jis": (JAPANESE, "shift_jis", 0x98),
    "euc-jp": (JAPANESE, "shift_jis", 0x98),
    "iso-2022-jp": (JAPANESE, "shift_jis", 0x98),
    "euc-kr": (KOREAN, "euc_kr", 0xC8),
}
#: What a kana is less likely in Chinese than in Japanese text, where their bytes are the same.
_KANA_COST = 0.9
#: Rank of a character against its log probability, measured on the texts that the ranks come from.
_RANKS = (1, 11, 51, 101, 201, 301, 501, 701, 1001)
_CHINESE_CURVE = (-3.4, -5.1, -5.9, -6.3, -6.8, -7.1, -7.7, -8.1, -8.8)
_JAPANESE_CURVE = (-3.4, -4.1, -5.7, -6.3, -7.1, -7.6, -8.3, -8.9, -9.6)
_KOREAN_CURVE = (-3.5, -4.4, -5.3, -6.0, -6.8, -7.6, -8.9, -10.6, -11.0)
_ASCII_CHANCE, _FIRST_LEVEL, _SECOND_LEVEL, _OUTSIDE, _CONTROL, _ERROR = -3.0, -10.2, -12.5, -14.0, -18.0, -22.0


@cache
def _likelihoods(charset: str) -> npt.NDArray[np.float32]:
    """Log probability of each character of the Basic Multilingual Plane in a charset's own language: [0x10000]."""
    table = np.full(0x10000, _OUTSIDE, np.float32)
    table[:0x80] = _ASCII_CHANCE
    table[0x80:0xA0] = _CONTROL
    table[0xE000:0xF900] = _CONTROL
    table[0xFFFD] = _ERROR
    if charset not in _LANGUAGES:
        return _single_byte_likelihoods(table, charset)
    characters, standard, last_lead = _LANGUAGES[charset]
    for lead in range(0x81, 0xFF):
        row = b"".join(bytes((lead, trail)) for trail in range(0x40, 0xFF))
        for character in row.decode(standard, "ignore"):
            if character > "\x7f":
                table[ord(character)] = _FIRST_LEVEL if lead <= last_lead else _SECOND_LEVEL
    curve = {JAPANESE: _JAPANESE_CURVE, KOREAN: _KOREAN_CURVE}.get(characters, _CHINESE_CURVE)
    ranks = np.log(np.arange(1, len(characters) + 1))
    table[[ord(character) for character in characters]] = np.interp(ranks, np.log(_RANKS), curve)
    if standard == "gb2312":
        # Its rows of kana are those of JIS: the same bytes must not speak for Japanese, or a Chinese page with a
        # Japanese name in it is lost. What stands around them decides.
        _take_kana(table)
    table[0xFF61:0xFFA0] = _OUTSIDE / 2 - 1
    return table


def _take_kana(table: npt.NDArray[np.float32]) -> None:
    """Kana as likely as in Japanese but for a little, which decides pages of kana alone."""
    japanese = _likelihoods("euc-jp")
    for start, end in ((0x3041, 0x3094), (0x30A1, 0x30F7)):
        table[start:end] = japanese[start:end] - _KANA_COST


def _single_byte_likelihoods(table: npt.NDArray[np.float32], charset: str) -> npt.NDArray[np.float32]:
    """Alphabets: letters alone are likely; in windows-1252 they are rare among ASCII and the rest rarer."""
    table[0xA0:0x100] = -8.0
    table[0x2010:0x2040] = -7.0
    table[[0xA0, 0xA9, 0xAD, 0xAB, 0xB7, 0xBB, 0x2019, 0x201C, 0x201D]] = -6.0
    if charset == "windows-1252":
        table[[ord(letter) for letter in "áàâãäåæçéèêëíìîïñóòôõöøúùûüýßÉÖÜÄ"]] = -5.0
    else:
        table[0x100:0x250] = -6.0
        table[0x370:0x700] = -6.0
        table[0x430:0x450] = -3.6
        table[0x3B1:0x3CF] = -3.6
        table[0x5D0:0x5EB] = -3.6
        table[0x621:0x64B] = -3.6
        table[0xE01:0xE5C] = -3.6
    return table
