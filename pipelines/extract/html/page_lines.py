"""Lines that belong to a page and not to its text, by their words: headings of links and comments, closing lines."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from hanmill.pipelines.text.tsv import read_tsv

RELATED, SEE_ALSO, COMMENTS = "related", "see_also", "comments"
_LINE, _START = "line", "start"
#: Longer lines are no headings, and no furniture whatever they begin with.
HEADING_CHARACTERS, FURNITURE_CHARACTERS = 24, 60
#: What may follow the beginning of a closing line.
_REST_CHARACTERS = 30
_EDGES = (
    " \u3000\t【】[]［］〔〕「」『』《》〈〉<>()（）■▼▽●○◆◇★☆♪・·•|｜:：、,，.。»«▶►▸→⇒…-—–〓◎□△▲※＞＜>#+＋~～!！?？/／"
)
_SPACES = re.compile(r"[\s·・]+")
_COUNT = re.compile(r"[（(\[【]?\d{1,6}\s*(?:条|條|件|則|则|篇|個|个|楼|樓|コメント)?[)）\]】]?$")
#: 12条评论, 《…》有 3 条评论, 「…」への2件のフィードバック, 3 Comments, 2 thoughts on …
_COUNTED_COMMENTS = re.compile(
    r"(?:.{0,80}[》”」\"’](?:上?的?|有|に|への|に対する|上的)?\s*)?(?:共|有|已有)?\s*\d{1,6}\s*"
    r"(?:(?:条|條|则|則|个|個|篇|件の?|楼|位网友|人参与)\s*(?:网友|網友|热门|全部)?"
    r"(?:评论|評論|留言|回复|回覆|回應|回应|跟帖|コメント|フィードバック|レスポンス|想法|意见|意見|댓글)|"
    r"コメント|comments?|responses?(?: to .*)?|repl(?:y|ies)|thoughts? on .*)",
    re.IGNORECASE,
)
_COUNTED_ENDINGS = (
    "评论",
    "評論",
    "留言",
    "回复",
    "回覆",
    "回應",
    "回应",
    "跟帖",
    "コメント",
    "フィードバック",
    "レスポンス",
    "想法",
    "意见",
    "意見",
    "댓글",
    "omment",
    "omments",
    "COMMENTS",
    "esponse",
    "esponses",
    "eply",
    "eplies",
    ":",
    "：",
)
#: No heading is longer.
LONGEST_HEADING = 120


@cache
def _table(kind: str) -> frozenset[str]:
    rows = read_tsv("hanmill.pipelines.extract.html", "page_lines.tsv", 2)
    return frozenset(_bare(words) for of, words in rows if of == kind)


@cache
def _headings() -> dict[str, str]:
    return {line: kind for kind in (RELATED, SEE_ALSO, COMMENTS) for line in _table(kind)}


@cache
def _starts() -> tuple[str, ...]:
    return tuple(words for of, words in read_tsv("hanmill.pipelines.extract.html", "page_lines.tsv", 2) if of == _START)


def _bare(line: str) -> str:
    return _SPACES.sub("", line.strip(_EDGES)).casefold()


@lru_cache(maxsize=16384)
def heading_kind(line: str) -> str:
    """What a line opens: ``related``, ``see_also``, ``comments`` or nothing.

    >>> heading_kind("■関連記事"), heading_kind("网友评论（23条）"), heading_kind("結論")
    ('related', 'comments', '')
    """
    if len(line) <= HEADING_CHARACTERS:
        bare = line.strip(_EDGES)
        found = _headings().get(_bare(bare)) or _headings().get(_bare(_COUNT.sub("", bare)))
        if found:
            return found
    if may_be_counted(line):
        return COMMENTS if _COUNTED_COMMENTS.fullmatch(line.strip(" :：")) else ""
    return ""


def may_be_counted(line: str) -> bool:
    """Whether a line may say how many comments follow; cheap, for every line of a page is asked."""
    return line.endswith(_COUNTED_ENDINGS) or " on " in line or " to " in line


def is_closing_line(line: str) -> bool:
    """Whether a line is a button, or says who edited a text, what stands before and behind it or where to share it.

    >>> is_closing_line("（责任编辑：王小明）"), is_closing_line("ページの先頭へ戻る")
    (True, True)
    """
    return len(line) <= FURNITURE_CHARACTERS and _is_closing(line)


@lru_cache(maxsize=16384)
def _is_closing(line: str) -> bool:
    if line.startswith(_starts()):
        start = next(words for words in _starts() if line.startswith(words))
        return len(line) - len(start) <= _REST_CHARACTERS
    return len(line) <= HEADING_CHARACTERS and _bare(line) in _table(_LINE)
