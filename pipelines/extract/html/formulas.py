"""Formulas of a page, as MathML, KaTeX, MathJax and pictures write them, put into its text before it is read.

Source: the output of KaTeX 0.16 and MathJax 2.7 to 4, MediaWiki's Math extension, and the picture services of Zhihu,
WordPress, Jianshu and CodeCogs.
"""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import unquote_plus

from hanmill.pipelines.extract.formulas.mathml import tex_of
from hanmill.pipelines.extract.formulas.tex import FormulaForm, formula_text
from hanmill.pipelines.extract.html.whitespace import FORMULA

#: MathJax 2 keeps its source in scripts; they become elements before scripts are taken out.
_SCRIPT = re.compile(r"<script\b[^>]*?\btype=[\"']?math/(tex|mml|asciimath)[^>]*>", re.IGNORECASE)
_CDATA = re.compile(r"\A\s*(?:%\s*)?<!\[CDATA\[(.*?)(?:%\s*)?\]\]>\s*\Z", re.DOTALL)
_SOURCE = "mathjax-source"
#: How often a page is passed over in vain, as a multiple of its length.
_MOST_PASSED = 8
_START = re.compile(
    r"<(?P<math>m:math|math)(?=[\s>])"
    r"|<(?P<container>mjx-container)(?=[\s>])"
    r"|<(?P<element>span|div|p|script|code|em|i)\s(?=[^<>]*?\b(?:class|data-tex|data-latex|data-formula)=\")"
    r"[^<>]*?(?:class=\"(?P<names>[^\"]*)\"|data-(?:tex|latex|formula)=\")[^<>]*>"
    r"|<(?P<img>img)\s[^<>]*>"
)
_RENDERED = re.compile(r"\bMathJax(?:_(?:Display|SVG|SVG_Display|CHTML|MathML|Processed))?(?=[\s\"]|\Z)|\bmjx-chtml\b")
_PREVIEW = re.compile(r"\bMathJax_Preview\b")
_KATEX = re.compile(r"\bkatex(?:-display)?(?=\s|$)")
_WIKIPEDIA = re.compile(r"\bmwe-math-element\b")
_WRITTEN = re.compile(r"\bmath\b|\btex2jax_process\b|\barithmatex\b|\bmath-(?:inline|display|tex)\b")
_DELIMITED = re.compile(r"\s*(?:\\\(.*\\\)|\\\[.*\\\]|\$\$.*\$\$|\$.*\$)\s*\Z", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_ATTRIBUTE = {
    name: re.compile(rf'\s{name}="([^"]*)"')
    for name in ("alt", "src", "class", "title", "data-mathml", "data-tex", "data-latex", "data-formula")
}
_IMAGE_CLASS = re.compile(
    r"(?:\b|_)(?:mwe-math[\w-]*|tex|latex|math|equation|math-(?:inline|display|block)|eqn)(?:\b|_)", re.IGNORECASE
)
_IMAGE_SOURCE = re.compile(
    r"/math/render/|/math/[0-9a-f]/[0-9a-f]/|[?/]equation\?|latex\.(?:php|codecogs)|codecogs\.com|mimetex|mathtex|math\.jianshu",
    re.IGNORECASE,
)
_IMAGE_QUERY = re.compile(
    r"[?&;](?:tex|latex|formula|math|chl)=([^&]*)|(?:latex\?|mimetex\.cgi\?|mathtex\.cgi\?)(.+)", re.IGNORECASE
)
_NO_TEX = re.compile(
    r"\A(?:\s*|image|img|图片|圖片|数式|公式|formula|equation|\S+\.(?:png|gif|svg|jpe?g))\Z", re.IGNORECASE
)


def formula_source(script: str) -> str:
    """A script in which MathJax keeps a formula as a ``<math>`` element; empty for other scripts."""
    start = _SCRIPT.match(script)
    return _source_element(start[1].lower(), script[start.end() : script.rindex("</")]) if start else ""


def _source_element(kind: str, content: str) -> str:
    cdata = _CDATA.match(content)
    content = cdata[1] if cdata else content
    if kind == "mml":
        return content.replace("<math", f'<math class="{_SOURCE}"', 1)
    escaped = escape(content.strip(), quote=False)
    return f'<math class="{_SOURCE}"><annotation encoding="application/x-tex">{escaped}</annotation></math>'


def with_formulas(body: str, form: FormulaForm) -> str:
    """Balanced markup in which text stands for every formula, once for each, however often the page repeats it."""
    parts: list[str] = []
    position = passed = 0
    while passed <= _MOST_PASSED * len(body) and (match := _START.search(body, position)) is not None:
        end, tex = _formula_at(body, match)
        if tex is None:
            # Elements inside it may be formulas; in a page that nests them without end they are looked at no more.
            passed += end - match.start()
            parts.append(body[position : match.end()])
            position = match.end()
            continue
        parts.append(body[position : match.start()])
        if tex:
            parts.append(escape(formula_text(tex, form, FORMULA), quote=False))
        position = end
    parts.append(body[position:])
    return "".join(parts)


def _formula_at(body: str, match: re.Match[str]) -> tuple[int, str | None]:
    """Where the element that begins here ends, and its TeX: empty where it stands again, None for no formula."""
    if match["img"]:
        tex = _image_tex(match[0])
        return match.end(), tex or None
    if match["math"]:
        end = element_end(body, match.start(), match["math"])
        return end, tex_of(body[match.start() : end])
    if match["container"]:
        end = element_end(body, match.start(), "mjx-container")
        return end, _inner_tex(body[match.start() : end])
    return _named_formula(body, match)


def _named_formula(body: str, match: re.Match[str]) -> tuple[int, str | None]:
    names, tag = match["names"] or "", match[0]
    source = next(
        (found for name in ("data-tex", "data-latex", "data-formula") if (found := _attribute(tag, name))), ""
    )
    kind = next(
        (pattern for pattern in (_PREVIEW, _RENDERED, _KATEX, _WIKIPEDIA, _WRITTEN) if pattern.search(names)), None
    )
    if kind is None and not source:
        return match.end(), None
    end = element_end(body, match.start(), match["element"])
    inner = body[match.start() : end]
    if kind is _PREVIEW or kind is _RENDERED:
        if _is_repeated(body, end):
            return end, ""
        return end, _inner_tex(inner) or None
    if source:
        return end, source
    if kind is _WRITTEN:
        text = unescape(_TAG.sub("", inner))
        return end, text if _DELIMITED.match(text) else None
    tex = _inner_tex(inner)
    if not tex and kind is _KATEX and "aria-hidden" in inner:
        # Without MathML only its glyphs are left.
        tex = unescape(_TAG.sub("", inner)).strip()
    return end, tex or None


def _is_repeated(body: str, place: int) -> bool:
    """Whether behind this element, white space aside, the same formula is given again or in its source."""
    following = body[place : place + 400].lstrip()
    return following.startswith(f'<math class="{_SOURCE}"') or (
        following.startswith(("<span", "<div")) and _RENDERED.search(following.partition(">")[0]) is not None
    )


def _inner_tex(inner: str) -> str:
    """TeX of the formula inside a rendered one."""
    if (start := inner.find("<math")) >= 0:
        return tex_of(inner[start : element_end(inner, start, "math")])
    for name in ("data-mathml", "data-latex", "data-tex"):
        if found := _attribute(inner, name):
            return tex_of(found) if name == "data-mathml" else found
    if (start := inner.find("<img")) >= 0:
        return _image_tex(inner[start : inner.find(">", start) + 1])
    return ""


def _attribute(markup: str, name: str) -> str:
    found = _ATTRIBUTE[name].search(markup)
    return unescape(found[1]) if found else ""


def _image_tex(tag: str) -> str:
    """TeX that a picture of a formula stands for, empty for other pictures."""
    source = _attribute(tag, "src")
    if not _IMAGE_SOURCE.search(source) and not _IMAGE_CLASS.search(_attribute(tag, "class")):
        return ""
    for text in (_attribute(tag, "alt"), _attribute(tag, "title")):
        if not _NO_TEX.match(text):
            return text
    query = _IMAGE_QUERY.search(source)
    return unquote_plus(query[1] or query[2] or "") if query else ""


def element_end(body: str, start: int, name: str) -> int:
    """Where the element that begins at ``start`` of balanced markup ends; the markup's end where it has no end."""
    depth = 0
    for tag in _tags_of(name).finditer(body, start):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end()
    return len(body)


_TAGS: dict[str, re.Pattern[str]] = {}


def _tags_of(name: str) -> re.Pattern[str]:
    if name not in _TAGS:
        _TAGS[name] = re.compile(rf"<(/?){re.escape(name)}(?=[\s>])[^<>]*>")
    return _TAGS[name]
