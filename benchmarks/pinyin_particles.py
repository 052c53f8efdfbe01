"""地 and 得 in running text that is cut into words, marked as what they are there: particles (de5) or not.

着 and 了 alone are particles (看 着 书, 吃 了 饭) but where something is reached (睡 着 了, 吃 不 了);
得 alone after a pronoun or 就, 还 and the like and before a verb is must (你 得 走); 地 alone after a word of several
characters is a particle (仔细 地 切开), 得 alone before a word of degree (跑 得 很 快); 得 alone before 了, 到, 过,
奖 and 分 is a verb (得 了 金牌). In longer words they read as the dictionary has them.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from hanmill.pipelines.training.marked_polyphones import MARK

MOST_OF_A_KIND = 1_500
_SEED = 1
_AROUND = 8
_HAN = re.compile("[\u4e00-\u9fff]+")
#: What follows 地 where it is ground: places, and what only nouns go before.
_AFTER_GROUND = frozenset("上下里中的面方和与及是有为在")
#: 很快, 不错, 太多 are cut as one word too.
_DEGREE_FIRST = frozenset("很太更最极不")
#: 不得不, 就得: no complement follows.
_BEFORE_MUST = frozenset("不也就才都会要能可该必只")
_NO_VERB = frozenset("的是不我你他她它这那一两三几多个癌病分奖来")
_NUMERALS = frozenset("一二三四五六七八九十百千万两几数多余半0123456789")
_AFTER_VERB = frozenset("了到过奖分出以")
_PARTICLES = frozenset("地得为只着了")
#: 睡 着 了, 够 不 着, 着 火: no particle.
_REACHED_BEFORE, _REACHED_AFTER = frozenset("不得没睡点烧找猜打逮够碰摸"), frozenset("火急凉迷慌魔忙了")


@cache
def _words(kind: str) -> frozenset[str]:
    """The words of a kind in ``particles.tsv``."""
    lines = Path(__file__).with_name("particles.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return frozenset(word for name, word in rows if name == kind)


def marked_particles(lines: Iterable[str], words: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Lines with a marked character, and its pinyin; ``lines`` hold words with spaces between, ``words`` readings.

    Words that have several readings (穿着) should not be among ``words``.
    """
    kinds: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in lines:
        tokens = line.split()
        for index in range(1, len(tokens) - 1):
            before, token, after = tokens[index - 1 : index + 2]
            place = next((place for place, character in enumerate(token) if character in _PARTICLES), -1)
            if place < 0 or not (_HAN.fullmatch(before) and _HAN.fullmatch(after)):
                continue
            reading = _alone(before, token, after) if len(token) == 1 else words.get(token, ("",) * len(token))[place]
            if reading:
                left = "".join(tokens[:index])[-_AROUND:] + token[:place]
                right = token[place + 1 :] + "".join(tokens[index + 1 :])[:_AROUND]
                kind = f"{token[place]}{reading}{len(token) > 1}"
                kinds[kind].append((f"{left}{MARK}{token[place]}{MARK}{right}", reading))
    draw = random.Random(_SEED)
    for _, marked in sorted(kinds.items()):
        draw.shuffle(marked)
        yield from marked[:MOST_OF_A_KIND]


def _alone(before: str, token: str, after: str) -> str:
    if token == "为":
        return _of_wei(before, after)
    if token == "着":
        return "" if before[-1] in _REACHED_BEFORE or after[0] in _REACHED_AFTER else "zhe5"
    if token == "了":
        return "" if before[-1] in "不得" else "le5"
    if token == "只":
        counted = before[-1] in _NUMERALS or before in _words("demonstrative")
        return "zhi1" if counted and after not in _words("after_only") else "" if counted else "zhi3"
    if token == "地":
        return "de5" if len(before) > 1 and after not in _AFTER_GROUND else ""
    of_degree = after in _words("degree") or (len(after) > 1 and after[0] in _DEGREE_FIRST)
    if before in _words("must_after") and not of_degree and after[0] not in _AFTER_VERB and after[0] not in _NO_VERB:
        return "dei3"
    if of_degree and before not in _BEFORE_MUST:
        return "de5"
    return "de2" if after in _AFTER_VERB else ""


def _of_wei(before: str, after: str) -> str:
    if before in _words("becomes") or after in _words("is_what") or after[0] in _NUMERALS:
        return "wei2"
    return "wei4" if after in _words("for_whom") else ""
