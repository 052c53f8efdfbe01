"""Masks e-mail addresses, IP addresses and telephone numbers, right beside Chinese and Japanese characters too.

Word boundaries do not help there: every Han character is a word character to a regular expression, so
``はtaro@example.jp`` has none before ``taro``. The patterns look at ASCII neighbours only.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

EMAIL_MASK = "email@example.com"
#: From the ranges for documentation (RFC 5737, RFC 3849).
IPV4_MASK, IPV6_MASK = "192.0.2.1", "2001:db8::1"
PHONE_MASK = "000-0000-0000"

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}[@＠](?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?\.){1,8}"
    r"[A-Za-z]{2,24}(?![A-Za-z0-9-])"
)
_IPV4 = re.compile(r"(?<![0-9A-Za-z.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9A-Za-z]|\.[0-9])")
_IPV6 = re.compile(r"(?<![0-9A-Za-z:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![0-9A-Za-z:])")
_PHONE = re.compile(
    r"(?<![0-9.+/_-])(?:"
    # Japan: 03-1234-5678, 090-1234-5678, 0120-123-456, (03)1234-5678, +81-3-1234-5678
    r"\+81[-\s]?[1-9][0-9]{0,3}[-\s]?[0-9]{1,4}[-\s]?[0-9]{4}|0[789]0[-－‐−][0-9]{4}[-－‐−][0-9]{4}|0[789]0[0-9]{8}|"
    r"[(（]?0[1-9][0-9]{0,3}(?:[)）]|[-－‐−])[0-9]{1,4}[-－‐−][0-9]{3,4}|"
    # Mainland: 13812345678, 138-1234-5678, 010-12345678, 0571-8888888, 400-123-4567, +86 138 1234 5678
    r"(?:\+?86[-\s]?)?1[3-9][0-9](?:[-\s]?[0-9]{4}){2}|[(（]?0[1-9][0-9]{1,2}(?:[)）]|[-－‐−])[0-9]{7,8}|[48]00[-－‐−][0-9]{3}[-－‐−][0-9]{4}|"
    # Taiwan: 0912-345-678, (02)2345-6789, +886-2-2345-6789; Hong Kong: +852 2345 6789
    r"09[0-9]{2}[-\s]?[0-9]{3}[-\s]?[0-9]{3}|[(（]0[2-8][)）]\s?[0-9]{3,4}[-\s]?[0-9]{4}|0[2-8][-－‐−][0-9]{3,4}[-－‐−]?[0-9]{4}|"
    r"\+886[-\s]?[1-9][0-9]?[-\s]?[0-9]{3,4}[-\s]?[0-9]{3,4}|\+852[-\s]?[2-9][0-9]{3}[-\s]?[0-9]{4}|"
    # Korea: 010-1234-5678, 02-123-4567, +82-10-1234-5678
    r"\+82[-\s]?[1-9][0-9]?[-\s]?[0-9]{3,4}[-\s]?[0-9]{4}|0(?:2|[3-6][1-5])[-－‐−][0-9]{3,4}[-－‐−][0-9]{4}"
    r")(?![0-9A-Za-z]|[-.][0-9])"
)
#: What these begin with is rare in running text, and found much faster than what they stand for.
_IN_IPV4 = re.compile(r"\.[0-9]{1,3}\.[0-9]")
_IN_IPV6 = re.compile(r":[0-9A-Fa-f]{0,4}:")
#: Every telephone number lies in such a run, and two characters after it decide whether it ends there.
_DIALLED = re.compile(r"[0-9+(（][0-9+()（）\s－‐−-]{7,}")
_BEHIND_NUMBER = 2


@dataclass(frozen=True, slots=True)
class MaskedText:
    """``raw_offsets`` is int64 [len(text) + 1]: for each character of ``text`` (and its end) the offset in the raw
    text it stands for, non-decreasing. ``count`` says how many places were masked.
    """

    text: str
    raw_offsets: npt.NDArray[np.int64]
    count: int


def find_personal_data(text: str) -> list[tuple[int, int, str]]:
    """Places to mask, as (start, end, mask) in code points, in order and without overlap.

    >>> find_personal_data("連絡はtaro@example.jpまで")
    [(3, 18, 'email@example.com')]
    """
    found: list[tuple[int, int, str]] = []
    if "@" in text or "＠" in text:
        found += [(match.start(), match.end(), EMAIL_MASK) for match in _EMAIL.finditer(text)]
    if _IN_IPV4.search(text):
        found += [(match.start(), match.end(), IPV4_MASK) for match in _IPV4.finditer(text) if _is_address(match[0])]
    if _IN_IPV6.search(text):
        found += [(match.start(), match.end(), IPV6_MASK) for match in _IPV6.finditer(text) if _is_address(match[0])]
    found += [
        (match.start(), match.end(), PHONE_MASK)
        for run in _DIALLED.finditer(text)
        for match in _PHONE.finditer(text, run.start(), run.end() + _BEHIND_NUMBER)
    ]
    found.sort()
    places: list[tuple[int, int, str]] = []
    for place in found:
        if not places or place[0] >= places[-1][1]:
            places.append(place)
    return places


def mask_personal_data(text: str) -> MaskedText:
    """Replaces every such place by a fixed mask of its kind."""
    places = find_personal_data(text)
    if not places:
        return MaskedText(text, np.arange(len(text) + 1, dtype=np.int64), 0)
    parts: list[str] = []
    offsets: list[npt.NDArray[np.int64]] = []
    end = 0
    for start, stop, mask in places:
        parts += [text[end:start], mask]
        offsets += [np.arange(end, start, dtype=np.int64), np.full(len(mask), start, np.int64)]
        end = stop
    parts.append(text[end:])
    offsets.append(np.arange(end, len(text) + 1, dtype=np.int64))
    return MaskedText("".join(parts), np.concatenate(offsets), len(places))


def _is_address(text: str) -> bool:
    """A real address of a host; versions (1.2.3.4 is one all the same), times and ``::`` in code are not."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified) and (address.version == 4 or len(text) > 6)
