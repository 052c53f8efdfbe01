"""Which blocks of a page are its content: text and link density by block, added up over the tree.

Every block is text, link or neutral. The content is the container in which text outweighs links by most; inside
it, sub-trees and blocks that are mostly links or carry the names of page furniture are left out. The measures are
those of boilerplate detection by shallow text features (Kohlschütter et al., WSDM 2010), scaled to CJK: a
character of three UTF-8 bytes counts as much as three Latin letters.
"""

from __future__ import annotations

import re

from pipelines.extract.html.blocks import Block, Outline

_MARKS = re.compile(r"[。，、！？；：…．「」『』“”]|[.,;:!?](?=\s|$)")
_NEGATIVE = re.compile(
    r"comment|footer|foot\b|copyright|sidebar|side[-_]|aside|navi?\b|navbar|breadcrumb|crumb|menu|relat|recommend|"
    r"share|social|widget|banner|advert|\bads?\b|sponsor|pager|pagination|toolbar|login|search|hot[-_]?(?:news|list)|"
    r"rank|subscribe|newsletter|cookie|popup|modal|tag[-_]?(?:list|cloud)|disclaimer",
    re.IGNORECASE,
)
_POSITIVE = re.compile(r"article|content|main|entry|post[-_]?body|text|story|body", re.IGNORECASE)
_FURNITURE_TAGS = frozenset({"footer", "aside", "header"})
#: Share of link characters above which a block leads elsewhere.
_LINK_SHARE = 0.4
#: A block of text weighs at least this much (characters of three bytes) and has a mark.
_TEXT_WEIGHT = 8
#: What a character of a link costs against a character of text.
_LINK_COST = 1.5
_FURNITURE_LINES = re.compile(
    r"^(?:(?:责任|責任)?(?:编辑|編輯)[:：].{0,20}|上一[篇页章頁].*|下一[篇页章頁].*|返回(?:首页|目录|顶部|首頁|目錄).*|分享到?[:：].*|"
    r"(?:相关|相關)(?:新闻|阅读|链接|文章|新聞|閱讀|連結|報導|报道)[:：]?|(?:关闭|打印|收藏|列印|關閉)(?:窗口|本页|此页|本文)?|"
    r"(?:版权所有|版權所有|Copyright|©).*|\[?(?:大|中|小)(?:\s+(?:大|中|小)){1,2}\]?|(?:関連記事|関連リンク|トップへ戻る|ページの?先頭へ(?:戻る)?)|"
    r"(?:前へ|次へ|戻る|もっと見る)|(?:我要)?(?:评论|評論|发表评论|發表評論).{0,12}|(?:点击|點擊)(?:数|數|次数|次數)?[:：].{0,12})$",
    re.IGNORECASE,
)


def main_blocks(page: Outline) -> list[Block]:
    """The blocks of the main content, in order; every non-link block where nothing stands out."""
    blocks = page.blocks
    if not blocks:
        return []
    weights = [len(block.text.encode("utf-8", "replace")) / 3 for block in blocks]
    shares = [block.link_characters / max(1, len(block.text)) for block in blocks]
    count = len(page.containers)
    text, junk, links, size = [0.0] * count, [0.0] * count, [0.0] * count, [0.0] * count
    for block, weight, share in zip(blocks, weights, shares, strict=True):
        place = block.container
        size[place] += weight
        links[place] += weight * min(1.0, share)
        if share > _LINK_SHARE:
            junk[place] += weight * share
        elif weight >= _TEXT_WEIGHT and _MARKS.search(block.text):
            text[place] += weight * (1 - share)
        elif block.tag not in ("pre", "h1", "h2", "h3", "h4", "h5", "h6"):
            junk[place] += weight * 0.3
    negative = [_is_furniture(page, place) for place in range(count)]
    for place in range(count - 1, 0, -1):
        parent = page.containers[place].parent
        if parent < 0:
            continue
        if negative[place]:
            junk[parent] += text[place] * 0.5 + junk[place]
        else:
            text[parent] += text[place]
            junk[parent] += junk[place]
        links[parent] += links[place]
        size[parent] += size[place]
    best = max(range(count), key=lambda place: _score(page, place, text[place], junk[place]))
    inside = [False] * count
    for place in range(count):
        parent = page.containers[place].parent
        if place == best:
            inside[place] = True
        elif parent >= 0 and inside[parent]:
            inside[place] = not _is_pruned(negative[place], text[place], links[place], size[place], text[best])
    kept = [
        block
        for block, share, weight in zip(blocks, shares, weights, strict=True)
        if inside[block.container] and _is_content(block, share, weight)
    ]
    return kept or [block for block, share in zip(blocks, shares, strict=True) if share <= _LINK_SHARE]


def _score(page: Outline, place: int, text: float, junk: float) -> float:
    container = page.containers[place]
    score = text - _LINK_COST * junk
    if container.tag in ("article", "main") or _POSITIVE.search(container.names):
        score *= 1.1
    # Of a chain of containers with one and the same content, the innermost.
    return score + place * 1e-6


def _is_furniture(page: Outline, place: int) -> bool:
    container = page.containers[place]
    if container.tag in _FURNITURE_TAGS:
        return True
    return bool(container.names and _NEGATIVE.search(container.names) and not _POSITIVE.search(container.names))


def _is_pruned(negative: bool, text: float, links: float, size: float, whole: float) -> bool:
    if negative and text < 0.4 * whole:
        return True
    return links > 0.5 * size


def _is_content(block: Block, share: float, weight: float) -> bool:
    if share > 0.6 and (weight < 60 or share > 0.9):
        return False
    return len(block.text) > 60 or not _FURNITURE_LINES.match(block.text)
