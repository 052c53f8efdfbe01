"""Strings without which a page has no formula, no raised span, no kept line end: looked for together, in one pass.

Nearly every page has none of most, and a pass for each costs as much as parsing the page.
"""

from __future__ import annotations

from functools import cache

import ahocorasick_rs

FORMULAS, LINES, SCRIPTS = "formulas", "lines", "scripts"
#: None of them overlaps one of another kind, which would hide it.
_SIGNS = {
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


def signs_of(body: str) -> frozenset[str]:
    """The kinds of what may be in balanced markup."""
    found = _matcher().find_matches_as_indexes(body.encode("utf-8", "surrogatepass"))
    kinds = list(_SIGNS.values())
    return frozenset([kinds[number] for number, _, _ in found])


@cache
def _matcher() -> ahocorasick_rs.BytesAhoCorasick:
    return ahocorasick_rs.BytesAhoCorasick([sign.encode() for sign in _SIGNS])
