"""What goes from the content of a page although it stands inside it: bylines, buttons, closing lines, teasers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from hanmill.pipelines.extract.html.block_kinds import (
    FRAGMENT,
    LINK,
    LONG_WEIGHT,
    NOTICE,
    SENTENCE_ENDS,
    VERSE,
    Kinds,
    is_byline,
)
from hanmill.pipelines.extract.html.blocks import Block, Outline
from hanmill.pipelines.extract.html.page_lines import FURNITURE_CHARACTERS, RELATED, heading_kind, is_closing_line
from hanmill.pipelines.extract.html.rows import data_rows

#: Blocks that belong to a text although they end or begin without a mark.
_KEPT_AROUND = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "pre", "li", "dt", "dd", "p", "caption"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LIST_TAGS = frozenset({"ul", "ol", "dl", "blockquote"})
#: Short lines in a box of their own, without a sentence in it, are the controls of a player, a form or a profile.
_BOX_TAGS = frozenset({"div", "section", "form", "fieldset", "header", "footer", "aside"})
#: Inside the content, short lines of links go and longer ones only where they are nothing else.
_LINK_SHARE, _PURE_LINK_SHARE = 0.6, 0.9
#: Headline and bylines come within this many blocks of text.
_OPENING_BLOCKS = 4
#: A known heading of other pages ends the text where at least this much of it stands before.
_BODY_SHARE = 0.4
_LOCATION = re.compile(r"[您你]?(?:现在|現在|当前|當前|目前)?(?:所在)?的?(?:位置|位置是)[:：]")
_BREADCRUMB_SIGN = re.compile("[>»›＞→]")
_BREADCRUMB_SIGNS = re.compile(rf"\s*{_BREADCRUMB_SIGN.pattern}+\s*")
#: Lines of Han or kana weigh this much by character; buttons and counters less.
_CJK_SHARE = 0.8
#: Headlines of other pages have no full stop.
_LINKED_SENTENCE_WEIGHT = 20
_HEADING_CHARACTERS = 20
_BREADCRUMB_LEVELS = 2


def trimmed(page: Outline, columns: Kinds, numbers: Sequence[int]) -> list[int]:
    """Of the blocks of the content, those that are the text. ``numbers`` are places in the outline, in order."""
    blocks, kinds = page.blocks, columns.kinds
    rows = {row for row, cells in data_rows(blocks).items() if cells > 1}
    numbers = _without_tail(blocks, columns, numbers, rows)
    numbers = [number for number in numbers if _is_content(blocks[number], columns, number)]
    texts = [number for number in numbers if kinds[number] >= VERSE]
    if not texts:
        return numbers
    first, last = texts[0], texts[-1]
    # Headline and byline stand before the first whole sentence.
    opening = next((number for number in texts[:_OPENING_BLOCKS] if blocks[number].text.endswith(SENTENCE_ENDS)), first)
    holders = _holders(page, texts)
    #: Lines of a layout by <br>: headings and signatures stand in one element with the text.
    beside = {blocks[first].container, blocks[last].container}
    sizes = Counter(blocks[number].container for number in numbers)

    def belongs(number: int) -> bool:
        block = blocks[number]
        if number < opening and is_byline(block.text):
            return False
        if first <= number <= last:
            return kinds[number] is not FRAGMENT or sizes[block.container] == 1 or not _is_in_box(page, block, holders)
        if block.row in rows or (number < first and block.text in page.title):
            return True
        if block.tag in _KEPT_AROUND and kinds[number] is not NOTICE:
            return number < first or block.tag == "pre" or _holder(page, block) in holders
        return kinds[number] is not NOTICE and block.container in beside and _is_line(block, columns, number)

    return [number for number in numbers if belongs(number)]


def _is_line(block: Block, columns: Kinds, number: int) -> bool:
    return columns.shares[number] == 0 and columns.weights[number] >= _CJK_SHARE * len(block.text)


def _is_content(block: Block, columns: Kinds, number: int) -> bool:
    share = columns.shares[number]
    least = _LINKED_SENTENCE_WEIGHT if block.text.endswith("。") else LONG_WEIGHT
    if block.tag == "p" and columns.weights[number] >= least and block.text.endswith(SENTENCE_ENDS):
        # A paragraph of the text, whatever of it is a link.
        return True
    if share > _LINK_SHARE and (columns.weights[number] < LONG_WEIGHT or share > _PURE_LINK_SHARE):
        return False
    if len(block.text) > FURNITURE_CHARACTERS:
        return True
    text = block.text
    if is_closing_line(text) or ("位置" in text and _LOCATION.match(text)):
        return False
    return not _is_breadcrumb(text)


def _is_breadcrumb(text: str) -> bool:
    """Whether a line is a path of pages, such as 首页 > 新闻 > 正文."""
    if not _BREADCRUMB_SIGN.search(text) or "。" in text:
        return False
    names = _BREADCRUMB_SIGNS.split(text)
    return len(names) > _BREADCRUMB_LEVELS and all(0 < len(name) <= _HEADING_CHARACTERS for name in names)


def _without_tail(blocks: Sequence[Block], columns: Kinds, numbers: Sequence[int], rows: set[int]) -> Sequence[int]:
    """Without what a heading such as 相关阅读 opens behind the text: teasers are text too, but of other pages."""
    length = sum(len(blocks[number].text) for number in numbers)
    before = 0
    for place, number in enumerate(numbers):
        block = blocks[number]
        is_short = len(block.text) <= _HEADING_CHARACTERS and block.row not in rows
        is_button = columns.kinds[number] is LINK and block.tag not in _HEADINGS
        if is_short and not is_button and before >= _BODY_SHARE * length and heading_kind(block.text) == RELATED:
            return numbers[:place]
        before += len(block.text)
    return numbers


def _holders(page: Outline, texts: Sequence[int]) -> set[int]:
    """The containers of the text and all containers around them."""
    holders = {-1}
    for number in texts:
        place = page.blocks[number].container
        while place not in holders:
            holders.add(place)
            place = page.parents[place]
    return holders


def _is_in_box(page: Outline, block: Block, holders: set[int]) -> bool:
    place = block.container
    return (
        block.tag == ""
        and place not in holders
        and page.tags[place] in _BOX_TAGS
        and page.tags[page.parents[place]] not in _LIST_TAGS
    )


def _holder(page: Outline, block: Block) -> int:
    """The container of a block, or of the list it belongs to."""
    place = block.container
    while page.tags[place] in _LIST_TAGS:
        place = page.parents[place]
    return place
