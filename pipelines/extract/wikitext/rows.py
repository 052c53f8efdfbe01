"""Starts of lines and pipes: lists, tables and the parts of links and templates."""

from __future__ import annotations

import re

from hanmill.pipelines.extract.wikitext.marks import ITEM
from hanmill.pipelines.extract.wikitext.state import LINK, TABLE, VARIANT, WALLS, Frame, State
from hanmill.pipelines.extract.wikitext.tags import name_of
from hanmill.pipelines.extract.wikitext.words import words

# A colon that does not belong to an address.
_COLON = re.compile(r":(?!//)")
# A line of a template that is closed too early or never opened.
_ARGUMENT = re.compile(r"[^=|\[\]{}<>\n]{1,40}=")
_VOID = frozenset(words("br hr wbr img section"))
_DEPTHS = {"[[": 1, "]]": -1, "{{": 1, "}}": -1, "-{": 1, "}-": -1}


def line_start(state: State, index: int, symbol: str) -> int:
    """A list item, a table or a line of one; returns the index of the symbol to go on after."""
    out = state.out
    mark = symbol.lstrip("\n \t")
    if mark[0] in "*#:;":
        out.append(f"\n{ITEM}")
        if mark.rstrip()[-1] == ";":
            _part_definition(state, index)
        if mark[-1] != "|":
            return index
        mark = "{|"
    if mark == "{|":
        close = state.closes.get(index)
        out.append("\n\n")
        if not state.page.tables:
            return index if close is None else close
        state.open(TABLE)
        _start_row(state, index)
    elif mark == "|}":
        if state.pop_to(TABLE, WALLS - {TABLE}) is not None:
            out.append("\n\n")
    elif (table := state.nearest(WALLS | {LINK})) is None or table.kind != TABLE:
        out.append(symbol[: len(symbol) - len(mark)])
        if table is None and (mark in ("|-", "|+") or (mark == "|" and _ARGUMENT.match(state.pieces[index + 1]))):
            _start_row(state, index)
        else:
            bar(state, mark)
    elif mark == "|-":
        _start_row(state, index)
    elif mark == "|+":
        out.append(f"\n\n{ITEM}")
        _start_cell(state, table)
        table.tag = mark
    else:
        out.append(f"\n\n{ITEM}" if table.tag else "\t")
        _start_cell(state, table)
        table.tag = ""
    return index


def _part_definition(state: State, index: int) -> None:
    """``; term : definition`` is two lines: parts the text at the first colon outside links, templates and elements."""
    pieces, depth = state.pieces, 0
    for piece in range(index + 1, len(pieces), 2):
        line, newline, _ = pieces[piece].partition("\n")
        if depth == 0 and (colon := _COLON.search(line)):
            place = colon.start()
            pieces[piece] = f"{pieces[piece][:place]}\n{ITEM}{pieces[piece][place + 1 :]}"
            return
        if newline or piece + 1 >= len(pieces) or pieces[piece + 1][0] == "\n":
            return
        depth += _nesting(pieces[piece + 1])


def _nesting(symbol: str) -> int:
    """1 for a symbol that opens a link, a template or an element, -1 for one that closes it, else 0."""
    if symbol[0] != "<":
        return _DEPTHS.get(symbol, 0)
    if symbol[-2] == "/" or name_of(symbol) in _VOID:
        return 0
    return -1 if symbol[1] == "/" else 1


def _start_row(state: State, index: int) -> None:
    """A row, or what is left of one outside tables and templates; the rest of its line is attributes."""
    state.out.append(f"\n\n{ITEM}")
    rest = state.pieces[index + 1]
    end = rest.find("\n")
    state.pieces[index + 1] = "" if end < 0 else rest[end:]


def _start_cell(state: State, table: Frame) -> None:
    table.parts[:] = [len(state.out)]


def bar(state: State, symbol: str) -> None:
    """A pipe: parts arguments of a template, target and label of a link, cells and their attributes."""
    out = state.out
    frame = state.nearest(WALLS | {LINK})
    if frame is None or frame.kind == VARIANT:
        out.append(symbol)
    elif frame.kind == TABLE:
        if len(symbol) == 2:
            out.append("\t")
            _start_cell(state, frame)
        elif symbol == "|" and frame.parts:
            del out[frame.parts.pop() :]
        else:
            out.append(symbol)
    elif symbol[0] == "!":
        out.append(symbol)
    else:
        while state.stack[-1] is not frame:
            state.stack.pop()
        for character in symbol:
            if character == "|":
                frame.parts.append(len(out))
            out.append(character)
