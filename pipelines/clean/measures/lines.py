"""Measures of lines and sentences. Lengths count characters without white space; empty lines do not count."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pipelines.clean.profile import Profile
from pipelines.records import Document

#: Marks that end a sentence, with full-width and Latin forms.
_END_MARKS = "。！？…．.!?︒﹖﹗;；:：｡‥〜～"
#: Closing brackets and quotation marks that may follow them or end direct speech by themselves.
_CLOSING = "」』”’）)】》〉］]\"'»｣〕〗›♪"
_ENDS = tuple(_END_MARKS.translate({ord(mark): None for mark in ";；:：〜～"})) + tuple("」』”｣")
_CLOSED_ENDS = tuple(_END_MARKS.translate({ord(mark): None for mark in ";；:：〜～"}))
_SENTENCE_END = re.compile(r"(?:[。！？!?．｡︒﹖﹗]+|…{2,}|\.(?=\s|$))[」』”’）)】》〉］\]\"'｣]*|\n")
_SPACE = re.compile(r"\s+")
_BULLET = re.compile(
    r"\s*(?:[•・●○◆◇■□▪▫★☆※▶►➤→·*\-–—✓✔]|[0-9０-９]{1,3}\s?[.)、．）]|[（(][0-9０-９一二三四五六七八九十]{1,3}[)）]|"
    r"[①-⑳]|[一二三四五六七八九十]{1,3}、|[a-zA-Z][.)])"
)
_ELLIPSIS = ("…", "...", "・・・", "。。。", "‥", "．．．")
_NOISE = re.compile(
    r"发表于|發表於|回复|回覆|楼主|樓主|沙发|板凳|\d+\s?[楼樓]|引用|置顶|精华|积分|注册时间|註冊時間|签到|顶一下|只看该作者|只看該作者|"
    r"点击查看|點擊查看|收藏本站|加入购物车|加入購物車|立即购买|立即購買|热线|"
    r"投稿日|投稿者|名無しさん|返信|レス|スレ|カートに入れる|お気に入り|税込|送料無料|ログイン|会員登録|続きを読む|トラックバック|ポイント|在庫"
)


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
        1000 * sum(1 for _ in _NOISE.finditer(document.text)) / profile.characters if profile.characters else 0.0
        for document, profile in zip(documents, profiles, strict=True)
    ]


def _ends_sentence(line: str) -> bool:
    return line.endswith(_ENDS) or line.rstrip(_CLOSING).endswith(_CLOSED_ENDS)


def _share_of_lines(text: str, test: Callable[[str], bool]) -> float:
    lines = _lines(text)
    return sum(map(test, lines)) / len(lines) if lines else 0.0


def _sentence_lengths(text: str) -> list[int]:
    lengths = [len(_SPACE.sub("", sentence)) for sentence in _SENTENCE_END.split(text)]
    return [length for length in lengths if length]


def _mean(lengths: Sequence[int]) -> float:
    return sum(lengths) / len(lengths) if lengths else 0.0
