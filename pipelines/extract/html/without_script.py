"""What a page that a script fills has for readers without one: ``<noscript>``, ``<noframes>``, the text in JSON-LD."""

from __future__ import annotations

import json
import re
from html import escape, unescape

#: Less text than this says that a script would have written the page, or that it needs one.
FEWEST_CHARACTERS = 80
_HIDDEN_TAGS = re.compile(r"</?(?:noscript|noframes|frameset|frame)\b[^>]*>", re.IGNORECASE)
#: Browsers that save a page write the content of ``<noscript>`` as text.
_ESCAPED = re.compile(r"<noscript\b[^>]*>[^<]*&lt;[^<]*(?=</noscript)", re.IGNORECASE)
_HINTS = ("articleBody", "<noscript", "<noframes", "<NOSCRIPT", "<NOFRAMES")
_DATA = re.compile(r"<script\b[^>]*\bld\+json[^>]*>(.*?)</script\s*>", re.IGNORECASE | re.DOTALL)
_LINES = re.compile(r"\s*\n\s*|\s*\r\s*")
_REQUEST = re.compile(r"java\s?script|ジャバスクリプト|浏览器|瀏覽器|ブラウザ", re.IGNORECASE)
_LONGEST_REQUEST = 300
_DEEPEST = 8


def page_without_script(html: str) -> str:
    """The page as markup that shows what is hidden from browsers with scripts; empty where nothing is."""
    if not any(hint in html for hint in _HINTS):
        return ""
    bodies = [body for data in _DATA.finditer(html) for body in _article_bodies(_parsed(data[1]), 0)]
    if bodies:
        title = html[html.find("<title") : html.find("</title>") + len("</title>")] if "</title>" in html else ""
        return f"{title}<article>{''.join(map(_paragraphs, bodies))}</article>"
    return _HIDDEN_TAGS.sub("", _ESCAPED.sub(lambda escaped: unescape(escaped[0]), html))


def asks_for_script(text: str) -> bool:
    """Whether a short text does nothing but ask for a script or another browser."""
    return len(text) <= _LONGEST_REQUEST and _REQUEST.search(text) is not None


def _paragraphs(body: str) -> str:
    if "</p>" in body or "<br" in body:
        return body
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in _LINES.split(body.strip()))


def _parsed(text: str) -> object:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _article_bodies(data: object, depth: int) -> list[str]:
    """Every ``articleBody`` of linked data, however it nests (``@graph``, lists)."""
    if depth > _DEEPEST:
        return []
    if isinstance(data, list):
        return [body for item in data for body in _article_bodies(item, depth + 1)]
    if not isinstance(data, dict):
        return []
    body = data.get("articleBody")
    if isinstance(body, str):
        return [body]
    return [body for item in data.values() for body in _article_bodies(item, depth + 1)]
