"""The simplified form of a text, as readers and cutters of words know it, also of what Taiwan and Hong Kong write.

OpenCC's ``t2s`` begins with OpenCC's own standard of Traditional characters. Taiwan's 著 (for 着), 姊 and 甚麼 and Hong
Kong's 衞 are not in that standard, so it leaves them; the table ``taiwan_hongkong_spelling.tsv`` does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from hanmill.pipelines.text.character_classes import CharacterClass, character_classes
from hanmill.pipelines.text.character_conversion import CharacterConverter
from hanmill.pipelines.text.characters import code_points
from hanmill.pipelines.text.tsv import TableError, read_tsv

_TABLE = "taiwan_hongkong_spelling.tsv"
_ZHU, _ZHE = "著", "着"
_SPELLED_OTHERWISE = re.compile("著|妳|甚(?=[麼麽])|姊(?!妹)")


class SimplifiedForm:
    """Texts in simplified characters, each as long as before. Built once per process."""

    def __init__(self) -> None:
        self._convert = CharacterConverter("t2s")

    def __call__(self, text: str) -> str:
        """The form of one text."""
        return self.each((text,))[0]

    def each(self, texts: Sequence[str]) -> list[str]:
        """The form of every text; each line is decided on its own."""
        forms = self._convert.each(texts)
        return [mainland_spelling(form, text) for form, text in zip(forms, texts, strict=True)]


def mainland_spelling(form: str, written: str) -> str:
    """The form that ``t2s`` gives of ``written`` with the mainland's spelling of what it leaves, as long as before.

    A line that has 着 or characters that only the mainland writes tells 着 from 著 itself: there 著 stays.

    >>> mainland_spelling("他看著著名的作家", "他看著著名的作家"), mainland_spelling("书，鲁迅著", "书，鲁迅著")
    ('他看着著名的作家', '书，鲁迅著')
    """
    table = _spellings()
    if table.any_of.search(form) is None:
        return form
    if _ZHU not in form:
        return table.respelled(form)
    lines = zip(form.split("\n"), written.split("\n"), strict=True)
    return "\n".join(table.respelled(line, tells_zhu=_tells_zhu(original)) for line, original in lines)


def mainland_words(text: str) -> str:
    """Traditional text with what Taiwan and Hong Kong spell otherwise than OpenCC's standard, as long as before.

    Before a conversion to simplified characters: 看著 to 看着, 甚麼 to 什麼, 妳 to 你, 姊姊 to 姐姐
    (姊妹 is the mainland's too).

    >>> mainland_words("他看著著名作家的姊姊做甚麼"), mainland_words("兄弟姊妹")
    ('他看着著名作家的姐姐做什麼', '兄弟姊妹')
    """
    if _SPELLED_OTHERWISE.search(text) is None:
        return text
    form = _to_simplified()(text)
    spelled = mainland_spelling(form, text)
    places = [found.start() for found in _SPELLED_OTHERWISE.finditer(text)]
    characters = list(text)
    for place in places:
        if form[place] == text[place]:
            characters[place] = spelled[place]
    return "".join(characters)


@cache
def _to_simplified() -> CharacterConverter:
    return CharacterConverter("t2s")


def _tells_zhu(line: str) -> bool:
    return _ZHE in line or bool((character_classes()[code_points(line)] == CharacterClass.SIMPLIFIED).any())


class _Spellings:
    """Rows of the table: the longest that fits at a place is taken, and what it covers is done with."""

    def __init__(self, rows: Sequence[tuple[str, ...]]) -> None:
        for written, spelled in rows:
            if len(written) != len(spelled):
                raise TableError(f"{_TABLE}: found {written!r} and {spelled!r}, expected two of one length")
        self._rows = {row[0]: row[1] for row in rows}
        longest_first = sorted(self._rows, key=lambda written: (-len(written), written))
        # The first characters once more, before all rows are tried: nearly everywhere none fits.
        first = "".join(sorted({written[0] for written in longest_first}))
        self._pattern = re.compile(f"(?=[{first}])(?:{'|'.join(map(re.escape, longest_first))})")
        changed = {a for written, spelled in rows for a, b in zip(written, spelled, strict=True) if a != b}
        self.any_of = re.compile(f"[{''.join(sorted(changed))}]")

    def respelled(self, form: str, *, tells_zhu: bool = False) -> str:
        """The text by the table; where it ``tells_zhu`` its 著 are left alone."""
        return self._pattern.sub(lambda found: self._row(found.group(), tells_zhu), form)

    def _row(self, written: str, tells_zhu: bool) -> str:
        return written if tells_zhu and _ZHU in written else self._rows[written]


@cache
def _spellings() -> _Spellings:
    return _Spellings(read_tsv(__package__, _TABLE, 2))
