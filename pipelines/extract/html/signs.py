"""Strings without which markup has no script, formula, raised span or kept line end: looked for in one pass.

Nearly every page has none of most, and a pass for each costs as much as parsing the page.
"""

from __future__ import annotations

from functools import cache

import ahocorasick_rs

RAW_TEXT, FORMULAS, LINES, SCRIPTS = "raw_text", "formulas", "lines", "scripts"
#: None of them overlaps one of another kind, which would hide it.
_SIGNS = {
    **dict.fromkeys(
        ("<!--", "<script", "<style", "<noscript", "<iframe", "<xmp", "<noembed", "<noframes"),
        RAW_TEXT,
    ),
    "math": FORMULAS,
    "athJax": FORMULAS,
    "katex": FORMULAS,
    "latex": FORMULAS,
    "tex=": FORMULAS,
    'tex"': FORMULAS,
    "white-space": LINES,
    "bbs-content": LINES,
    "</sup>": SCRIPTS,
    "</sub>": SCRIPTS,
    "vertical-align": SCRIPTS,
    'script"': SCRIPTS,
}
_KINDS = tuple(_SIGNS.values())


def signs_of(body: str) -> frozenset[str]:
    """The kinds of what may be in balanced markup."""
    found = _matcher().find_matches_as_indexes(body.encode("utf-8", "surrogatepass"))
    return frozenset([_KINDS[number] for number, _, _ in found])


@cache
def _matcher() -> ahocorasick_rs.BytesAhoCorasick:
    return ahocorasick_rs.BytesAhoCorasick([sign.encode() for sign in _SIGNS])
