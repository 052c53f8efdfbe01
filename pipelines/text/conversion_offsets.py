"""Offsets through an OpenCC conversion, which tells only what it made of a text, not from what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

#: Phrases do not reach over these.
_PIECE = re.compile(r"[^\n，。！？；：、「」『』“”（）《》 ]*(?:[\n，。！？；：、「」『』“”（）《》 ]+|$)")
#: Aligning is quadratic at worst; longer pieces that change length are mapped in proportion.
_LONGEST_ALIGNED = 2_000
_LONGEST_SHIFT = 3


def conversion_offsets(text: str, converted: str, convert: Callable[[str], str]) -> NDArray[np.int64]:
    """int64 [len(converted) + 1]: where in ``text`` each converted code point comes from, then ``len(text)``.

    ``converted`` is ``convert(text)``. Most conversions put one character for another. Where a phrase changes its
    length (內存 to 記憶體), the text is cut at punctuation, each piece aligned with its conversion character by
    character, and what differs beyond that is mapped in order, its surplus to its last character.
    """
    alone = {character: convert(character)[:1] or character for character in set(text)}
    pieces = [(match.group(), convert(match.group())) for match in _PIECE.finditer(text) if match.group()]
    if "".join(after for _, after in pieces) != converted:
        pieces = [(text, converted)]
    offsets: list[int] = []
    start = 0
    for before, after in pieces:
        offsets.extend(start + place for place in _piece_offsets(before, after, alone))
        start += len(before)
    offsets.append(len(text))
    return np.array(offsets, dtype=np.int64)


def _piece_offsets(before: str, after: str, converted_alone: Mapping[str, str]) -> Iterator[int]:
    alone = [converted_alone[character] for character in before]
    if len(before) == len(after) and alone == list(after):
        yield from range(len(before))
        return
    if max(len(before), len(after)) > _LONGEST_ALIGNED:
        yield from (index * len(before) // len(after) for index in range(len(after)))
        return
    for start, end, first, last in _blocks(alone, after):
        for index in range(last - first):
            yield max(0, min(start + index, end - 1 if end > start else start - 1))


def _blocks(before: Sequence[str], after: str) -> Iterator[tuple[int, int, int, int]]:
    """Ranges of ``before`` and ``after`` that belong together, in order.

    What goes on one side of a few equal characters and comes on the other is a phrase with other words in another
    order (鼠標 to 滑鼠): one range, character for character.
    """
    codes = SequenceMatcher(None, before, list(after), autojunk=False).get_opcodes()
    index = 0
    while index < len(codes):
        tag, start, end, first, last = codes[index]
        if index + 2 < len(codes) and {tag, codes[index + 2][0]} == {"insert", "delete"}:
            _, _, far_end, _, far_last = codes[index + 2]
            if far_end - start == far_last - first and codes[index + 1][2] - codes[index + 1][1] <= _LONGEST_SHIFT:
                yield start, far_end, first, far_last
                index += 3
                continue
        yield start, end, first, last
        index += 1
