"""IP addresses: four small numbers with dots between them are as often a section or a version.

What decides is added up: large numbers (nobody's section 203.106.85.7), what stands next to it (a port, a prefix
length, the scheme of an address), the words about it, its place in the line. Addresses that belong to no host of the
internet (private, for documentation, masks of networks) say nothing about anyone and stay.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence, Set
from itertools import pairwise

from hanmill.pipelines.clean.masks.context import Side, line_around, words
from hanmill.pipelines.clean.masks.places import Place

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = re.compile(
    rf"(?<![0-9_.])(?:(?<![A-Za-z])|(?<=[Ii][Pp]))(?:{_OCTET}\.){{3}}{_OCTET}(?![0-9A-Za-z_]|\.[0-9]|[.-][A-Za-z])"
)
_IPV6 = re.compile(r"(?<![0-9A-Za-z:._])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![0-9A-Za-z:_]|\.[0-9])")
#: What these begin with is rare in running text, and found much faster than what they stand for.
_IN_IPV4 = re.compile(r"\.[0-9]{1,3}\.[0-9]")
_IN_IPV6 = re.compile(r":[0-9A-Fa-f]{0,4}:")
#: Characters of an address, and two after it that decide whether it ends there.
_LONGEST = 48
#: Addresses that hosts on the internet have (RFC 4291, section 2.4).
_UNICAST = ipaddress.ip_network("2000::/3")

_PORT = re.compile(r":[1-9][0-9]{1,4}(?![0-9:])")
_PREFIX_LENGTH = re.compile(r"/(?:[12]?[0-9]|3[0-2])(?![0-9./])")
_LOG_FIELDS = re.compile(r" - \S+ \[")
_SCHEME = re.compile(r"[A-Za-z]://(?:[^\s/@]*@)?$")
_USER = re.compile(r"[A-Za-z0-9_]@$")
#: A name and a slash or a hyphen: Chrome/100.1.2.3, libfoo-1.2.3.4.
_NAMED = re.compile(r"[0-9A-Za-z][/-]$|(?:[A-Za-z][0-9]*|\))\s?[vVrR]?$")
_PACKAGE = re.compile(r"[-~+_][0-9A-Za-z]")
_HEADING_END = re.compile(r"[.．、)）:：]?(?:\s|$)|[.．、)）][^0-9]")
#: What stands between addresses in a list of them.
_CONJUNCTION = re.compile(r"\s?(?:[、,，;；/|]|和|与|與|及|以及|或|或者|と|や|または|および|and|or|및|와|과)\s?")
_LINE_START = re.compile(r"[\s\-*•·#＃>§■□●○◆◇▪(（\[【]*$")

#: Nothing said: four small numbers are no address.
_UNTOLD = -3.0
_LARGE, _MIDDLE, _ROUND = 2.0, 1.0, -1.0
_NAME, _BESIDE, _DECISIVE = -2.0, 5.0, 8.0
#: No document has as many sections.
_SECTIONS = 100


def find_host_addresses(text: str) -> Iterator[Place]:
    """Places of IPv4 and IPv6 addresses of hosts on the internet.

    >>> list(find_host_addresses("第 3.1.2.4 节：攻击来自 203.106.85.7"))
    [Place(start=17, end=29, kind='ipv4')]
    """
    found = [match.span() for match in _around(_IN_IPV4, _IPV4, 3, text) if _is_host(match[0])]
    told = {span for span in found if _score(text, *span) > 0}
    if len(told) < len(found):
        told |= _listed_with(text, found, told)
    for start, end in sorted(told):
        yield Place(start, end, "ipv4")
    for match in _around(_IN_IPV6, _IPV6, 4, text):
        if _is_unicast(match[0]):
            yield Place(match.start(), match.end(), "ipv6")


def _listed_with(text: str, found: Sequence[tuple[int, int]], told: Set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those that a conjunction or a comma alone parts from an address: 8.8.8.8 和 223.5.5.5."""
    more: set[tuple[int, int]] = set()
    for pairs in (list(pairwise(found)), [(right, left) for left, right in reversed(list(pairwise(found)))]):
        for known, other in pairs:
            left, right = sorted((known, other))
            if (known in told or known in more) and _CONJUNCTION.fullmatch(text, left[1], right[0]):
                more.add(other)
    return more - told


def _around(hint: re.Pattern[str], whole: re.Pattern[str], before: int, text: str) -> Iterator[re.Match[str]]:
    """Matches of ``whole``, looked for only where ``hint`` is found, which begins up to ``before`` characters later."""
    end = 0
    for found in hint.finditer(text):
        match = whole.search(text, max(end, found.start() - before), found.start() + _LONGEST)
        if match:
            end = match.end()
            yield match


def _is_host(written: str) -> bool:
    address = ipaddress.ip_address(written)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_unicast(written: str) -> bool:
    try:
        address = ipaddress.IPv6Address(written)
    except ValueError:
        return False
    # 2001::1 and the like are written by nobody who has an address; "::" in code is no address at all.
    return address in _UNICAST and address.is_global and len(written) > 8


def _score(text: str, start: int, end: int) -> float:
    numbers = [int(number) for number in text[start:end].split(".")]
    score = _UNTOLD + sum(_LARGE * (number >= 100) + _MIDDLE * (32 <= number < 100) for number in numbers)
    score += _ROUND * (numbers[2:] == [0, 0])
    before, after = line_around(text, start, end)
    if _SCHEME.search(before) or _LOG_FIELDS.match(after):
        return _DECISIVE
    if _USER.search(before) or _PORT.match(after) or _PREFIX_LENGTH.match(after):
        score += _BESIDE
    if max(numbers) < _SECTIONS and _LINE_START.fullmatch(before) and _HEADING_END.match(after):
        score -= _DECISIVE
    said = _said("before", before)
    if (said <= 0 and _NAMED.search(before)) or _PACKAGE.match(after):
        score += _NAME
    return score + said + _said("after", after)


def _said(side: Side, text: str) -> float:
    """What the words of one side say: in full where they stand next to the address, else half."""
    beside = words("ipv4", side)
    return beside.touches(text) or beside.weigh(text) / 2
