"""Which blocks of a page are its content: text and link density by block, added up over the tree.

The content is the container in which text outweighs links by most; inside it, sub-trees and blocks that are mostly
links or carry the names of page furniture are left out.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from hanmill.pipelines.extract.html.block_kinds import LINK, LONG_WEIGHT, NOTICE, TEXT, VERSE, Kinds, classify
from hanmill.pipelines.extract.html.blocks import Block, Outline
from hanmill.pipelines.extract.html.element_names import ASIDE, CONTENT, CONTENTS_TABLE, FURNITURE
from hanmill.pipelines.extract.html.regions import regions_of
from hanmill.pipelines.extract.html.rows import data_rows
from hanmill.pipelines.extract.html.trimming import trimmed

#: Whether a recipe wants what readers wrote.
CommentsForm = Literal["drop", "keep"]
_FURNITURE_TAGS = frozenset({"footer", "aside", "header"})
_CONTENT_TAGS = frozenset({"article", "main"})
#: Share of links above which a container is no content; tables of data link their first column.
_CONTAINER_LINK_SHARE, _TABLE_LINK_SHARE = 0.5, 0.8
#: A container with this much of the text is content however many links stand in it.
_TEXT_SHARE = 0.2
_TABLE_TAGS, _CELL_TAGS = frozenset({"table", "td", "th"}), frozenset({"td", "th"})
#: An element named as page furniture is content after all when it holds this much of the text.
_FURNITURE_SHARE = 0.4
#: Notes beside a text hardly lead elsewhere.
_NOTE_LINK_SHARE = 0.15
#: What a character of a link costs against a character of text.
_LINK_COST = 4.0
#: What a short line without a mark costs, as part of a link; and text in an element named as page furniture.
_FRAGMENT_COST, _FURNITURE_COST = 0.1, 0.5
#: What a character of a notice costs, and one of verse is worth.
_NOTICE_COST, _VERSE_WORTH = 0.1, 0.5
#: What it is worth to be within an element named as page furniture, and to be named as content.
_FURNITURE_FACTOR, _NAMED_FACTOR = 0.7, 1.1
#: Nothing with so much text is a list of links.
_MUCH_TEXT = 400.0
#: Posts of a thread and sections of an article are alike; together the others hold at least this share of the best.
_SIBLING_SHARE, _PURE_SIBLING_SHARE, _SIBLING_LEVELS = 0.5, 0.15, 4
_REPEATED_TAGS = frozenset({"article", "section", "table"})
#: Elements that stand beside a text without a mark and cost it nothing.
_UNCOUNTED_TAGS = frozenset({"pre", "h1", "h2", "h3", "h4", "h5", "h6"})


def main_blocks(page: Outline, comments: CommentsForm = "drop") -> list[Block]:
    """The blocks of the main content, in order; every non-link block where nothing stands out.

    What readers wrote under it is no content; with ``keep`` it follows in its place.
    """
    columns = classify(page)
    regions = regions_of(page, columns)
    apart = regions.comments | regions.related
    if not apart:
        return [page.blocks[number] for number in _content(page, columns)]
    if regions.related and _holds_the_text(columns, regions.related, apart):
        # No page is nothing but links to others, whatever their heading says.
        apart = regions.comments - regions.related
        if not apart:
            return [page.blocks[number] for number in _content(page, columns)]
    rest = [number for number in range(len(page.blocks)) if number not in apart]
    article = [rest[number] for number in _content(*_only(page, columns, rest))]
    if comments == "keep":
        article = sorted({*article, *(number for number in regions.comments if columns.kinds[number] is not LINK)})
    return [page.blocks[number] for number in article]


def _holds_the_text(columns: Kinds, part: Container[int], apart: Container[int]) -> bool:
    """Whether a part of a page has much text and what stands apart from it and the like hardly any."""
    inside = rest = 0.0
    for number, (kind, weight) in enumerate(zip(columns.kinds, columns.weights, strict=True)):
        if kind is TEXT:
            if number in part:
                inside += weight
            elif number not in apart:
                rest += weight
    return inside >= _MUCH_TEXT and rest < LONG_WEIGHT


def _only(page: Outline, columns: Kinds, numbers: Sequence[int]) -> tuple[Outline, Kinds]:
    """The page with these of its blocks, and their columns."""
    kinds, weights, shares = columns.kinds, columns.weights, columns.shares
    chosen = Kinds([kinds[one] for one in numbers], [weights[one] for one in numbers], [shares[one] for one in numbers])
    return replace(page, blocks=[page.blocks[one] for one in numbers]), chosen


def _content(page: Outline, columns: Kinds) -> list[int]:
    """Numbers of the blocks of the content."""
    measures = _measure(page, columns)
    if not any(measures.text):
        return [number for number, kind in enumerate(columns.kinds) if kind is not LINK]
    inside = _inside(page, measures)
    kept = [number for number, block in enumerate(page.blocks) if inside[block.container]]
    content = trimmed(page, columns, kept)
    if not any(columns.kinds[number] >= VERSE for number in content):
        # A page with text is never empty, however much of it are links.
        content = [number for number, kind in enumerate(columns.kinds) if kind >= VERSE]
    return content


@dataclass(frozen=True, slots=True)
class _Measures:
    """Columns beside those of the outline, each with what is below a container added up: weight of text, of what
    speaks against it, of links and of everything, and whether the container is furniture of the page.
    """

    text: list[float]
    junk: list[float]
    links: list[float]
    size: list[float]
    furniture: list[bool]


def _measure(page: Outline, columns: Kinds) -> _Measures:
    count = len(page.parents)
    text, junk, links, size = [0.0] * count, [0.0] * count, [0.0] * count, [0.0] * count
    contents = _tables_of_contents(page)
    for block, kind, weight, share in zip(page.blocks, columns.kinds, columns.weights, columns.shares, strict=True):
        place = block.container
        size[place] += weight
        links[place] += weight * share
        if kind is TEXT:
            text[place] += weight * (1 - share)
        elif kind is LINK:
            if place not in contents:
                junk[place] += weight * share
        elif kind is VERSE:
            text[place] += weight * _VERSE_WORTH
        elif kind is NOTICE:
            junk[place] += weight * _NOTICE_COST
        elif block.tag not in _UNCOUNTED_TAGS:
            junk[place] += weight * _FRAGMENT_COST
    limit = _FURNITURE_SHARE * sum(text)
    furniture = [False] * count
    for place in range(count - 1, 0, -1):
        parent = page.parents[place]
        if text[place] < limit and (page.signs[place] & FURNITURE or page.tags[place] in _FURNITURE_TAGS):
            furniture[place] = True
            # A box of text alone, such as a note in a book, costs nothing: furniture of a site leads elsewhere.
            junk[parent] += junk[place] + (text[place] * _FURNITURE_COST if links[place] or junk[place] else 0.0)
        else:
            text[parent] += text[place]
            junk[parent] += junk[place]
        links[parent] += links[place]
        size[parent] += size[place]
    return _Measures(text, junk, links, size, furniture)


def _tables_of_contents(page: Outline) -> set[int]:
    """The elements that are named as a table of contents, and those in them."""
    found = {place for place, signs in enumerate(page.signs) if signs & CONTENTS_TABLE}
    if found:
        for place in range(min(found), len(page.parents)):
            if page.parents[place] in found:
                found.add(place)
    return found


def _inside(page: Outline, measures: _Measures) -> list[bool]:
    """Which containers are the content: the best one, and below it what is neither links nor furniture."""
    text, links, size, furniture = measures.text, measures.links, measures.size, measures.furniture
    count = len(page.parents)
    under_furniture = furniture.copy()
    scores = [0.0] * count
    for place in range(count):
        if place and under_furniture[page.parents[place]]:
            under_furniture[place] = True
        if text[place]:
            scores[place] = _score(text[place], measures.junk[place])
            if under_furniture[place]:
                scores[place] *= _FURNITURE_FACTOR
            elif page.signs[place] & CONTENT or page.tags[place] in _CONTENT_TAGS:
                scores[place] *= _NAMED_FACTOR
    # Of containers with one and the same content, the innermost.
    best = max(range(count - 1, -1, -1), key=scores.__getitem__)
    best = _with_siblings(page, measures, best)
    if page.tags[best] in _CELL_TAGS and _is_data(page, best):
        best = page.parents[best]
    inside = [False] * count
    inside[best] = True
    for place in range(best + 1, count):
        if inside[page.parents[place]] and (
            not furniture[place] or text[place] >= _FURNITURE_SHARE * text[best] or _is_note(page, place, measures)
        ):
            allowed = _TABLE_LINK_SHARE if page.tags[place] in _TABLE_TAGS else _CONTAINER_LINK_SHARE
            inside[place] = links[place] <= allowed * size[place] or text[place] >= _TEXT_SHARE * text[best]
    return inside


def _is_data(page: Outline, cell: int) -> bool:
    """Whether a cell stands in a row of data, whose other cells belong to it."""
    row = next((block.row for block in page.blocks if block.container == cell), 0)
    return data_rows([block for block in page.blocks if block.row == row]).get(row, 0) > 1


def _with_siblings(page: Outline, measures: _Measures, best: int) -> int:
    """The element around all posts, answers or sections, where the best one is only the longest of several."""
    place = best
    below = ""
    for _ in range(_SIBLING_LEVELS):
        parent = page.parents[place]
        if parent <= 0:
            break
        tag, names = page.tags[place], page.names[place]
        # Paragraphs in elements without a name hold text alone; cells without a name are alike where their content is.
        is_plain = not names and measures.text[place] == measures.size[place]
        is_cell = not names and tag in _TABLE_TAGS and below != ""
        if names or tag in _REPEATED_TAGS or is_plain or is_cell:
            alike = {page.parents[other] for other, name in enumerate(page.names) if name == below} if is_cell else ()
            siblings = [
                other
                for other in range(parent + 1, len(page.parents))
                if other != place
                and page.parents[other] == parent
                and page.tags[other] == tag
                and page.names[other] == names
                and measures.text[other]
                and not measures.furniture[other]
                and measures.links[other] <= _CONTAINER_LINK_SHARE * measures.size[other]
                and (not is_plain or measures.text[other] == measures.size[other])
                and (not is_cell or other in alike)
            ]
            # Short sections beside a long one are text of the same page where nothing else is in any of them.
            is_pure = all(measures.text[other] == measures.size[other] for other in (place, *siblings))
            share = _PURE_SIBLING_SHARE if is_pure else _SIBLING_SHARE
            if sum(measures.text[other] for other in siblings) >= share * measures.text[best]:
                return parent
        below = names
        place = parent
    return best


def _score(text: float, junk: float) -> float:
    """How much text, times how much of the container it is: links beside an article cost a part of its score, and
    never make a footer look better.
    """
    return text * text / (text + _LINK_COST * junk)


def _is_note(page: Outline, place: int, measures: _Measures) -> bool:
    """Whether an aside within the content is text nearly without links, as notes of a book are."""
    if page.tags[place] != "aside" and not page.signs[place] & ASIDE:
        return False
    return measures.text[place] >= LONG_WEIGHT and measures.links[place] <= _NOTE_LINK_SHARE * measures.size[place]
