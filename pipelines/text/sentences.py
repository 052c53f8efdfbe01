"""Sentence lengths of Chinese, Japanese, Korean and Latin-script text.

After Unicode Standard Annex #29 (sentence boundaries: terminators, then closing punctuation, stay with the
sentence), with what Chinese and Japanese need besides: no white space after a terminator, ``……`` as a
terminator, and quotations that a Japanese sentence goes on from (「はい。」と言った).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TERMINATORS = "。！？｡‼⁇⁈⁉!?…．.۔।"
_CLOSERS = "」』”’）)】》〉］]｝}〕｣\"'»›"
_NEWLINES = "\n\r\x0b\x0c\x85\u2028\u2029"
_CANDIDATE = re.compile(
    f"\r\n|[{_NEWLINES}]|([{re.escape(_TERMINATORS)}]++)([{re.escape(_CLOSERS)}]*+)",
)
#: After a closed quotation these carry the sentence on.
_CONTINUES = frozenset("、，,；;：:とて")
_ABBREVIATIONS = frozenset({"Mr", "Mrs", "Ms", "Dr", "Prof", "St", "No", "vs", "cf", "Fig", "Vol"})
_WORD_BEFORE = re.compile(r"[^\W\d_]+$")
#: 《你好！李焕英》 is one title; further than this a bracket has been forgotten.
_LONGEST_TITLE = 40
_ITEM_NUMBER = re.compile(r"(?:^|(?<=\s))\d{1,3}$")
_WIDE_ADDRESS = re.compile(r"[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]")
_ADDRESS = re.compile(r"[0-9A-Za-z_=&/%#\-]")


def sentence_ends(text: str) -> Iterator[int]:
    """Ascending offsets just after each sentence, the last being ``len(text)``; nothing for an empty text."""
    end = 0
    for match in _CANDIDATE.finditer(text):
        if match.lastindex is None or _ends_sentence(text, match):
            end = match.end()
            yield end
    if end < len(text):
        yield len(text)


def sentence_lengths(text: str) -> list[int]:
    """Characters per sentence, white space not counted.

    A newline ends a sentence; so does a run of terminators with the closing quotes and brackets after it. An
    ASCII full stop counts only before white space and not after an initial, a title (``Dr.``) or the number of an
    item, or before a small letter; ASCII ``!`` and ``?`` do not where an address goes on after them; nothing does
    inside 《》, and a single ``…`` does not. There is no zero entry, and the sum is the number of characters of
    ``text`` that are not white space.

    >>> sentence_lengths("「はい。」と言った。 Dr. A. Lee 来了。走吧！！")
    [10, 11, 4]
    """
    lengths = []
    start = 0
    for end in sentence_ends(text):
        length = sum(map(len, text[start:end].split()))
        if length:
            lengths.append(length)
        start = end
    return lengths


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    run, closers = match.group(1), match.group(2)
    following = text[match.end() : match.end() + 1]
    if not run.strip(".…．"):
        return _stop_ends_sentence(text, match, run, following)
    if closers and following and (following in _CONTINUES or "가" <= following <= "힣"):
        return False
    if not closers and _in_title(text, match):
        return False
    return bool(run.strip("!?")) or not _ADDRESS.match(following)


def _in_title(text: str, match: re.Match[str]) -> bool:
    start = max(0, match.start() - _LONGEST_TITLE)
    opened = text.rfind("《", start, match.start())
    if opened < 0 or text.find("》", opened, match.start()) >= 0:
        return False
    closed = text.find("》", match.end(), match.end() + _LONGEST_TITLE)
    return closed >= 0 and text.find("《", match.end(), closed) < 0


def _stop_ends_sentence(text: str, match: re.Match[str], run: str, following: str) -> bool:
    if "．" in run:
        return not _WIDE_ADDRESS.match(following)
    if "…" in run:
        return run.count("…") > 1 and following not in _CONTINUES
    if following and not following.isspace():
        return False
    if _ITEM_NUMBER.search(text, max(0, match.start() - 4), match.start()):
        return False
    word = _WORD_BEFORE.search(text, max(0, match.start() - 8), match.start())
    abbreviated = word is not None and (
        word.group() in _ABBREVIATIONS or (len(word.group()) == 1 and word.group().isupper())
    )
    after = text[match.end() : match.end() + 16].lstrip()[:1]
    return not (after and (abbreviated or after.islower()))
