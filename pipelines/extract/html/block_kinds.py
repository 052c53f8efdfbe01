"""What a block is by itself: running text, verse, a link, a notice, or a fragment.

Shallow text features (Kohlschütter et al., WSDM 2010), scaled to CJK: a character of three UTF-8 bytes weighs as
much as three Latin letters.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from itertools import pairwise

import ahocorasick_rs

from hanmill.pipelines.extract.html.blocks import Block, Outline
from hanmill.pipelines.text.tsv import read_tsv

#: One class of characters in front lets the search run at the speed of a scan; what follows tells which of them count.
_MARKS = re.compile(
    r"[。，、！？；：…．「」『』“”.,;:!?](?:(?<=[。，、！？；：…．「」『』“”])|(?=\s|$)|(?<=[\u3040-\u9fff].)(?=[\u3040-\u9fff]))"
)
#: The end of a sentence or of direct speech; a line of a menu has none, however short a line of dialogue is.
SENTENCE_ENDS = ("。", "！", "？", "…", "」", "』", "”")
#: Date, source and author between headline and text.
_BYLINE = re.compile(
    r"^[^。！？]{0,40}(?:来源|來源|出处|作者|编辑|編輯|记者|記者|发布|發布|发表|發表|时间|時間|日期|浏览|瀏覽|阅读|閱讀|点击|字号|"
    r"投稿者|更新日|公開日|配信)[^。！？]{0,40}$|^[^。！？]{0,40}\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}[^。！？]{0,30}$"
)
#: Between the links of a menu in one line.
_SEPARATORS = re.compile(r"[\s|｜│·・•/／>＞»\-–—\[\]【】]+")
#: Share of link characters above which a block leads elsewhere.
_LINK_SHARE, _SENTENCE_LINK_SHARE = 0.4, 0.7
#: A block of text weighs at least this much (characters of three bytes) and has a mark.
_TEXT_WEIGHT = 8
#: Less is enough for a whole sentence.
_SENTENCE_WEIGHT = 3
#: A block this long is text even without a mark: Thai and old Chinese have none.
LONG_WEIGHT = 40
#: And so is a shorter one of Han or kana alone: captions and diaries set line by line.
_LINE_WEIGHT, _LINE_CJK_SHARE = 12, 0.8
#: So many lines without marks or links in one element are verse, even if each is shorter.
_VERSE_LINES, _VERSE_WEIGHT = 6, 2
#: Longer rows, and rows with a cell of more blocks, are no rows of data but the layout of a page.
_ROW_CHARACTERS, _CELL_BLOCKS = 400, 3
_CELL_TAGS = frozenset({"td", "th", "table"})
#: Longer blocks are no notices, whatever they quote.
_NOTICE_WEIGHT = 300


class Kind(IntEnum):
    """In the order of how much they say that a text is here."""

    LINK = 0
    FRAGMENT = 1
    NOTICE = 2
    VERSE = 3
    TEXT = 4


#: Bound once: looking up a member of an enumeration costs as much as a search in a short line.
LINK, FRAGMENT, NOTICE, VERSE, TEXT = Kind


@dataclass(frozen=True, slots=True)
class Kinds:
    """Columns beside the blocks of a page: what each is, its weight and its share of link characters."""

    kinds: list[Kind]
    weights: list[float]
    shares: list[float]


def classify(page: Outline) -> Kinds:
    """Tells the kind of every block of a page."""
    blocks = page.blocks
    encoded = [block.text.encode("utf-8", "replace") for block in blocks]
    weights = [len(text) / 3 for text in encoded]
    shares = _link_shares(page)
    notices = _notices_of(encoded)
    kinds = [
        LINK if share and _is_link(block, share) else _kind(block.text, weight, notices)
        for block, weight, share in zip(blocks, weights, shares, strict=True)
    ]
    _mark_verse(blocks, kinds, weights)
    return Kinds(kinds, weights, shares)


def is_byline(text: str) -> bool:
    """Whether a line names date, source, author or counters of a text."""
    return _BYLINE.match(text) is not None


@cache
def _notice_matcher() -> ahocorasick_rs.BytesAhoCorasick:
    return ahocorasick_rs.BytesAhoCorasick([notice.encode() for notice in _notices()])


@cache
def _notices() -> tuple[str, ...]:
    return tuple(phrase for (phrase,) in read_tsv("hanmill.pipelines.extract.html", "notices.tsv", 1))


def _notices_of(texts: Sequence[bytes]) -> set[str]:
    """Those of the page: looking for all of them in every block would cost more than all the rest."""
    return {_notices()[number] for number, _, _ in _notice_matcher().find_matches_as_indexes(b"\n".join(texts))}


def _kind(text: str, weight: float, notices: Collection[str]) -> Kind:
    if not _is_text(text, weight):
        return FRAGMENT
    if notices and weight < _NOTICE_WEIGHT and any(notice in text for notice in notices):
        return NOTICE
    return TEXT


def _is_text(text: str, weight: float) -> bool:
    """A run of text as people write it: a sentence, a long line with a mark, or a very long one without."""
    if weight < _TEXT_WEIGHT:
        return weight >= _SENTENCE_WEIGHT and text.endswith(SENTENCE_ENDS)
    if weight >= LONG_WEIGHT or text.endswith(SENTENCE_ENDS):
        return True
    marked = _MARKS.search(text) is not None or (weight >= _LINE_WEIGHT and weight >= _LINE_CJK_SHARE * len(text))
    return marked and not _BYLINE.match(text)


def _is_link(block: Block, share: float) -> bool:
    """Mostly links; a sentence may hold more of them than a line without an end."""
    return share > (_SENTENCE_LINK_SHARE if block.text.endswith((*SENTENCE_ENDS, ".")) else _LINK_SHARE)


def _link_shares(page: Outline) -> list[float]:
    """Share of link characters of each block; the cells of a row of data are measured together.

    A sentence beside links is no link, whatever else stands in its row.
    """
    rows = _row_shares(page)
    shares = []
    for block in page.blocks:
        links = block.link_characters
        if block.row in rows and (links or not block.text.endswith(SENTENCE_ENDS)):
            shares.append(rows[block.row])
        elif not links:
            shares.append(0.0)
        elif links >= len(block.text):
            shares.append(1.0)
        else:
            shares.append(min(1.0, links / max(1, len(_SEPARATORS.sub("", block.text)))))
    return shares


def _row_shares(page: Outline) -> dict[int, float]:
    """Share of link characters of each row of data."""
    links: dict[int, int] = {}
    sizes: dict[int, int] = {}
    layout: set[int] = set()
    inner: dict[tuple[int, int], set[int]] = {}
    container, number = -1, 0
    for block in page.blocks:
        row = block.row
        if not row:
            continue
        number = number + 1 if block.container == container else 1
        container = block.container
        links[row] = links.get(row, 0) + block.link_characters
        sizes[row] = sizes.get(row, 0) + len(block.text)
        if number > _CELL_BLOCKS or sizes[row] > _ROW_CHARACTERS:
            layout.add(row)
        if page.tags[container] not in _CELL_TAGS:
            inside = inner.setdefault((row, page.parents[container]), set())
            inside.add(container)
            if len(inside) > _CELL_BLOCKS:
                layout.add(row)
    return {row: min(1.0, links[row] / sizes[row]) for row in links if row not in layout}


def _mark_verse(blocks: Sequence[Block], kinds: list[Kind], weights: Sequence[float]) -> None:
    """Lines of Han or kana that stand together in an element of their own are verse, lyrics, or a diary."""
    lines: dict[int, list[int]] = {}
    for number, block in enumerate(blocks):
        line = kinds[number] is FRAGMENT and block.tag in ("", "p")
        if line and weights[number] >= max(_VERSE_WEIGHT, _LINE_CJK_SHARE * len(block.text)):
            lines.setdefault(block.container, []).append(number)
    for numbers in lines.values():
        if len(numbers) >= _VERSE_LINES:
            for number in (*numbers, *_readings_between(blocks, kinds, numbers)):
                if not _BYLINE.match(blocks[number].text):
                    kinds[number] = VERSE


def _readings_between(blocks: Sequence[Block], kinds: Sequence[Kind], numbers: Sequence[int]) -> list[int]:
    """Single lines between two lines of verse in the same element, such as its reading in Latin letters."""
    return [
        before + 1
        for before, after in pairwise(numbers)
        if after == before + 2
        and kinds[before + 1] is FRAGMENT
        and blocks[before + 1].container == blocks[before].container
        and not blocks[before + 1].link_characters
    ]
