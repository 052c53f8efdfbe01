"""What kind of page it is, told by its templates: a disambiguation page, a list, a stub. And redirects."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from hanmill.pipelines.extract.wikitext.magic_words import listed_words
from hanmill.pipelines.text.tsv import read_tsv

DISAMBIGUATION = "disambiguation"
LIST = "list"
STUB = "stub"

_TEMPLATE_NAME = re.compile(r"\{\{\s*([^|{}\n<\[\]]{1,60})")


@cache
def _names(kind: str, how: str) -> frozenset[str]:
    """The names of ``data/page_kinds.tsv`` of one kind: whole, endings, or beginnings that speak of a section."""
    rows = read_tsv("hanmill.pipelines.extract.wikitext", "page_kinds.tsv", 3)
    listed = " ".join(names for of, form, names in rows if (of, form) == (kind, how))
    return frozenset(name.replace("_", " ") for name in listed.split())


_LIST_TITLE = re.compile(
    r"の一覧(?:[ (（].*)?$|一覧$|列表(?:[ (（].*)?$|목록$|^(?:List|Lists) of |^Liste |^Lista de |^Lijst van "
)

_REDIRECT = re.compile(rf"\s*#\s*(?:{'|'.join(listed_words('redirect'))})\s*[:：]?\s*\[\[([^\[\]|\n]*)", re.IGNORECASE)


def page_flags(title: str, wikitext: str) -> tuple[str, ...]:
    """The kinds a page says it is of, in a fixed order.

    >>> page_flags("国の一覧", "…"), page_flags("EU (曖昧さ回避)", "* [[欧州連合]]\\n{{aimai}}")
    (('list',), ('disambiguation',))
    """
    kinds = {kind for name in set(_TEMPLATE_NAME.findall(wikitext)) if (kind := _kind_named(name))}
    if _LIST_TITLE.search(title):
        kinds.add(LIST)
    return tuple(kind for kind in (DISAMBIGUATION, LIST, STUB) if kind in kinds)


@lru_cache(maxsize=16384)
def _kind_named(template: str) -> str:
    """The kind of page that has this template, empty where the template tells nothing."""
    name = " ".join(template.replace("_", " ").lower().split())
    for kind in (DISAMBIGUATION, STUB, LIST):
        if name in _names(kind, "name"):
            return kind
    # {{節スタブ}} and its like speak of a section.
    if name.endswith(tuple(_names(STUB, "ending"))) and not name.startswith(tuple(_names(STUB, "section"))):
        return STUB
    return ""


def redirect_target(wikitext: str) -> str | None:
    """Where a redirect leads, in any language; None where the page is none.

    >>> redirect_target("#転送 [[猫]]"), redirect_target("#重定向[[香港#歷史]]"), redirect_target("# redirect")
    ('猫', '香港#歷史', None)
    """
    match = _REDIRECT.match(wikitext)
    return match.group(1).strip() if match else None
