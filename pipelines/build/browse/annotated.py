"""The text of a kept document as HTML: words in colours, readings above them, variants where the pointer rests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import pairwise

from hanmill.corpus import Character, Document, Tables, Word
from hanmill.pipelines.build.report.markup import text
from hanmill.pipelines.text.printable import printable

#: Words beside one another have different colours.
_COLOURS = 2


class ClusterMembers:
    """The variants that a corpus takes for one character."""

    def __init__(self, tables: Tables) -> None:
        members: dict[int, list[str]] = defaultdict(list)
        for character, representative in zip(tables.characters, tables.representatives, strict=True):
            members[representative].append(character)
        self._members = {
            character: found for found in members.values() if len(found) > 1 for character in found if character
        }

    def of(self, character: str) -> Sequence[str]:
        """All members of a character's cluster; none where it stands alone."""
        return self._members.get(character, ())


def annotated(document: Document, clusters: ClusterMembers, link: Callable[[Character], str], characters: int) -> str:
    """The words that begin within the first ``characters`` code points, white space as written.

    ``link`` gives an address for a character whose reading can be put right, "" for none.
    """
    parts: list[str] = []
    end = 0
    for number, (word, following) in enumerate(pairwise((*document.words, None))):
        if word is None or word.start >= characters:
            break
        parts.append(text_lines(document.text[end : word.start]))
        inside = "".join(_character(one, clusters, link) for one in word.characters)
        reading = _reading(word)
        if reading:
            inside = f"<ruby>{inside}<rt>{text(reading)}</rt></ruby>"
        parts.append(f'<span class="w{number % _COLOURS}">{inside}</span>')
        end = word.end
        if following is None:
            parts.append(text_lines(document.text[end:]))
    return "".join(parts)


def text_lines(value: str) -> str:
    """Text of unknown origin, its line ends kept."""
    return escape(printable(value, lines=True))


def _reading(word: Word) -> str:
    """The reading of a word whose characters have none of their own."""
    if any(one.pinyin for one in word.characters):
        return ""
    return "" if word.reading is None or word.reading == word.text else word.reading


def _character(one: Character, clusters: ClusterMembers, link: Callable[[Character], str]) -> str:
    shown = text(one.text)
    members = clusters.of(one.text)
    if members:
        shown = f'<span class="v" title="{escape(" ".join(members))}">{shown}</span>'
    if not one.pinyin:
        return shown
    reading = text(one.pinyin)
    if address := link(one):
        reading = f'<a href="{escape(address)}">{reading}</a>'
    return f"<ruby>{shown}<rt>{reading}</rt></ruby>"


def measures_of(row: Mapping[str, object]) -> Sequence[tuple[str, float]]:
    """Names and values of what rules measured of a refused row; nothing of a kept one."""
    found = row.get("measures") or ()
    assert isinstance(found, (list, tuple))
    return [(str(one["name"]), float(one["value"])) for one in found]
