"""HTML elements on the stack: ruby, super- and subscript, hidden text, code, tables."""

from __future__ import annotations

import re
from html import unescape

from hanmill.pipelines.extract.formulas.scripts import SUBSCRIPT, SUPERSCRIPT, raised
from hanmill.pipelines.extract.wikitext import tags
from hanmill.pipelines.extract.wikitext.conversion import translation
from hanmill.pipelines.extract.wikitext.marks import CONTROLS, DROPPED, ITEM, RAW, RAW_END
from hanmill.pipelines.extract.wikitext.state import TAG_WALLS, State
from hanmill.pipelines.extract.wikitext.template_text import reading_mark
from hanmill.pipelines.extract.wikitext.variants import canonical_variant
from hanmill.pipelines.text.phrase_conversion import CutWords

# A list item after <br> is none, but was meant as one; *p of linguists is a word.
_LIST_MARKS = frozenset("*#:;")
_MISPLACED = re.compile(r"[*#:;]+ *(?=[^\x00-\u2e7f]|\d)")
# Raised, these refer to a note, as <ref> does.
_NOTE_MARKS = "*＊†‡※ "
_NOTE = re.compile(r"\s*(?:[\[［][^\[\]［］]{1,40}[\]］]\s*)+")
_MARKS = re.compile(f"[{CONTROLS}]")


def tag(state: State, index: int, symbol: str) -> int:
    """An HTML tag; returns the index of the symbol to go on after."""
    found = tags.classify(symbol)
    out = state.out
    if found is None:
        out.append(symbol)
        return index
    action, closing = found
    if action == tags.INLINE:
        if closing:
            _close_hidden(state, symbol)
    elif action == tags.BREAK:
        out.append("\n\n")
        following = state.pieces[index + 1]
        if following[:1] in _LIST_MARKS:
            state.pieces[index + 1] = _MISPLACED.sub("", following, count=1)
    elif action == tags.BLOCK:
        if closing:
            _close_hidden(state, symbol)
        out.append("\n\n")
    elif action == tags.TABLE_TAG:
        close = state.closes.get(index)
        out.append("\n\n")
        if not state.page.tables and close is not None:
            return close
    elif action == tags.ROW:
        out.append("" if closing else f"\n\n{ITEM}")
    elif action == tags.CELL:
        out.append("" if closing else "\t")
    elif symbol[-2] == "/":
        pass
    elif not closing:
        if action == tags.RUBY_TEXT:
            _close_ruby_text(state)
        if (frame := state.open(action)) is not None:
            frame.tag = symbol
    else:
        _close_tag(state, action)
    return index


def _close_hidden(state: State, symbol: str) -> None:
    frame = next((frame for frame in reversed(state.stack) if frame.kind == tags.HIDDEN), None)
    if frame is not None and tags.name_of(frame.tag) == tags.name_of(symbol):
        popped = state.pop_to(tags.HIDDEN, TAG_WALLS)
        if popped is not None:
            del state.out[popped.start :]
            state.page.link_characters = popped.links


def _close_tag(state: State, action: str) -> None:
    if action == tags.RUBY_TEXT:
        _close_ruby_text(state)
        return
    if action == tags.RUBY_TAG:
        _close_ruby_text(state)
    frame = state.pop_to(action, TAG_WALLS)
    if frame is None or action == tags.RUBY_TAG:
        return
    text = state.take(frame.start)
    if action == tags.RUBY_PARENTHESIS:
        state.page.link_characters = frame.links
    elif action in (SUPERSCRIPT, SUBSCRIPT):
        state.out.append(_script(text, action, next((piece for piece in reversed(state.out) if piece), "")))
    elif action == tags.CODE:
        untouched = state.page.converting and RAW not in text and DROPPED not in text
        state.out.append(f"{RAW}{text}{RAW_END}" if untouched else text)
    else:
        state.out.append(_converted(text, frame.tag, state.page.cut))


def _script(text: str, action: str, before: str) -> str:
    """Text in ``<sup>`` or ``<sub>``, without its italics, references resolved."""
    if action == SUPERSCRIPT and text and (not text.strip(_NOTE_MARKS) or _NOTE.fullmatch(text)):
        return DROPPED
    text = text.replace("'''", "").replace("''", "")
    if _MARKS.search(text):
        return text
    return raised(unescape(text) if "&" in text else text, action, before.rstrip("'"))


def _close_ruby_text(state: State) -> None:
    """``<rt>`` ends: what stands before it in its ``<ruby>`` is the surface."""
    frame = state.pop_to(tags.RUBY_TEXT, TAG_WALLS | {tags.RUBY_TAG})
    if frame is None:
        return
    reading = state.take(frame.start)
    ruby = state.stack[-1] if state.stack else None
    if ruby is None or ruby.kind != tags.RUBY_TAG:
        state.out.append(reading)
        return
    surface = state.take(ruby.parts[-1] if ruby.parts else ruby.start)
    state.out.append(reading_mark(surface, reading))
    ruby.parts = [len(state.out)]


def _converted(text: str, tag: str, cut: CutWords | None) -> str:
    """``<langconvert from="zh-hans" to="zh-hant">``."""
    target = tags.attribute(tag, "to")
    translate = translation(canonical_variant(target), cut) if target else None
    return translate(text) if translate else text
