"""Measures of lines and sentences. Lengths count characters without white space; empty lines do not count."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

import ahocorasick_rs

from pipelines.clean.profile import Profile
from pipelines.extract.document import Document

#: Marks that end a sentence, full-width, half-width, small and Latin.
_END_MARKS = tuple("。！？…．.!?︒﹖﹗｡‥")
#: Closing brackets and quotation marks that may follow them.
_CLOSING = "」』”’）)】》〉］]\"'»｣〕〗›♪"
#: Marks that end direct speech by themselves: the last sentence in 「」 has no mark of its own in Japanese.
_SPEECH_ENDS = tuple("」』”｣")
_SENTENCE_END = re.compile(r"[。！？!?．｡︒﹖﹗\n]+|…{2,}|\.(?=\s|$)")
#: What the split leaves in front of the next sentence.
_AFTER_END = re.compile(rf"\s+|^[{re.escape(_CLOSING)}]+")
_BULLET = re.compile(
    r"\s*(?:[•・●○◆◇■□▪▫★☆※▶►➤→·*\-–—✓✔]|[0-9０-９]{1,3}\s?[.)、．）]|[（(][0-9０-９一二三四五六七八九十]{1,3}[)）]|"
    r"[①-⑳]|[一二三四五六七八九十]{1,3}、|[a-zA-Z][.)])"
)
_ELLIPSIS = ("…", "...", "・・・", "。。。", "‥", "．．．")
#: Words of forums, shops and page furniture.
_NOISE_WORDS = (
    *("发表于", "發表於", "回复", "回覆", "楼主", "樓主", "沙发", "板凳", "引用", "置顶", "精华", "积分", "签到"),
    *("注册时间", "註冊時間", "顶一下", "只看该作者", "只看該作者", "点击查看", "點擊查看", "收藏本站", "加入购物车"),
    *(
        "加入購物車",
        "立即购买",
        "立即購買",
        "热线",
        "投稿日",
        "投稿者",
        "名無しさん",
        "返信",
        "レス",
        "スレ",
        "カートに入れる",
    ),
    *("お気に入り", "税込", "送料無料", "ログイン", "会員登録", "続きを読む", "トラックバック", "ポイント", "在庫"),
)


@cache
def _noise_matcher() -> ahocorasick_rs.AhoCorasick:
    return ahocorasick_rs.AhoCorasick(_NOISE_WORDS)


def _lines(text: str) -> list[str]:
    return [line for line in map(str.strip, text.split("\n")) if line]


def end_mark_ratio(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """Share of lines that end in a mark that ends a sentence, direct speech included."""
    return [_share_of_lines(document.text, _ends_sentence) for document in documents]


def short_line_ratio(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """Share of lines of at most ten characters."""
    return [_share_of_lines(document.text, lambda line: len(line) <= 10) for document in documents]


def list_line_ratio(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """Share of lines that begin with a bullet or a number."""
    return [_share_of_lines(document.text, lambda line: _BULLET.match(line) is not None) for document in documents]


def ellipsis_line_ratio(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """Share of lines that end in an ellipsis, as teasers do."""
    return [_share_of_lines(document.text, lambda line: line.endswith(_ELLIPSIS)) for document in documents]


def mean_line_length(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """Mean characters per line."""
    return [_mean([len(line) for line in _lines(document.text)]) for document in documents]


def mean_sentence_length(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """Mean characters per sentence; a line end ends a sentence."""
    return [_mean(_sentence_lengths(document.text)) for document in documents]


def longest_sentence(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """Characters of the longest sentence."""
    return [float(max(_sentence_lengths(document.text), default=0)) for document in documents]


def page_noise(documents: Sequence[Document], profiles: Sequence[Profile]) -> list[float]:
    """Words of forums, shops and page furniture (回复, 楼主, 返信, 税込, …) per 1,000 characters."""
    return [
        1000 * _noise(document.text) / profile.characters if profile.characters else 0.0
        for document, profile in zip(documents, profiles, strict=True)
    ]


def _noise(text: str) -> int:
    return len(_noise_matcher().find_matches_as_indexes(text.encode("utf-8", "replace").decode()))


def _ends_sentence(line: str) -> bool:
    return line.endswith(_END_MARKS) or line.endswith(_SPEECH_ENDS) or line.rstrip(_CLOSING).endswith(_END_MARKS)


def _share_of_lines(text: str, test: Callable[[str], bool]) -> float:
    lines = _lines(text)
    return sum(map(test, lines)) / len(lines) if lines else 0.0


def _sentence_lengths(text: str) -> list[int]:
    lengths = [len(_AFTER_END.sub("", sentence)) for sentence in _SENTENCE_END.split(text)]
    return [length for length in lengths if length]


def _mean(lengths: Sequence[int]) -> float:
    return sum(lengths) / len(lengths) if lengths else 0.0
