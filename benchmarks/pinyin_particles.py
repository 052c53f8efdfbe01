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
_NUMERALS = frozenset("一二三四五六七八九十百千万两几数多余半0123456789")
_DEMONSTRATIVES = frozenset("这 那 哪 每 各 某 整".split())
_AFTER_ONLY = frozenset("是 有 能 会 要 想 好 不 在 可 得 需 用 为 剩 见 听 管 求 限 供".split())
#: For whom: 为 is a preposition; what something is or becomes: it is a verb.
_FOR = frozenset(
    "我 你 他 她 它 您 谁 我们 你们 他们 她们 它们 咱们 自己 大家 人 别人 人民 群众 国家 祖国 社会 农民 孩子 孩子们 人类 世界 全国 企业 "
    "居民 市民 职工 学生 读者 观众 顾客 用户 客户 消费者 百姓 老百姓 人们 此 之 什么 何 实现 解决 保护 保证 确保 维护 加强 促进 推动 "
    "适应 避免 防止 满足 提高 完成 纪念 庆祝 保障 争取 改善 配合 了解 使 让 救 钱 名 国 民 党".split()
)
_BECOMES = frozenset(
    "改 定 设 称 译 分 列 评 选 命名 更名 易名 改名 视 誉 任命 确定 认定 指定 变 转变 转化 发展 建设 建 作 合并 划分 简称 均 皆 即 则 乃 "
    "实 约 达 面积 人口 总数 海拔 价格 年龄 长度 温度 时间 人数 总额 编 改编 尊 奉 封 立 取名 起名 名 字 号 多 少 分别 主要 原 原名 "
    "当选 推选 推举 评选 升级 升 降 换 折合 读 写 解释 理解 界定 定义 称之 引以 视之 本 全称 别名 俗称".split()
)
_IS_WHAT = frozenset(
    "例 标准 目标 主 准 中心 基础 核心 重点 目的 对象 己任 由 首 原则 依据 手段 代表 主题 单位 限 荣 本 主体 主导 前提 条件 内容 特征 根据 "
    "龙头 骨干 纽带 契机 师 友 敌 邻 伴 生 乐 家 王 帝 后 妻 官".split()
)
_AFTER_VERB = frozenset("了到过奖分出以")


def marked_particles(lines: Iterable[str], words: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Lines with a marked character, and its pinyin; ``lines`` hold words with spaces between, ``words`` readings."""
    kinds: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in lines:
        tokens = line.split()
        for index in range(1, len(tokens) - 1):
            before, token, after = tokens[index - 1 : index + 2]
            place = next((place for place, character in enumerate(token) if character in "地得为只"), -1)
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
    if token == "只":
        counted = before[-1] in _NUMERALS or before in _DEMONSTRATIVES
        return "zhi1" if counted and after not in _AFTER_ONLY else "" if counted else "zhi3"
    if token == "地":
        return "de5" if len(before) > 1 and after not in _AFTER_GROUND else ""
    of_degree = after in _DEGREE or (len(after) > 1 and after[0] in _DEGREE_FIRST)
    if before in _MUST_AFTER and not of_degree and after[0] not in _AFTER_VERB and after[0] not in _NO_VERB:
        return "dei3"
    if of_degree and before not in _BEFORE_MUST:
        return "de5"
    return "de2" if after in _AFTER_VERB else ""


def _of_wei(before: str, after: str) -> str:
    if before in _BECOMES or after in _IS_WHAT or after[0] in _NUMERALS:
        return "wei2"
    return "wei4" if after in _FOR else ""
