"""Parts of a page that speak of other pages or are written by its readers: links under 関連記事, comments.

Told by the names of elements and by headings; what stands under a heading must also look like links or like comments.
A page whose posts are its content, such as a forum, keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hanmill.pipelines.extract.html.block_kinds import FRAGMENT, LINK, LONG_WEIGHT, NOTICE, TEXT, Kinds
from hanmill.pipelines.extract.html.blocks import Outline
from hanmill.pipelines.extract.html.element_names import COMMENTS as COMMENTS_NAME
from hanmill.pipelines.extract.html.element_names import FORUM, MAYBE_COMMENTS
from hanmill.pipelines.extract.html.page_lines import (
    COMMENTS,
    HEADING_CHARACTERS,
    LONGEST_HEADING,
    RELATED,
    SEE_ALSO,
    heading_kind,
    may_be_counted,
)

#: Pages whose posts are their content say so in their title, or in the names of their elements.
_FORUM_TITLE = re.compile(
    r"(?:论坛|論壇|掲示板|フォーラム|\bforums?|\bBBS)\s*(?:$|[-_|–—・·(（\[【])|贴吧|貼吧|知恵袋|教えて(?:!|！)?\s?goo|教えてください|"
    r"質問(?:です|があります|・?相談|[】\]:：])|问答|問答|提问[】\]:：]|提問[】\]:：]|\bQ\s?&\s?A\b|スレ(?:ッド)?(?:$|[\s\d]|Part)|"
    r"\bthread\b|게시판|질문",
    re.IGNORECASE,
)
#: What stands around the text of a comment: names of those without one, buttons, dates and floors.
_COMMENT_LINE = re.compile(
    r"回复|回覆|回應|举报|檢舉|支持|反对|反對|顶\b|踩|点赞|沙发|楼主|樓主|\d+\s?[楼樓]|#\d+|网友|網友|匿名|游客|遊客|访客|訪客|路人|"
    r"返信|通報|いいね|名無し|ななし|通りすがり|匿名希望|さん$|\breply\b|\bsays:?$|\bwrote:?$|permalink|\banonymous\b|验证码|驗證碼|昵称|暱稱|"
    r"お名前|メールアドレス|\d{1,2}:\d{2}|\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}|\d+\s?(?:分钟|小时|天|分鐘|小時|時間|日|分|週間|か月|ヶ月)前",
    re.IGNORECASE,
)
#: The text beside the comments weighs at least this much (characters of three bytes), and this share of them.
_REST_WEIGHT, _REST_SHARE = 40.0, 0.05
#: On a page of posts, comments on them hold less than this share of the text.
_FORUM_COMMENT_SHARE = 0.35
#: A teaser has a headline of at least this many characters, text of at most this weight, and others beside it.
_CUT = ("…", "...", "・・・", "。。。", "…]", "...]", "…】", "…)", "...)", "…）")
_HEADLINE_CHARACTERS, _TEASER_WEIGHT, _FEWEST_TEASERS = 8, 120.0, 3
#: So much text behind one link of a list, and it is no list.
_ENTRY_WEIGHT = 400.0
#: Elements around a heading in which what it opens is looked for, and how many blocks of it are looked at.
_LEVELS, _LOOKED_AT = 4, 40
#: No page has more; what stands under each is looked for.
_MOST_HEADINGS = 64
_LONGEST_ENTRY = 60
#: Dates, buttons and names among the lines of comments, at least.
_FEWEST_SIGNS = 2
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_FURNITURE_TAGS = frozenset({"footer", "aside", "header"})


@dataclass(frozen=True, slots=True)
class Regions:
    """Numbers of the blocks that are comments, and of those that lead to other pages."""

    comments: frozenset[int]
    related: frozenset[int]


def regions_of(page: Outline, columns: Kinds) -> Regions:
    """Finds both kinds of parts in a page."""
    comments = set(_named_comments(page, columns))
    related = set(_teasers(page, columns))
    before = 0.0
    headings = 0
    is_forum: bool | None = None
    for number, block in enumerate(page.blocks):
        text = block.text
        size = len(text)
        if size <= HEADING_CHARACTERS or (size <= LONGEST_HEADING and may_be_counted(text)):
            kind = heading_kind(text)
        else:
            kind = ""
        if number in comments or number in related:
            continue
        # A link with such words is a button, unless it is a heading.
        if kind and columns.kinds[number] is LINK and block.tag not in _HEADINGS:
            kind = ""
        headings += kind != ""
        if headings > _MOST_HEADINGS:
            break
        if kind == COMMENTS and before >= _REST_WEIGHT:
            is_forum = _is_forum(page) if is_forum is None else is_forum
            if not is_forum:
                comments.update(_comments_under(page, columns, number))
        elif kind in (RELATED, SEE_ALSO):
            related.update(_links_under(page, columns, number))
        if columns.kinds[number] is TEXT and number not in comments and number not in related:
            before += columns.weights[number]
    return Regions(frozenset(comments), frozenset(related - comments))


def _named_comments(page: Outline, columns: Kinds) -> Iterator[int]:
    """Blocks in elements named after comments, where the page has a text of its own beside them."""
    named = [place for place, signs in enumerate(page.signs) if signs & (COMMENTS_NAME | MAYBE_COMMENTS)]
    if not named:
        return
    is_forum = _is_forum(page)
    # Some names leave it open whether their elements are posts of a forum.
    wanted = COMMENTS_NAME if is_forum else COMMENTS_NAME | MAYBE_COMMENTS
    text = [0.0] * len(page.parents)
    furniture = [False] * len(page.parents)
    for place in range(1, len(page.parents)):
        furniture[place] = furniture[page.parents[place]] or page.tags[place] in _FURNITURE_TAGS
    for block, kind, weight in zip(page.blocks, columns.kinds, columns.weights, strict=True):
        if kind is TEXT and not furniture[block.container]:
            text[block.container] += weight
    for place in range(len(page.parents) - 1, 0, -1):
        text[page.parents[place]] += text[place]
    total = text[0]
    inside = [False] * len(page.parents)
    held = 0.0
    for place in range(1, len(page.parents)):
        if inside[page.parents[place]]:
            inside[place] = True
        elif page.signs[place] & wanted and _is_enough(total - text[place], text[place]):
            inside[place] = True
            held += text[place]
    if not _is_enough(total - held, held) or (is_forum and held >= _FORUM_COMMENT_SHARE * total):
        return
    yield from (number for number, block in enumerate(page.blocks) if inside[block.container])


def _is_enough(rest: float, comments: float) -> bool:
    return rest >= max(_REST_WEIGHT, _REST_SHARE * comments)


def _is_forum(page: Outline) -> bool:
    return _FORUM_TITLE.search(page.title) is not None or any(signs & FORUM for signs in page.signs)


def _comments_under(page: Outline, columns: Kinds, number: int) -> Sequence[int]:
    """The blocks that a heading of comments opens, itself first; nothing where they do not look like comments."""
    for region in _following(page, number, may_link=False):
        short = [text for one in region[:_LOOKED_AT] if len(text := page.blocks[one].text) <= _LONGEST_ENTRY]
        signs = sum(_COMMENT_LINE.search(text) is not None for text in short)
        if signs >= min(_FEWEST_SIGNS, len(region) - 1) > 0 or _is_repeated(page, columns, region):
            return (number, *region)
    return ()


def _is_repeated(page: Outline, columns: Kinds, region: Sequence[int]) -> bool:
    """Whether several elements of one name stand beside one another, as entries of a list do; not under headings."""
    counts: dict[tuple[int, str, str], int] = {}
    first: dict[int, int] = {}
    for number in region[:_LOOKED_AT]:
        first.setdefault(page.blocks[number].container, number)
    for place, number in first.items():
        is_headed = columns.kinds[number] is LINK or page.blocks[number].tag in _HEADINGS
        if not is_headed and (page.names[place] or page.tags[place] in ("article", "dl")):
            entry = (page.parents[place], page.tags[place], page.names[place])
            counts[entry] = counts.get(entry, 0) + 1
    return max(counts.values(), default=0) >= 3


def _following(page: Outline, number: int, *, may_link: bool) -> Iterator[list[int]]:
    """The blocks behind one, in ever wider elements around it, each wider than the one before.

    A heading opens nothing behind the next heading of its level; headings that are links ``may_link`` belong to it.
    """
    place = page.blocks[number].container
    last = number
    level = page.blocks[number].tag
    for _ in range(_LEVELS):
        end = _last_inside(page, place, last, level, may_link=may_link)
        if end > last:
            last = end
            yield list(range(number + 1, last + 1))
        if place <= 0:
            return
        place = page.parents[place]


def _last_inside(page: Outline, place: int, number: int, level: str, *, may_link: bool) -> int:
    """The last of the blocks from ``number`` on, without a gap, that stand in an element, before the next heading."""
    known: dict[int, bool] = {}
    while number + 1 < len(page.blocks):
        following = page.blocks[number + 1]
        is_heading = level in _HEADINGS and following.tag in _HEADINGS and following.tag <= level
        if (is_heading and not (may_link and following.link_characters)) or not _is_inside(
            page, following.container, place, known
        ):
            break
        number += 1
    return number


def _is_inside(page: Outline, place: int, ancestor: int, known: dict[int, bool]) -> bool:
    """Whether one element stands in another; ``known`` keeps what was found on the way up."""
    path = []
    while place > ancestor and place not in known:
        path.append(place)
        place = page.parents[place]
    found = known.get(place, place == ancestor)
    known.update(dict.fromkeys(path, found))
    return found


def _teasers(page: Outline, columns: Kinds) -> Iterator[int]:
    """Blocks of entries that stand beside one another, each a headline that is a link and the beginning of its text.

    A page of nothing else, such as the front page of a blog, keeps them.
    """
    lines = "\n".join([block.text for block in page.blocks])
    if "…" not in lines and "..." not in lines and "・・・" not in lines:
        return
    first: dict[int, int] = {}
    text = [0.0] * len(page.parents)
    cut = [False] * len(page.parents)
    total = 0.0
    for number, (block, kind) in enumerate(zip(page.blocks, columns.kinds, strict=True)):
        place = block.container
        if kind is TEXT:
            text[place] += columns.weights[number]
            total += columns.weights[number]
            cut[place] = cut[place] or block.text.endswith(_CUT)
        first.setdefault(place, number)
    entries: dict[tuple[int, str, str], list[int]] = {}
    for place, number in first.items():
        is_entry = columns.kinds[number] is LINK and len(page.blocks[number].text) >= _HEADLINE_CHARACTERS
        if is_entry and 0 < text[place] <= _TEASER_WEIGHT:
            entries.setdefault((page.parents[place], page.tags[place], page.names[place]), []).append(place)
    found = {
        place
        for places in entries.values()
        if len(places) >= _FEWEST_TEASERS and 2 * sum(cut[place] for place in places) >= len(places)
        for place in places
    }
    if found and total - sum(text[place] for place in found) >= _REST_WEIGHT:
        yield from (number for number, block in enumerate(page.blocks) if block.container in found)


def _links_under(page: Outline, columns: Kinds, number: int) -> Sequence[int]:
    """The blocks that a heading of related pages opens: links, with what stands in one element with each."""
    for region in _following(page, number, may_link=True):
        taken = _entries(page, columns, region, page.blocks[number].container)
        if taken:
            return (number, *taken)
        if any(columns.kinds[one] not in (FRAGMENT, NOTICE) for one in region):
            return ()
    return ()


def _entries(page: Outline, columns: Kinds, region: Sequence[int], around: int) -> Sequence[int]:
    """The blocks up to the last link, as long as text between links stands in an element with one of them.

    More text than a teaser has is an article, and the link above it its headline.
    """
    end = before_link = 0
    text = 0.0
    linked: set[int] = set()
    for count, number in enumerate(region, start=1):
        block, kind = page.blocks[number], columns.kinds[number]
        if kind is LINK:
            before_link, end, text = end, count, 0.0
            linked.update(_cards(page, block.container, around))
        elif linked.intersection(_cards(page, block.container, around)):
            end = count
            text += columns.weights[number]
            if text > _ENTRY_WEIGHT:
                return region[:before_link]
        elif kind is not FRAGMENT or columns.weights[number] >= LONG_WEIGHT:
            break
    return region[:end]


def _cards(page: Outline, place: int, around: int) -> Iterator[int]:
    """The elements of a block that begin behind the heading, a few."""
    for _ in range(_LEVELS):
        if place <= around:
            return
        yield place
        place = page.parents[place]
