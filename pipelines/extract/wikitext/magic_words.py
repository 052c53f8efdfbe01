"""Variables and functions of MediaWiki that stand for text: ``{{PAGENAME}}``, ``{{lc:…}}``, ``{{formatnum:…}}``."""

from __future__ import annotations

import re
from collections.abc import Callable

from hanmill.pipelines.extract.wikitext.numbers import formatted
from hanmill.pipelines.text.tsv import read_tsv


def listed_words(kind: str) -> tuple[str, ...]:
    """The words of ``data/magic_words.tsv`` of one kind (``redirect``, ``switch``), in the file's order."""
    rows = read_tsv("hanmill.pipelines.extract.wikitext", "magic_words.tsv", 2)
    return tuple(word for of, listed in rows if of == kind for word in listed.split())


#: ``__NOTOC__`` and its kind, in any language: switches, never text. In Latin letters only those of MediaWiki's
#: message files: ``__init__`` and ``__FILE__`` are text.
SWITCH = re.compile(rf"__(?:{'|'.join(listed_words('switch'))}|[^\W_\u0000-\u024f][^\W_]+)__", re.IGNORECASE)

_VARIABLES: dict[str, Callable[[str], str]] = {
    "pagename": lambda title: title,
    "pagenamee": lambda title: title.replace(" ", "_"),
    "fullpagename": lambda title: title,
    "subpagename": lambda title: title.rpartition("/")[2],
    "basepagename": lambda title: title.rpartition("/")[0] or title,
    "rootpagename": lambda title: title.partition("/")[0],
    "articlepagename": lambda title: title,
    "subjectpagename": lambda title: title,
    "ページ名": lambda title: title,
    "頁名": lambda title: title,
    "页名": lambda title: title,
}

_FUNCTIONS: dict[str, Callable[[str], str]] = {
    "lc": str.lower,
    "uc": str.upper,
    "lcfirst": lambda text: text[:1].lower() + text[1:],
    "ucfirst": lambda text: text[:1].upper() + text[1:],
    "anchorencode": lambda text: text,
    "noexternallanglinks": lambda text: "",
}
#: Functions that read what stands behind the pipes too.
_OF_OPTIONS: dict[str, Callable[[str, tuple[str, ...]], str]] = {
    "padleft": lambda text, options: _padding(text, options) + text,
    "padright": lambda text, options: text + _padding(text, options),
    "plural": lambda number, options: (options[0] if number == "1" else options[-1]).strip() if options else "",
}
#: ``{{formatnum:}}`` and its names in other languages.
_NUMBERS = frozenset({"formatnum", "数整形", "数字格式化", "數字格式化"})


def _padding(text: str, options: tuple[str, ...]) -> str:
    """What ``{{padleft:7|3|0}}`` puts before its text: nothing for a width that is no number or too large."""
    width, filling = (*(option.strip() for option in options), "0", "0")[:2]
    missing = int(width) - len(text) if width.isdecimal() and len(width) < 4 else 0
    return ((filling or "0") * missing)[: max(0, missing)]


def is_magic_word(name: str) -> bool:
    """Whether ``{{name…}}`` is a variable or a function known here. ``name`` is in lower case."""
    return name in _VARIABLES or (":" in name and name.partition(":")[0] in (*_FUNCTIONS, *_OF_OPTIONS, *_NUMBERS))


def expand(text: str, title: str, language: str = "en", options: tuple[str, ...] = ()) -> str | None:
    """What ``{{text|options}}`` shows in a wiki of ``language``; None where it is no magic word known here.

    >>> expand("PAGENAME", "猫"), expand("lc:ABC", "猫"), expand("Infobox", "猫"), expand("formatnum:1234567", "猫")
    ('猫', 'abc', None, '1,234,567')
    """
    name = text.strip()
    variable = _VARIABLES.get(name.lower())
    if variable is not None:
        return variable(title)
    head, colon, rest = name.partition(":")
    if colon and head.strip().lower() in _NUMBERS:
        return formatted(rest.strip(), options, language)
    if colon and (of_options := _OF_OPTIONS.get(head.strip().lower())):
        return of_options(rest.strip(), options)
    function = _FUNCTIONS.get(head.strip().lower()) if colon else None
    return function(rest.strip()) if function else None
