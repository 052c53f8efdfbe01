"""Tables taken out before the page is tokenised, where that is all that is to become of them."""

from __future__ import annotations

import re

_EDGE = re.compile(r"\n[ \t]*(?:[:*#;]*[ \t]*\{\||\|\}(?!\}))")


def without_tables(text: str) -> str:
    """Leaves out every closed table that holds as many opening as closing braces, with the tables inside it.

    Whatever is not plainly a table is left to the scanner.
    """
    if "{|" not in text:
        return text
    out: list[str] = []
    kept_from = depth = start = 0
    for match in _EDGE.finditer(text):
        if match.group()[-1] == "|":
            if depth == 0:
                start = match.start()
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                table = text[start : match.end()]
                if table.count("{{") == table.count("}}"):
                    out.append(text[kept_from:start])
                    kept_from = match.end()
    if not out:
        return text
    out.append(text[kept_from:])
    return "\n\n".join(out)
