"""What a page says of its own use: its licence, and whether it may be used for training."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from hanmill.pipelines.sources.opt_out import opt_out

#: A page without any of these says nothing, which is most pages; each costs a look through the whole page, or through
#: its ``meta`` elements, which are few.
_HINTS = ("creativecommons.org", "icense", "CREATIVECOMMONS")
_META_HINTS = ("noai", "noimageai", "tdm-reservation", "dc.rights", "dcterms.rights")
_META = re.compile("<[mM][eE][tT][aA]([^>]*)>")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<(link|a|meta|area)\s([^>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_JSON_LICENCE = re.compile(r'"license"\s*:\s*"([^"\\]{4,300})"')
_CREATIVE_COMMONS = re.compile(
    r"(?:https?:)?//(?:www\.)?creativecommons\.org/"
    r"(?:licen[sc]es/(?P<kind>[a-z]+(?:-[a-z]+)*\+?)|publicdomain/(?P<public>zero|mark))"
    r"(?:/(?P<version>\d\.\d))?(?:/(?P<place>[a-z]{2}|igo)(?=[/#?]|$))?",
    re.IGNORECASE,
)
_LICENCE_META = frozenset({"license", "licence", "dc.license", "dcterms.license", "dc.rights", "dcterms.rights"})
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Rights:
    """``licence`` by its short name (``CC BY-SA 4.0``) or its address, empty where the page names none; several apart
    by `` | ``. ``opt_out`` as ``hanmill.pipelines.sources.opt_out``.
    """

    licence: str = ""
    opt_out: bool | None = None


def page_rights(html: str) -> Rights:
    """What a page's markup declares: ``rel=license``, Creative Commons addresses, JSON-LD, robots, TDM reservation.

    A link to Creative Commons without ``rel=license`` counts where the page has no declared licence and links to no
    second one: of several, some are of pictures and quotations.
    """
    if not (any(hint in html for hint in _HINTS) or _metas_say_something(html)):
        return Rights()
    html = _COMMENT.sub("", html)
    declared: dict[str, None] = {}
    linked: dict[str, None] = {}
    robots: list[str] = []
    reservation = ""
    # What a script writes is no markup of the page.
    for name, attributes in _tags(_SCRIPT.sub("", html)):
        if name == "meta":
            kind, content = (
                (attributes.get("name") or attributes.get("property") or "").lower(),
                attributes.get("content", ""),
            )
            if kind == "robots" or kind.endswith("bot"):
                robots.append(content)
            elif kind == "tdm-reservation":
                reservation = content
            elif kind in _LICENCE_META and (found := licence_name(content)):
                declared[found] = None
        elif found := licence_name(attributes.get("href", "")):
            if {"license", "licence"} & set(attributes.get("rel", "").lower().split()):
                declared[found] = None
            elif found.startswith(("CC", "Public")):
                linked[found] = None
    for address in _JSON_LICENCE.findall(html):
        if (found := licence_name(address)).startswith(("CC", "Public")):
            declared[found] = None
    chosen = declared or (linked if len(linked) == 1 else {})
    return Rights(" | ".join(sorted(chosen)), opt_out(", ".join(robots), reservation))


def _metas_say_something(html: str) -> bool:
    said = " ".join(_META.findall(html)).lower()
    return any(hint in said for hint in _META_HINTS)


def licence_name(address: str) -> str:
    """The short name of a Creative Commons address with version and place; another web address as it is, else empty.

    >>> licence_name("http://creativecommons.org/licenses/by-nc-sa/3.0/tw/deed.zh_TW")
    'CC BY-NC-SA 3.0 TW'
    """
    address = address.strip()
    match = _CREATIVE_COMMONS.match(address)
    if match is None:
        return address[:_LONGEST] if address.startswith(("http://", "https://")) else ""
    if match["public"]:
        name = "CC0" if match["public"].lower() == "zero" else "Public Domain Mark"
    else:
        name = f"CC {match['kind'].upper()}"
    return " ".join(filter(None, (name, match["version"], (match["place"] or "").upper())))


def _tags(html: str) -> Iterator[tuple[str, dict[str, str]]]:
    for match in _TAG.finditer(html):
        attributes = {
            name.lower(): unescape(double or single or bare)
            for name, double, single, bare in _ATTRIBUTE.findall(match[2])
        }
        yield match[1].lower(), attributes
