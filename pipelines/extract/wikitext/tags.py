"""HTML tags that MediaWiki lets through, by what they do to the text around them.

Source: MediaWiki ``Sanitizer::getRecognizedTagData``. A tag that is not listed is text, as it is on the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from hanmill.pipelines.extract.formulas.scripts import SUBSCRIPT, SUPERSCRIPT
from hanmill.pipelines.extract.wikitext.words import words

#: Removed, its content stays in the line.
INLINE = "inline"
#: Removed, its content stands on lines of its own.
BLOCK = "block"
#: A line break.
BREAK = "break"
RUBY_TAG = "ruby"
RUBY_TEXT = "rt"
RUBY_PARENTHESIS = "rp"
TABLE_TAG = "table"
CELL = "cell"
ROW = "row"
#: Content left out, up to the closing tag.
HIDDEN = "hidden"
#: Content that is shown but never converted to another variant.
CODE = "code"
CONVERT = "langconvert"

_TAGS: Mapping[str, str] = {
    **dict.fromkeys(
        words(
            """
            abbr b bdi bdo big cite data del dfn em font i ins mark q s small span strike strong time tt u var rb
            rtc noinclude onlyinclude templatestyles section references ref nowiki wbr math chem ce includeonly a
            img translate tvar languages ol ul dl thead tbody tfoot colgroup col meta link phonos indicator source
            syntaxhighlight gallery timeline score imagemap graph mapframe maplink hiero poem pre nobr acronym blink
            """
        ),
        INLINE,
    ),
    **dict.fromkeys(words("blockquote center div p h1 h2 h3 h4 h5 h6 li dt dd hr figure figcaption caption"), BLOCK),
    "sup": SUPERSCRIPT,
    "sub": SUBSCRIPT,
    "ruby": RUBY_TAG,
    "rt": RUBY_TEXT,
    "rp": RUBY_PARENTHESIS,
    "table": TABLE_TAG,
    "td": CELL,
    "th": CELL,
    "tr": ROW,
    "code": CODE,
    "kbd": CODE,
    "samp": CODE,
    "langconvert": CONVERT,
}

_NAME = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)(?=[\s/>])")
# Also as it is mistyped: <br\\>, <br.>, </br>.
_BREAK = re.compile(r"</?br(?![A-Za-z0-9])", re.IGNORECASE)
_INVISIBLE = re.compile(r"style\s*=[^>]*?display\s*:\s*none", re.IGNORECASE)


@lru_cache(maxsize=4096)
def classify(tag: str) -> tuple[str, bool] | None:
    """What a tag does, and whether it closes; None where MediaWiki would show it as text.

    >>> classify("<br />"), classify("</DIV>"), classify("<stdio.h>")
    (('break', False), ('block', True), None)
    """
    if _BREAK.match(tag):
        return BREAK, False
    match = _NAME.match(tag)
    if match is None:
        return None
    action = _TAGS.get(match.group(2).lower())
    if action is None:
        return None
    closing = bool(match.group(1))
    if not closing and action in (INLINE, BLOCK) and _INVISIBLE.search(tag) and not tag.endswith("/>"):
        return HIDDEN, False
    return action, closing


_ATTRIBUTE = r"\s{}\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))"


def name_of(tag: str) -> str:
    """The name of a tag in lower case, empty where it is none."""
    match = _NAME.match(tag)
    return match.group(2).lower() if match else ""


def attribute(tag: str, name: str) -> str:
    """The value of an attribute, empty where it is not given."""
    match = re.search(_ATTRIBUTE.format(re.escape(name)), tag, re.IGNORECASE)
    return next((group for group in match.groups() if group is not None), "") if match else ""
