"""Which brace closes which, found in one pass over the tokens before the scan."""

from __future__ import annotations


def matching(pieces: list[str]) -> dict[int, int]:
    """Index of the closing symbol of every opening ``{{``, ``{{{``, ``{|`` and ``<table>`` that is closed.

    ``pieces`` alternate between text (even) and tokens (odd). A table that its template closes over, or that nothing
    closes, ends before the template's end, at the next heading or at the next blank line; the text it swallows
    there is taken out of ``pieces``.
    """
    closes: dict[int, int] = {}
    stack: list[tuple[str, int]] = []
    for index, symbol in zip(range(1, len(pieces), 2), pieces[1::2], strict=True):
        first = symbol[0]
        if first == "[":
            continue
        if first == "{":
            if symbol[-1] == "{":
                stack.append(("{{", index))
        elif first == "}":
            if symbol == "}}":
                _close_braces(stack, index, closes, pieces)
        elif first == "\n":
            last = symbol[-1]
            if last == "|" and symbol.endswith("{|"):
                stack.append(("{|", index))
            elif last == "}" and stack and stack[-1][0] == "{|":
                closes[stack.pop()[1]] = index
        elif first == "<":
            tag = symbol[:7].lower()
            if tag.startswith("<table") and symbol[-2] != "/":
                stack.append(("<table", index))
            elif tag == "</table" and stack and stack[-1][0] == "<table":
                closes[stack.pop()[1]] = index
    if any(kind != "{{" for kind, _ in stack):
        _close_tables(stack, closes, pieces)
    return closes


def _close_braces(stack: list[tuple[str, int]], index: int, closes: dict[int, int], pieces: list[str]) -> None:
    """Closes the innermost braces, and every table left open inside them just before."""
    depth = len(stack) - 1
    while depth >= 0 and stack[depth][0] != "{{":
        depth -= 1
    if depth < 0:
        return
    for _, table in stack[depth + 1 :]:
        closes[table] = max(index - 2, table)
        pieces[index - 1] = ""
    closes[stack[depth][1]] = index
    del stack[depth:]


def _close_tables(stack: list[tuple[str, int]], closes: dict[int, int], pieces: list[str]) -> None:
    """Ends tables that nothing closes; from the last to the first, so that each piece is looked at once."""
    end, stop = len(pieces) - 1, len(pieces) - 1
    keep_from = len(pieces[-1])
    for kind, opening in reversed(stack):
        for piece in range(end, opening, -2):
            place = _end_of_table(pieces[piece])
            if place is not None:
                stop, keep_from = piece, place
        end = opening - 1
        if kind != "{{":
            closes[opening] = stop - 1
            pieces[stop] = pieces[stop][keep_from:]
            keep_from = 0


def _end_of_table(text: str) -> int | None:
    """Where a heading or, after a blank line, more text starts."""
    heading, blank = text.find("\n="), text.find("\n\n")
    if blank >= 0 and not text[blank:].strip():
        blank = -1
    return min((place for place in (heading, blank) if place >= 0), default=None)
