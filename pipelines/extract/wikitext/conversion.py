"""Text as a reader of one variant sees it: script conversion, the page's own rules, what must stay.

Between scripts OpenCC converts (MediaWiki's own tables are under the GPL), by the words of the text where what cuts it
into words is given; regional vocabulary comes only from the page's rules. Serbian follows MediaWiki ``SrConverter``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from hanmill.pipelines.extract.wikitext.marks import AS, AS_END, RAW, RAW_END, RULE, RULE_END
from hanmill.pipelines.extract.wikitext.rules import Resolved, Table
from hanmill.pipelines.extract.wikitext.serbian import to_cyrillic, to_latin
from hanmill.pipelines.extract.wikitext.variants import Converter
from hanmill.pipelines.text.phrase_conversion import CHARACTER_CONFIGURATIONS, CutWords, PhraseConverter, converter

_OPENCC = {
    "zh-hans": "t2s",
    "zh-cn": "t2s",
    "zh-sg": "t2s",
    "zh-my": "t2s",
    "zh-hant": "s2t",
    "zh-tw": "s2tw",
    "zh-hk": "s2hk",
    "zh-mo": "s2hk",
    "gan-hans": "t2s",
    "gan-hant": "s2t",
    "wuu-hans": "t2s",
    "wuu-hant": "s2t",
}
_PARTS = re.compile(rf"([{RAW}{RAW_END}{AS_END}]|{RULE}\d+{RULE_END}|{AS}.)")
_LEFTOVER = re.compile(rf"[{RAW}{RAW_END}{AS_END}]|{RULE}\d+{RULE_END}|{AS}.")
# Enough of each script's commonest characters to tell which one a page is written in.
_SIMPLIFIED = "这国们为个时会来对学发"
_TRADITIONAL = "這國們為個時會來對學發"

Translate = Callable[[str], str]


@lru_cache(maxsize=32)
def translation(variant: str, cut: CutWords | None = None) -> Translate | None:
    """The script conversion of a variant; None where text stays as written. Built once per process.

    Phrases of Chinese count only where they agree with the words that ``cut`` gives.
    """
    if variant == "sr-ec":
        return to_cyrillic
    if variant == "sr-el":
        return to_latin
    name = _OPENCC.get(variant)
    if name is None:
        return None
    if cut is not None and name not in CHARACTER_CONFIGURATIONS:
        return PhraseConverter(name, cut)
    return converter(name)


def written_variant(text: str, converter: Converter) -> str:
    """The script variant a page is mostly written in; the language itself where neither prevails.

    >>> from hanmill.pipelines.extract.wikitext.variants import CHINESE
    >>> written_variant("這個國家的學校", CHINESE), written_variant("山水", CHINESE)
    ('zh-hant', 'zh')
    """
    hans, hant = f"{converter.main}-hans", f"{converter.main}-hant"
    if hans not in converter.variants:
        return converter.main
    simplified = sum(map(text.count, _SIMPLIFIED))
    traditional = sum(map(text.count, _TRADITIONAL))
    if simplified == traditional:
        return converter.main
    return hans if simplified > traditional else hant


class _Glossary:
    """The page's own words for one variant, over the script conversion."""

    __slots__ = ("_table", "_translate", "_words")

    def __init__(self, variant: str, cut: CutWords | None) -> None:
        self._translate = translation(variant, cut)
        self._table: dict[str, str] = {}
        # Lengths of the words by their first character, longest first, and what finds one; None after a change.
        self._words: tuple[dict[str, tuple[int, ...]], re.Pattern[str]] | None = None

    def add(self, table: Table) -> None:
        self._table.update(table)
        self._words = None

    def remove(self, table: Table) -> None:
        for source in table:
            self._table.pop(source, None)
        self._words = None

    def convert(self, text: str) -> str:
        translate = self._translate
        if not self._table:
            return translate(text) if translate else text
        if self._words is None:
            lengths = _lengths(self._table)
            self._words = lengths, re.compile(f"[{re.escape(''.join(lengths))}]")
        table, (lengths, first_of_word) = self._table, self._words
        out: list[str] = []
        kept_from = position = 0
        while (match := first_of_word.search(text, position)) is not None:
            start = position = match.start()
            for length in lengths[match.group()]:
                word = table.get(text[start : start + length])
                if word is not None:
                    between = text[kept_from:start]
                    out.append(translate(between) if translate and between else between)
                    out.append(word)
                    kept_from = position = start + length
                    break
            else:
                position += 1
        rest = text[kept_from:]
        out.append(translate(rest) if translate and rest else rest)
        return "".join(out)


def _lengths(table: Table) -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for word in table:
        found.setdefault(word[0], set()).add(len(word))
    return {first: tuple(sorted(lengths, reverse=True)) for first, lengths in found.items()}


def convert(
    text: str, converter: Converter, variant: str, changes: Sequence[Resolved], cut: CutWords | None = None
) -> str:
    """Converts marked text to ``variant``; ``changes`` are the rules that the RULE marks point at.

    ``cut`` cuts Chinese into words, for phrases. A rule holds from where it stands, as in MediaWiki.
    """
    glossaries: dict[str, _Glossary] = {}

    def glossary(of: str) -> _Glossary:
        if of not in glossaries:
            glossaries[of] = _Glossary(of, cut)
        return glossaries[of]

    out: list[str] = []
    raw = 0
    current = [variant]
    for index, part in enumerate(_PARTS.split(text)):
        if not part:
            continue
        if index % 2 == 0:
            out.append(part if raw else glossary(current[-1]).convert(part))
        elif part == RAW:
            raw += 1
        elif part == RAW_END:
            raw = max(0, raw - 1)
        elif part[0] == AS:
            current.append(converter.variants[ord(part[1]) - ord("0")])
        elif part == AS_END:
            if len(current) > 1:
                current.pop()
        else:
            change = changes[int(part[1:-1])]
            for of, table in (change.added or {}).items():
                glossary(of).add(table)
            for of, table in (change.removed or {}).items():
                glossary(of).remove(table)
    return "".join(out)


def without_marks(text: str) -> str:
    """The text where nothing is to be converted."""
    return _LEFTOVER.sub("", text)
