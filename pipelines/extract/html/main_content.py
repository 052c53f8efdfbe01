"""Which blocks of a page are its content: text and link density by block, added up over the tree.

Every block is text, link or neutral. The content is the container in which text outweighs links by most; inside
it, sub-trees and blocks that are mostly links or carry the names of page furniture are left out. The measures are
those of boilerplate detection by shallow text features (Kohlschütter et al., WSDM 2010), scaled to CJK: a
character of three UTF-8 bytes counts as much as three Latin letters.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pipelines.extract.html.blocks import Block, Outline

_MARKS = re.compile(r"[。，、！？；：…．「」『』“”]|[.,;:!?](?=\s|$)|(?<=[\u3040-\u9fff])[.,;:!?](?=[\u3040-\u9fff])")
#: The end of a sentence or of direct speech; a line of a menu has none, however short a line of dialogue is.
_SENTENCE_ENDS = ("。", "！", "？", "…", "」", "』", "”")
#: Date, source and author between headline and text.
_BYLINE = re.compile(
    r"^[^。！？]{0,40}(?:来源|來源|出处|作者|编辑|編輯|记者|記者|发布|發布|发表|發表|时间|時間|日期|浏览|瀏覽|阅读|閱讀|点击|字号|"
    r"投稿者|更新日|公開日|配信)[^。！？]{0,40}$|^[^。！？]{0,40}\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}[^。！？]{0,30}$"
)
_NEGATIVE = re.compile(
    r"comment|footer|foot\b|copyright|sidebar|side[-_]|aside|navi?\b|navbar|breadcrumb|crumb|menu|relat|recommend|"
    r"share|social|widget|banner|advert|\bads?\b|sponsor|pager|pagination|toolbar|login|search|hot[-_]?(?:news|list)|"
    r"rank|subscribe|newsletter|cookie|popup|modal|tag[-_]?(?:list|cloud)|disclaimer",
    re.IGNORECASE,
)
_POSITIVE = re.compile(r"article|content|main|entry|post[-_]?body|text|story|body", re.IGNORECASE)
#: Blocks that belong to a text although they end or begin without a mark.
_KEPT_AROUND = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "pre", "li", "dt", "dd", "p", "caption"})
_FURNITURE_TAGS = frozenset({"footer", "aside", "header"})
#: Share of link characters above which a block leads elsewhere.
_LINK_SHARE, _SENTENCE_LINK_SHARE = 0.4, 0.7
#: Inside the content, short lines of links go and longer ones only where they are nothing else.
_CONTENT_LINK_SHARE, _PURE_LINK_SHARE = 0.6, 0.9
#: A block of text weighs at least this much (characters of three bytes) and has a mark.
_TEXT_WEIGHT = 8
#: Less is enough for a whole sentence.
_SENTENCE_WEIGHT = 3
#: A block this long is text even without a mark: Thai and old Chinese have none.
_LONG_WEIGHT = 40
#: Longer rows are no rows of data but the layout of a page.
_ROW_CHARACTERS = 400
#: Share of links above which a container is no content; tables of data link their first column.
_CONTAINER_LINK_SHARE, _TABLE_LINK_SHARE = 0.5, 0.8
_TABLE_TAGS = frozenset({"table", "td", "th"})
#: An element named as page furniture is content after all when it holds this much of the text.
_FURNITURE_TEXT_SHARE = 0.4
#: What a character of a link costs against a character of text.
_LINK_COST = 4.0
#: What a short line without a mark costs, as part of a link; and text in an element named as page furniture.
_FRAGMENT_COST, _FURNITURE_COST = 0.1, 0.5
#: What the name of a container is worth.
_HINT_WEIGHTS = {-1: 0.7, 0: 1.0, 1: 1.1}
_FURNITURE_LINES = re.compile(
    r"^[（(【\[]?(?:(?:责任|責任)?(?:编辑|編輯)[:：].{0,20}|上一[篇页章頁].*|下一[篇页章頁].*|返回(?:首页|目录|顶部|首頁|目錄).*|分享到?[:：].*|"
    r"(?:相关|相關)(?:新闻|阅读|链接|文章|新聞|閱讀|連結|報導|报道)[:：]?|(?:关闭|打印|收藏|列印|關閉)(?:窗口|本页|此页|本文)?|"
    r"(?:版权所有|版權所有|Copyright|©).*|\[?(?:大|中|小)(?:\s+(?:大|中|小)){1,2}\]?|(?:関連記事|関連リンク|トップへ戻る|ページの?先頭へ(?:戻る)?)|"
    r"(?:前へ|次へ|戻る|もっと見る)|(?:我要)?(?:评论|評論|发表评论|發表評論).{0,12}|(?:点击|點擊)(?:数|數|次数|次數)?[:：].{0,12})[）)】\]]?$",
    re.IGNORECASE,
)


def main_blocks(page: Outline) -> list[Block]:
    """The blocks of the main content, in order; every non-link block where nothing stands out."""
    blocks = page.blocks
    if not blocks:
        return []
    weights = [len(block.text.encode("utf-8", "replace")) / 3 for block in blocks]
    shares = _link_shares(blocks)
    count = len(page.parents)
    text, junk, links, size = [0.0] * count, [0.0] * count, [0.0] * count, [0.0] * count
    for block, weight, share in zip(blocks, weights, shares, strict=True):
        place = block.container
        size[place] += weight
        links[place] += weight * min(1.0, share)
        if _is_link(block, share):
            junk[place] += weight * share
        elif _is_text(block, weight):
            text[place] += weight * (1 - share)
        elif block.tag not in ("pre", "h1", "h2", "h3", "h4", "h5", "h6"):
            junk[place] += weight * _FRAGMENT_COST
    hints = [_hint(tag, names) for tag, names in zip(page.tags, page.names, strict=True)]
    negative = [hint < 0 for hint in hints]
    for place in range(count - 1, 0, -1):
        parent = page.parents[place]
        if parent < 0:
            continue
        if negative[place]:
            junk[parent] += text[place] * _FURNITURE_COST + junk[place]
        else:
            text[parent] += text[place]
            junk[parent] += junk[place]
        links[parent] += links[place]
        size[parent] += size[place]
    if not any(text):
        return [block for block, share in zip(blocks, shares, strict=True) if not _is_link(block, share)]
    scores = [_score(place, hints[place], text[place], junk[place]) for place in range(count)]
    best = max((place for place in range(count) if text[place]), key=scores.__getitem__)
    inside = [False] * count
    for place in range(count):
        parent = page.parents[place]
        if place == best:
            inside[place] = True
        elif parent >= 0 and inside[parent]:
            allowed = _TABLE_LINK_SHARE if page.tags[place] in _TABLE_TAGS else _CONTAINER_LINK_SHARE
            inside[place] = links[place] <= allowed * size[place] and not (
                negative[place] and text[place] < _FURNITURE_TEXT_SHARE * text[best]
            )
    kept = [
        block
        for block, share, weight in zip(blocks, shares, weights, strict=True)
        if inside[block.container] and _is_content(block, share, weight)
    ]
    return _trimmed(kept)


def _score(place: int, hint: int, text: float, junk: float) -> float:
    # How much text, times how much of the container it is: links beside an article cost a part of its score, and
    # never make a footer look better. Of containers with one and the same content, the innermost.
    return text * text / (text + _LINK_COST * junk) * _HINT_WEIGHTS[hint] + place * 1e-6 if text else 0.0


@lru_cache(maxsize=4096)
def _hint(tag: str, names: str) -> int:
    """1 for containers that are named as content, -1 for those named as page furniture, else 0."""
    if tag in _FURNITURE_TAGS:
        return -1
    if names and _NEGATIVE.search(names):
        return -1
    return int(tag in ("article", "main") or (names != "" and _POSITIVE.search(names) is not None))


def _link_shares(blocks: list[Block]) -> list[float]:
    """Share of link characters of each block; the cells of a table row are measured together."""
    rows: dict[int, tuple[int, int]] = {}
    for block in blocks:
        if block.row:
            links, size = rows.get(block.row, (0, 0))
            rows[block.row] = links + block.link_characters, size + len(block.text)
    shares = []
    for block in blocks:
        links, size = block.link_characters, len(block.text)
        if block.row and rows[block.row][1] <= _ROW_CHARACTERS:
            links, size = rows[block.row]
        shares.append(min(1.0, links / max(1, size)))
    return shares


def _is_link(block: Block, share: float) -> bool:
    """Mostly links; a sentence may hold more of them than a line without an end."""
    return share > (_SENTENCE_LINK_SHARE if block.text.endswith((*_SENTENCE_ENDS, ".")) else _LINK_SHARE)


def _is_text(block: Block, weight: float) -> bool:
    """A run of text as people write it: a sentence, a long line with a mark, or a very long one without."""
    text = block.text
    if weight < _TEXT_WEIGHT:
        return weight >= _SENTENCE_WEIGHT and text.endswith(_SENTENCE_ENDS)
    if weight >= _LONG_WEIGHT:
        return True
    return _MARKS.search(text) is not None and (text.endswith(_SENTENCE_ENDS) or not _BYLINE.match(text))


def _trimmed(blocks: list[Block]) -> list[Block]:
    """Without the bylines, counters and buttons that stand around the text in the same element."""
    texts = [place for place, block in enumerate(blocks) if _is_text(block, len(block.text.encode("utf-8")) / 3)]
    if not texts:
        return blocks
    first, last = texts[0], texts[-1]
    return [
        block
        for place, block in enumerate(blocks)
        if first <= place <= last
        or ((block.row or block.tag in _KEPT_AROUND) and (place > last or not _BYLINE.match(block.text)))
    ]


def _is_content(block: Block, share: float, weight: float) -> bool:
    if share > _CONTENT_LINK_SHARE and (weight < _LONG_WEIGHT or share > _PURE_LINK_SHARE):
        return False
    return len(block.text) > 60 or not _FURNITURE_LINES.match(block.text)
