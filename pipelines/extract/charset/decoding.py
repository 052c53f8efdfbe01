"""Decoding as browsers do it (WHATWG Encoding Standard), where Python's codecs differ from it."""

from __future__ import annotations

import codecs
import re

from resiliparse.parse.encoding import map_encoding_to_html5

#: Names of the standard, which treats gb2312 and gbk as gb18030, shift_jis as windows-31j, euc-kr as windows-949
#: and iso-8859-1 as windows-1252.
_STANDARD_NAMES = {
    "gbk": "gb18030",
    "euc_jp": "euc-jp",
    "iso2022_jp": "iso-2022-jp",
    "euc_kr": "euc-kr",
    "utf-16-le": "utf-16le",
    "utf-16-be": "utf-16be",
    "iso8859-11": "windows-874",
    "mac-roman": "macintosh",
}
#: Labels that the standard lacks and pages use nevertheless.
_EXTRA_LABELS = {
    "hz-gb-2312": "hz-gb-2312",
    "hz": "hz-gb-2312",
    "cp936": "gb18030",
    "cn-gb": "gb18030",
    "gb-2312": "gb18030",
    "cp932": "shift_jis",
    "cp949": "euc-kr",
    "cp950": "big5",
    "big5hkscs": "big5",
    "utf_8": "utf-8",
    "utf8mb4": "utf-8",
    "latin-1": "windows-1252",
}
_CODECS = {
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "windows-874": "cp874",
    "macintosh": "mac_roman",
}
_WINDOWS = re.compile(r"^cp(125\d)$")

#: JIS X 0208 marks that Python's EUC-JP maps otherwise than windows-31j and the web do.
_JIS_MARKS = str.maketrans("〜‖−¢£¬", "～∥－￠￡￢")
#: Big5 marks of Python's HKSCS table against index Big5 of the standard.
_BIG5_MARKS = str.maketrans("•､", "‧﹑")
#: Positions that Python's GB18030 leaves in the private use area, against index gb18030 of the standard.
_GB18030_MARKS = str.maketrans(
    "\ue5e5\ue7c7\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796"
    "\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864",
    "\u3000\u1e3f\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19"
    "\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb",
)
_GB18030_PRIVATE = re.compile("[\ue5e5\ue78d-\ue796\ue7c7\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864]")
_JIS_ESCAPE = re.compile(rb"\x1b(\$[@BA]|\$\([ADOQC]|\([BJI])")
#: Sets of two bytes beside JIS X 0208 (RFC 1554, RFC 2237, ISO-2022-JP-2004), as Python's codecs have them.
_OTHER_SETS = {b"$A": "gb18030", b"$(A": "gb18030", b"$(C": "cp949", b"$(O": "euc_jis_2004", b"$(Q": "euc_jis_2004"}
_JIS_X_0212, _PAIR = b"$(D", re.compile(rb"..", re.DOTALL)
_HZ_RUN = re.compile(rb"~\{((?:[\x21-\x7d][\x21-\x7e])*)(?:~\}|(?=[\r\n])|\Z)")
_DOUBLE_BYTES = re.compile(rb"[\xa1-\xfe]*")
_HIGH_BIT = bytes(byte | 0x80 for byte in range(256))


def standard_name(label: str) -> str | None:
    """The WHATWG name of an encoding label, None for labels nobody knows.

    >>> standard_name("GB2312"), standard_name("x-sjis"), standard_name("none")
    ('gb18030', 'shift_jis', None)
    """
    label = label.strip().lower()
    if label in _EXTRA_LABELS:
        return _EXTRA_LABELS[label]
    name = map_encoding_to_html5(label, fallback_utf8=False)
    if name is None:
        return None
    return _STANDARD_NAMES.get(name) or _WINDOWS.sub(r"windows-\1", name).replace("iso8859", "iso-8859")


def decode(data: bytes, charset: str) -> str:
    """Decodes by a name from ``standard_name``; bytes that mean nothing become U+FFFD, one for each error."""
    if charset == "iso-2022-jp":
        return _decode_iso_2022_jp(data)
    if charset == "hz-gb-2312":
        return _decode_hz(data)
    if charset == "iso-2022-kr":
        return data.decode("iso2022_kr", "replace")
    text = data.decode(_CODECS.get(charset, charset), f"hanmill-{charset}" if charset in _HANDLED else "replace")
    if charset == "gb18030":
        return text.translate(_GB18030_MARKS) if _GB18030_PRIVATE.search(text) else text
    if charset == "euc-jp":
        return _translate(text, _JIS_MARKS)
    if charset == "big5":
        return _translate(text, _BIG5_MARKS)
    return text


def _translate(text: str, table: dict[int, int]) -> str:
    # A few searches at memory speed instead of a table look-up per character.
    for source, target in table.items():
        text = text.replace(chr(source), chr(target))
    return text


def _decode_iso_2022_jp(data: bytes) -> str:
    """ISO-2022-JP with the half-width katakana and vendor rows that pages put into it."""
    parts, state = [], b"(B"
    for number, part in enumerate(_JIS_ESCAPE.split(data)):
        if number % 2:
            state = part
        elif not part:
            continue
        elif state[:1] == b"$":
            # A line end inside double bytes means that the closing escape is missing (RFC 1468: lines end in ASCII).
            double, end, rest = part.partition(b"\n")
            parts.append(_decode_pairs(double.translate(_HIGH_BIT), state))
            parts.append((end + rest).decode("ascii", "replace"))
            state = b"(B" if end else state
        elif state == b"(I":
            parts.append(part.translate(_HIGH_BIT).decode("cp932", "replace"))
        else:
            parts.append(part.decode("ascii", "replace"))
    return "".join(parts)


def _decode_pairs(pairs: bytes, character_set: bytes) -> str:
    if character_set == _JIS_X_0212:
        return _PAIR.sub(lambda pair: b"\x8f" + pair[0], pairs).decode("euc_jp", "replace")
    other = _OTHER_SETS.get(character_set)
    return pairs.decode(other, "replace") if other else decode(pairs, "euc-jp")


def _decode_hz(data: bytes) -> str:
    """HZ (RFC 1843): GB 2312 between ``~{`` and ``~}``, ``~~`` for a tilde, ``~`` before a line end for nothing."""
    parts, end = [], 0
    for run in _HZ_RUN.finditer(data):
        parts.append(_hz_ascii(data[end : run.start()]))
        parts.append(run[1].translate(_HIGH_BIT).decode("gb18030", "replace"))
        end = run.end()
    parts.append(_hz_ascii(data[end:]))
    return "".join(parts)


def _hz_ascii(data: bytes) -> str:
    return data.replace(b"~\n", b"").replace(b"~~", b"~").decode("ascii", "replace")


def _stands_for_a_lead(data: bytes, place: int) -> bool:
    """Whether a byte that begins no character has replaced a lead byte: an odd number of double bytes is left.

    Without its second half the rest of the line would be read out of step.
    """
    if data[place] not in (0x80, 0xFF):
        return False
    run = _DOUBLE_BYTES.match(data, place + 1)
    return run is not None and len(run[0]) % 2 == 1


def _euc_jp_error(error: UnicodeError) -> tuple[str, int]:
    """Rows of windows-31j (NEC row 13, IBM extensions) that Python's EUC-JP does not have."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if _stands_for_a_lead(error.object, error.start):
        return "\ufffd", error.start + 2
    pair = error.object[error.start : error.start + 2]
    if len(pair) == 2 and pair[0] >= 0xA1 and pair[1] >= 0xA1 and 0xFF not in pair:
        row, cell = pair[0] - 0xA1, pair[1] - 0xA1
        lead = (0x81 if row < 62 else 0xC1) + row // 2
        trail = (0x9F if row % 2 else 0x40 + (cell >= 63)) + cell
        try:
            return bytes((lead, trail)).decode("cp932"), error.start + 2
        except UnicodeDecodeError:
            return "\ufffd", error.start + 2
    return "\ufffd", error.start + 1


def _gb18030_error(error: UnicodeError) -> tuple[str, int]:
    """The single byte 0x80 is the euro sign of windows-936; anything else costs one byte."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if _stands_for_a_lead(error.object, error.start):
        return "\ufffd", error.start + 2
    return ("€" if error.object[error.start] == 0x80 else "\ufffd"), error.start + 1


_HANDLED = {"euc-jp": _euc_jp_error, "gb18030": _gb18030_error}
for _name, _handler in _HANDLED.items():
    codecs.register_error(f"hanmill-{_name}", _handler)
