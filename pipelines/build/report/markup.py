"""Pieces of HTML. Whatever comes from outside passes through ``text`` or ``quoted``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from hanmill.pipelines.text.printable import printable

#: A quotation of more characters is given room in a table.
_LONG = 30
_KANA, _HANGUL, _HAN = (re.compile(found) for found in ("[ぁ-ヿ]", "[가-힣]", "[㐀-鿿豈-﫿𠀀-𳎿]"))


def text(value: object) -> str:
    """A text of unknown origin: controls and directions taken out, escaped."""
    return escape(printable(str(value)))


def quoted(value: str, lang: str | None = None) -> str:
    """A text of the corpus with its ``lang``, by its script where the language is not known."""
    kind = "quote long" if len(value) > _LONG else "quote"
    return (
        f'<span class="{kind}" lang="{escape(likely_language(value) if lang is None else lang)}">{text(value)}</span>'
    )


def likely_language(value: str) -> str:
    """A language tag that has a browser choose the right glyphs; empty (unknown) for other scripts.

    >>> likely_language("猫である"), likely_language("論語"), likely_language("tea")
    ('ja', 'zh', '')
    """
    for pattern, lang in ((_KANA, "ja"), (_HANGUL, "ko"), (_HAN, "zh")):
        if pattern.search(value):
            return lang
    return ""


def is_han(character: str) -> bool:
    """Whether a character is one of the blocks of Han characters.

    >>> is_han("猫"), is_han("の"), is_han("")
    (True, False, False)
    """
    return _HAN.fullmatch(character) is not None


def anchor(prefix: str, name: str) -> str:
    """An id for a name.

    >>> anchor("loss", "latin_ratio@1")
    'loss-latin_ratio-1'
    """
    return prefix + "-" + re.sub(r"[^A-Za-z0-9_]+", "-", name)


def share(part: float, whole: float) -> str:
    """A share in per cent, with more digits where it is small.

    >>> share(1, 3), share(1, 3000), share(0, 5), share(1, 10**7)
    ('33.3%', '0.033%', '0%', '<0.001%')
    """
    if not part or not whole:
        return "0%"
    value = 100 * part / whole
    if value >= 1:
        return f"{value:.1f}%"
    return f"{value:.3f}%" if value >= 0.001 else "<0.001%"


def figure(value: float) -> str:
    """A number as it was measured: four digits, large ones whole.

    >>> figure(0.91234), figure(60), figure(172239)
    ('0.9123', '60', '172,239')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def bar(part: float, whole: float) -> str:
    """A bar whose full length is ``whole``."""
    width = 100 * part / whole if whole else 0
    return f'<span class="bar"><i style="width:{width:.2f}%"></i></span>'


def table(header: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = ()) -> str:
    """Cells are HTML; the columns ``numbers`` are set to the right. It scrolls in its own box."""
    right = set(numbers)

    def line(tag: str, cells: Sequence[str]) -> str:
        kinds = (' class="n"' if place in right else "" for place in range(len(cells)))
        return "".join(f"<{tag}{kind}>{cell}</{tag}>" for kind, cell in zip(kinds, cells, strict=True))

    body = "".join(f"<tr>{line('td', row)}</tr>" for row in rows)
    head = line("th", [escape(cell) for cell in header])
    return f'<div class="box"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def section(identifier: str, title: str, *body: str) -> str:
    """A part of the page; empty where it has nothing to show."""
    inside = "\n".join(part for part in body if part)
    return f'<section id="{identifier}"><h2>{escape(title)}</h2>\n{inside}</section>' if inside else ""


def note(value: str) -> str:
    """A sentence of ours under a heading."""
    return f'<p class="note">{escape(value)}</p>'
