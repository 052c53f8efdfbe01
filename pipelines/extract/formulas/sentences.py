"""Sentences that lose their formula: they go, for a sentence with a hole says something else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

#: Behind the mark that ends a sentence and the brackets that close with it.
_SENTENCE_END = re.compile(r"[。！？!?．][」』”’）)]*|\.(?=\s|\Z)")

#: Places of a text: start, end, what is told of them.
Spans = Sequence[tuple[int, int, str]]


def without_marked_sentences(text: str, mark: str, spans: Spans = ()) -> tuple[str, list[tuple[int, int, str]]]:
    """The text without the sentences and lines that hold ``mark``, and the spans that stay, in its code points.

    >>> without_marked_sentences("解は¤である。次に移る。", "¤", [(7, 8, "つぎ")])
    ('次に移る。', [(0, 1, 'つぎ')])
    """
    kept: list[str] = []
    moved: list[tuple[int, int, str]] = []
    length = 0
    for start, end in _kept(text, mark):
        moved += [
            (one - start + length, other - start + length, of)
            for one, other, of in spans
            if start <= one and other <= end
        ]
        kept.append(text[start:end])
        length += end - start
    shown = "".join(kept)
    return (shown if text.endswith("\n") else shown.removesuffix("\n")), moved


def _kept(text: str, mark: str) -> Iterator[tuple[int, int]]:
    """Whole lines without the mark, and of the others the sentences without it."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        line = text[start:end]
        if mark not in line:
            yield start, end
        elif sentences := [(left, right) for left, right in _sentences(line) if mark not in line[left:right]]:
            for left, right in sentences:
                yield start + left, start + right
            if line.endswith("\n"):
                yield end - 1, end
        start = end


def _sentences(line: str) -> Iterator[tuple[int, int]]:
    start, size = 0, len(line.rstrip())
    for match in _SENTENCE_END.finditer(line):
        yield start, match.end()
        start = match.end()
    if start < size:
        yield start, size
