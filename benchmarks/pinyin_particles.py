"""地 and 得 in running text that is cut into words, marked as what they are there: particles (de5) or not.

得 alone after a pronoun or 就, 还 and the like and before a verb is must (你 得 走); 地 alone after a word of several
characters is a particle (仔细 地 切开), 得 alone before a word of degree (跑 得 很 快); 得 alone before 了, 到, 过,
奖 and 分 is a verb (得 了 金牌). In longer words they read as the dictionary has them.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pipelines.training.marked_polyphones import MARK

MOST_OF_A_KIND = 1_500
_SEED = 1
_AROUND = 8
_HAN = re.compile("[\u4e00-\u9fff]+")
#: What follows 地 where it is ground: places, and what only nouns go before.
_AFTER_GROUND = frozenset("上下里中的面方和与及是有为在")
_DEGREE_WORDS = (
    "很 太 更 最 非常 比较 那么 这么 十分 极 极其 多么 不 好 多 像 如此 相当 越来越 特别 有点 无比 异常 格外 几乎 直 "
    "连 跟 和 也 都 让 快 慢 清楚 干净"
)
#: 很快, 不错, 太多 are cut as one word too.
_DEGREE_FIRST = frozenset("很太更最极不")
_DEGREE = frozenset(_DEGREE_WORDS.split(" "))
#: 不得不, 就得: no complement follows.
_BEFORE_MUST = frozenset("不也就才都会要能可该必只")
_MUST_AFTER = frozenset(
    [
        "你",
        "我",
        "他",
        "她",
        "它",
        "您",
        "咱",
        "谁",
        "你们",
        "我们",
        "他们",
        "她们",
        "咱们",
        "大家",
        "人家",
        "总",
        "还",
        "就",
        "也",
        "都",
        "可",
        "非",
        "只",
        "又",
        "必",
        "准",
        "那",
        "这",
        "先",
        "今天",
        "明天",
        "孩子",
    ]
)
_NO_VERB = frozenset("的是不我你他她它这那一两三几多个癌病分奖来")
_AFTER_VERB = frozenset("了到过奖分出以")


def marked_particles(lines: Iterable[str], words: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Lines with a marked character, and its pinyin; ``lines`` hold words with spaces between, ``words`` readings."""
    kinds: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in lines:
        tokens = line.split()
        for index in range(1, len(tokens) - 1):
            before, token, after = tokens[index - 1 : index + 2]
            place = next((place for place, character in enumerate(token) if character in "地得"), -1)
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
    if token == "地":
        return "de5" if len(before) > 1 and after not in _AFTER_GROUND else ""
    of_degree = after in _DEGREE or (len(after) > 1 and after[0] in _DEGREE_FIRST)
    if before in _MUST_AFTER and not of_degree and after[0] not in _AFTER_VERB and after[0] not in _NO_VERB:
        return "dei3"
    if of_degree and before not in _BEFORE_MUST:
        return "de5"
    return "de2" if after in _AFTER_VERB else ""
