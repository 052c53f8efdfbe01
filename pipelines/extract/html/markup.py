"""An HTML page of any make as balanced markup, with its title and language.

The parser is resiliparse's (HTML standard, error recovery included). Its serialisation is balanced and has no
``<`` or ``>`` inside attributes, so it can be read by cutting it at ``<``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from resiliparse.parse.html import HTMLTree

from hanmill.pipelines.extract.html.formulas import formula_source
from hanmill.pipelines.extract.html.signs import RAW_TEXT, signs_of

#: Elements whose content is neither markup nor text of the page.
_RAW_ELEMENTS = ("script", "style", "noscript", "iframe", "xmp", "noembed", "noframes")
#: Their first two letters tell them from nearly every other tag.
_RAW_START = re.compile(rf"<(?=!-|[sS][cCtT]|[nN][oO]|[iI][fF]|[xX][mM])(?:!--|((?i:{'|'.join(_RAW_ELEMENTS)}))[\s>/])")
_RAW_END = {name: re.compile(f"<(?=/)(?i:/{name}[^>]*>)") for name in _RAW_ELEMENTS}
#: A character beyond the basic plane as two references, as programs write it that think in UTF-16.
_PAIR = re.compile(r"&#(x[dD][89abAB][0-9a-fA-F]{2}|5[56]\d{3});&#(x[dD][c-fC-F][0-9a-fA-F]{2}|5[67]\d{3});")
#: The type of a script stands in so many characters of its tag.
_TAG_CHARACTERS = 120
_LANG = re.compile(r'\slang="([^"]*)"')
_META = re.compile(r"<meta\s([^>]*)>")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL)
_HTML = re.compile(r"<html(\s[^>]*)?>")
_CONTENT = re.compile(r'\scontent="([^"]*)"')
_LANGUAGE_META = re.compile(r'(?:http-equiv="content-language"|property="og:locale")', re.IGNORECASE)
#: How much of a page is searched for a language in its ``meta`` elements.
_META_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Markup:
    """A parsed page: ``body`` begins at the ``<body>`` tag and is balanced, references resolved but for ``&lt;``,
    ``&gt;``, ``&amp;`` and ``&nbsp;``. ``lang`` is what the page declares for its root, empty where nothing; ``signs``
    are those of ``signs_of``.
    """

    title: str
    lang: str
    body: str
    signs: frozenset[str]


def balanced_markup(html: str) -> Markup:
    """Parses a page of any length and depth; never raises on malformed markup."""
    # Scripts are most of many pages: what the parser need not see costs nothing.
    html = _without_raw_text(html)
    source = _parsed(html)
    if "\ufffd" in source and "&#" in html:
        source = _parsed(_PAIR.sub(_paired, html))
    title = _TITLE.search(source)
    signs = signs_of(source)
    if RAW_TEXT in signs:
        # Again, for those that only the parser has found.
        source = _without_raw_text(source)
    return Markup(
        title=" ".join(unescape(title[1]).split()) if title else "",
        lang=_page_language(source),
        body=source[max(0, source.find("<body")) :],
        signs=signs,
    )


def _without_raw_text(source: str) -> str:
    """The page without comments and scripts, formulas in scripts as elements.

    Where one does not end, the parser decides what that means.
    """
    parts, end = [], 0
    while start := _RAW_START.search(source, end):
        found = None
        if not start[1]:
            close = source.find("-->", start.start() + 2)
            close = close + 3 if close >= 0 else -1
        else:
            found = _RAW_END[start[1].lower()].search(source, start.end())
            close = found.end() if found else -1
        if close < 0:
            break
        parts.append(source[end : start.start()])
        if found and source.find("math/", start.end(), start.end() + _TAG_CHARACTERS) >= 0:
            parts.append(formula_source(source[start.start() : close]))
        end = close
    parts.append(source[end:])
    return "".join(parts)


def _paired(match: re.Match[str]) -> str:
    high, low = (int(one[1:], 16) if one[0] == "x" else int(one) for one in match.groups())
    if 0xD800 <= high < 0xDC00 <= low < 0xE000:
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    return match[0]


def _page_language(source: str) -> str:
    root = _HTML.search(source)
    lang = _LANG.search(root[1]) if root and root[1] else None
    if lang and lang[1].strip():
        return lang[1].strip()
    for meta in _META.finditer(source, 0, _META_CHARACTERS):
        attributes = " " + meta[1]
        content = _CONTENT.search(attributes)
        if content and _LANGUAGE_META.search(attributes):
            return content[1].split(",")[0].strip().replace("_", "-")
    return ""


def _parsed(html: str) -> str:
    try:
        document = HTMLTree.parse(html).document
    except UnicodeEncodeError:
        # The parser takes UTF-8, which has no lone surrogates.
        document = HTMLTree.parse(html.encode("utf-8", "ignore").decode()).document
    return document.html if document else ""
