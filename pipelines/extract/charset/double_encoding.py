"""UTF-8 that a program took for windows-1252 and encoded once more: ä¸­æ–‡ for 中文."""

from __future__ import annotations

import re

#: What stands in every such text of Chinese or Japanese: the beginnings of full-width marks, 。, and kana.
_HINTS = ("ï¼", "ã\x80", "ã€", "ã\x81", "ã‚", "ã\x82")
_FEWEST_HINTS = 3
#: Bytes of windows-1252 that are no code points of Latin-1; the five it leaves out stand for themselves.
_BYTES = {
    character: bytes((byte,)).decode("latin-1")
    for byte in range(0x80, 0xA0)
    if (character := bytes((byte,)).decode("cp1252", "ignore"))
}
_TO_LATIN_1 = str.maketrans(_BYTES)
_CONTINUATION = "[\x80-\xbf" + "".join(_BYTES) + "]"
_SEQUENCE = re.compile(
    f"(?:[\xc2-\xdf]{_CONTINUATION}|[\xe0-\xef]{_CONTINUATION}{{2}}|[\xf0-\xf4]{_CONTINUATION}{{3}})+"
)
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
#: A page with as many real characters speaks of broken ones.
_MOST_REAL = 0.1


def once_encoded(text: str) -> str:
    """The text as it was before the second encoding; the same text where there was none.

    >>> once_encoded("ä¸­æ–‡ï¼Œä¸­å›½ï¼Œæ±‰å­—ï¼Œå¥½ã€‚"), once_encoded("Ã¼ber, naïve")
    ('中文，中国，汉字，好。', 'Ã¼ber, naïve')
    """
    if sum(map(text.count, _HINTS)) < _FEWEST_HINTS:
        return text
    sequences = _SEQUENCE.findall(text)
    if len(_EAST_ASIAN.findall(text)) > _MOST_REAL * sum(map(len, sequences)) / 3:
        return text
    return _SEQUENCE.sub(_decoded, text)


def _decoded(match: re.Match[str]) -> str:
    try:
        return match[0].translate(_TO_LATIN_1).encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
