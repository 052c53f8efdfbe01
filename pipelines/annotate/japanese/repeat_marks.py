"""Repeat marks written out: こゝろ こころ, みすゞ みすず, 馬鹿々々しい 馬鹿馬鹿しい, いろ〱 いろいろ.

ゝ ヽ (ゞ ヾ voiced) repeat one kana, 々 〻 one Han, 々々 two characters, 〱 〳〵 (〲 〴〵 voiced) two or more. After
「くりかへし符号の使ひ方」 (文部省, 1946). A 々 that stands alone is left to the dictionary, which has 人々 and 佐々木.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hanmill.pipelines.text.han import HAN

_KANA = "\u3041-\u3096\u30a1-\u30fa\u30fc"
_KANA_MARK = re.compile(f"([{_KANA}])([ゝゞヽヾ])")
_TWO_HAN = re.compile(f"([{HAN}])([{HAN}{_KANA}])々々(?!々)")
_LONG = re.compile("〳〵|〴〵|[〱〲]")
_BEFORE_LONG = re.compile(f"[{HAN}]?[{_KANA}]+$|[{HAN}]{{1,4}}$")
#: What ``written_out`` may change.
_ANY = re.compile("[ゝゞヽヾ〻〱〲〳〴]|々々")
_VOICED = "ゞヾ〲〴〵"
_LONGEST_UNIT = 4
#: Of units that no dictionary knows doubled: かへす〲.
_LONGEST_PLAIN_UNIT = 3


@dataclass(frozen=True, slots=True)
class WrittenOut:
    """``text`` without repeat marks; ``owners`` holds for each of its characters the place it comes from.

    None where the two texts are equally long, character for character.
    """

    text: str
    owners: Sequence[int] | None

    def carried_back(self, raw: str, surfaces: Sequence[str], readings: Sequence[str]) -> tuple[list[str], list[str]]:
        """Words of ``text`` as words of ``raw``; those between which no character of ``raw`` ends become one."""
        owners = range(len(raw)) if self.owners is None else self.owners
        visible = [owner for owner, character in zip(owners, self.text, strict=True) if not character.isspace()]
        bounds, kept = [0], [0]
        end = 0
        for index, surface in enumerate(surfaces, 1):
            end += len(surface)
            if end == len(visible) or visible[end] != visible[end - 1]:
                bounds.append(end)
                kept.append(index)
        carried = ["".join(raw[visible[start] : visible[stop - 1] + 1].split()) for start, stop in pairwise(bounds)]
        return carried, ["".join(readings[start:stop]) for start, stop in pairwise(kept)]


def written_out(text: str, is_word: Callable[[str], bool]) -> WrittenOut:
    """The text with its repeat marks written out; ``is_word`` tells where the unit that 〱 repeats begins."""
    if not _ANY.search(text):
        return WrittenOut(text, None)
    text = kana_written_out(text).replace("〻", "々")
    text = _TWO_HAN.sub(r"\1\2\1\2", text)
    if not _LONG.search(text):
        return WrittenOut(text, None)
    parts: list[str] = []
    owners: list[int] = []
    last = 0
    for mark in _LONG.finditer(text):
        parts.append(text[last : mark.start()])
        owners += range(last, mark.start())
        unit = _repeated_unit("".join(parts), is_word)
        if unit and mark.group()[0] in _VOICED:
            unit = voiced(unit[0]) + unit[1:]
        unit = unit or mark.group()
        parts.append(unit)
        width = mark.end() - mark.start()
        owners += [mark.start() + min(place, width - 1) for place in range(len(unit))]
        last = mark.end()
    parts.append(text[last:])
    owners += range(last, len(text))
    return WrittenOut("".join(parts), owners)


def kana_written_out(text: str) -> str:
    """The text with ゝ ゞ ヽ ヾ after kana as the kana they repeat; same length.

    >>> kana_written_out("こゝろ"), kana_written_out("みすゞ"), kana_written_out("スヽメ"), kana_written_out("づゝ")
    ('こころ', 'みすず', 'ススメ', 'づつ')
    """
    while mark := _KANA_MARK.search(text):
        kana = mark[1]
        if mark[2] in _VOICED:
            kana = voiced(kana)
        elif kana in "づヅ":
            kana = "つ" if kana == "づ" else "ツ"
        text = text[: mark.start() + 1] + kana + text[mark.end() :]
    return text


def han_written_out(text: str, place: int) -> str:
    """The text with the 々 at ``place`` as the character that it repeats: 民主々義 is 民主主義."""
    before = text[:place].rstrip("々")[-1:]
    return text[:place] + (before if before and not before.isspace() else "々") + text[place + 1 :]


def voiced(kana: str) -> str:
    """か as が, は as ば; kana without a voiced form as they are."""
    composed = unicodedata.normalize("NFC", kana + "\u3099")
    return composed if len(composed) == 1 else kana


def _repeated_unit(before: str, is_word: Callable[[str], bool]) -> str:
    """What a 〱 after ``before`` repeats: where doubled a word is, else a short run or one Han."""
    found = _BEFORE_LONG.search(before)
    if not found:
        return ""
    run = found.group()
    for length in range(min(len(run), _LONGEST_UNIT), 1, -1):
        unit = run[-length:]
        if any(map(is_word, (unit + unit, unit + voiced(unit[0]) + unit[1:]))):
            return unit
    if re.match(f"[{HAN}]", run[-1]):
        return "々"
    return run if len(run) <= _LONGEST_PLAIN_UNIT else run[-2:]
