"""Exact match and F1 of answers, by the rules of SQuAD, of JSQuAD and of CMRC 2018."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

#: What CMRC's script passes over: signs one by one. It names … twice in a row, which no single character equals.
_CMRC_SIGNS = frozenset("-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")
_CMRC_HAN = re.compile("[\u4e00-\u9fa5]")
_ARTICLES = re.compile(r"\b(a|an|the)\b")
#: Where the Penn Treebank cuts: signs, the dot at the end, clitics.
_TREEBANK = re.compile(
    r"\.\.\.|--|[;@#$%&?!\[\](){}<>\"]|``|''|,(?!\d)|:(?!\d)|\.(?=[\"')\]}>]*\s*$)|'(?:s|m|d|ll|re|ve)\b|n't\b|'(?=\s|$)"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """``exact`` and ``f1`` of a found answer against one right one."""

    exact: Callable[[str, str], float]
    f1: Callable[[str, str], float]


def score_answers(gold: Mapping[str, Sequence[str]], found: Mapping[str, str], rule: str) -> dict[str, float]:
    """Means over questions of the best over their right answers, from 0 to 1. A question without right answers is
    answered rightly by an empty one. ``rule`` is one of RULES.
    """
    exact = f1 = 0.0
    chosen = RULES[rule]
    for identifier, answers in gold.items():
        mine = found.get(identifier, "")
        if not answers:
            exact += not mine
            f1 += not mine
            continue
        exact += max(chosen.exact(mine, answer) for answer in answers)
        f1 += max(chosen.f1(mine, answer) for answer in answers)
    total = max(1, len(gold))
    return {"exact": exact / total, "f1": f1 / total}


def squad_words(text: str) -> list[str]:
    """Lower case, ASCII punctuation and English articles off, words between white space (SQuAD 1.1)."""
    plain = "".join(character for character in text.lower() if character not in string.punctuation)
    return _ARTICLES.sub(" ", plain).split()


def cmrc_units(text: str) -> list[str]:
    """Han and certain signs one by one, the signs left out; all else in words as NLTK's tokeniser cuts them."""
    units: list[str] = []
    other = ""
    for character in text.lower().strip():
        if character in _CMRC_SIGNS:
            continue
        if _CMRC_HAN.match(character):
            units += _treebank(other)
            units.append(character)
            other = ""
        else:
            other += character
    return units + _treebank(other)


def _treebank(text: str) -> list[str]:
    return _TREEBANK.sub(lambda match: f" {match[0]} ", text).split() if text else []


def _bag_f1(first: Sequence[str], second: Sequence[str]) -> float:
    if not first or not second:
        return float(first == second)
    same = sum((Counter(first) & Counter(second)).values())
    return 2 * same / (len(first) + len(second))


def _squad_exact(found: str, answer: str) -> float:
    return float(squad_words(found) == squad_words(answer))


def _squad_f1(found: str, answer: str) -> float:
    return _bag_f1(squad_words(found), squad_words(answer))


def _jsquad_f1(found: str, answer: str) -> float:
    """JGLUE's: of characters after SQuAD's normalisation."""
    return _bag_f1(list("".join(squad_words(found))), list("".join(squad_words(answer))))


def _cmrc_exact(found: str, answer: str) -> float:
    return float(_without_signs(found) == _without_signs(answer))


def _without_signs(text: str) -> str:
    return "".join(character for character in text.lower().strip() if character not in _CMRC_SIGNS)


def _cmrc_f1(found: str, answer: str) -> float:
    """By the longest common run of units."""
    mine, right = cmrc_units(found), cmrc_units(answer)
    longest = _longest_common_run(right, mine)
    return 2 * longest / (len(mine) + len(right)) if longest else 0.0


def _longest_common_run(first: Sequence[str], second: Sequence[str]) -> int:
    best = 0
    before = [0] * (len(second) + 1)
    for unit in first:
        row = [0] * (len(second) + 1)
        for place, other in enumerate(second):
            if unit == other:
                row[place + 1] = before[place] + 1
                best = max(best, row[place + 1])
        before = row
    return best


RULES: dict[str, Rule] = {
    "squad": Rule(_squad_exact, _squad_f1),
    "jsquad": Rule(_squad_exact, _jsquad_f1),
    "cmrc": Rule(_cmrc_exact, _cmrc_f1),
}
