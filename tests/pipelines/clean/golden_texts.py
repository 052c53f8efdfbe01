"""Texts of the golden tables, each at the edge of something a measure counts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hanmill.pipelines.text.tsv import read_tsv

PROSE = (
    "入秋以后水位回落，停了三个月的江心渡口在周五晚上重新开船。第一班船载着二十七名乘客，大多是下班回家的工人。\n"
    "船长老赵在这条航线上开了十九年船。他说，桥通车以后坐船的人少了，可是住在北岸的老人还是习惯走水路。"
)
JAPANESE = (
    "山あいの小さな駅には、一日に五本しか列車が止まらない。駅員はいないが、待合室はいつもきれいに掃除されている。\n"
    "「誰かが待っているかもしれないから」と中村さんは言う。"
)
TRADITIONAL = (
    "颱風在凌晨登陸，風雨持續了六個小時。天亮以後，巷子裡到處是斷掉的樹枝和掀開的鐵皮。里長帶著鄰居們清理水溝。"
)

_WORDS = (
    "渡口",
    "列車",
    "自動販売機",
    "的人",
    "今天",
    "掃除",
    "巷子裡",
    "重新开船",
    "、",
    "。",
    "は",
    "を",
    "了",
    "是",
)


def shuffled_words(count: int) -> str:
    """Words in an order that a linear congruence gives: every level of deflate makes another size of it."""
    state, words = 1, []
    for _ in range(count):
        state = (state * 1_103_515_245 + 12_345) % (1 << 31)
        words.append(_WORDS[(state >> 16) % len(_WORDS)])
    return "".join(words)


TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "empty": "",
        "chinese": PROSE,
        "traditional": TRADITIONAL,
        "japanese": JAPANESE,
        "korean": "바닷가 마을의 아침은 배가 들어오는 소리로 시작된다. 오늘은 날씨가 좋다.",
        "english": "The harbour wakes before the town does.  It has done so for 400 years.",
        "mixed": "用 Python 3.12 写的 parser，支持 nested quotation marks，报告 column 位置。ＡＢＣ１２３ｶﾀｶﾅ",
        "converted": "請點擊屏幕右上角，登錄服務器後可以設置默認的短信，數據庫的鏈接會爲用戶打印信息。",
        # One line for each mark that ends a sentence, for each closing mark behind one, and some that end none.
        "ends": "\n".join(
            [f"句{mark}" for mark in "。！？…．.!?︒﹖﹗｡‥」』”｣，、：；—~"]
            + [f"句。{mark}" for mark in "」』”’）)】》〉］]\"'»｣〕〗›♪%"]
            + [f"「句{mark}」" for mark in "。！？"]
        ),
        # Lines of nine, ten, eleven and twelve characters.
        "lengths": "\n".join("一二三四五六七八九十甲乙"[:length] for length in (1, 9, 10, 11, 12)),
        "bullets": "\n".join(
            [f"{mark} 项目" for mark in "•・·●○◆◇■□▪▫★☆※▶►❯➤→*-–—✓✔|#"]
            + [
                "1.项目",
                "12)项目",
                "123、项目",
                "1234.项目",
                "１．项目",
                "3．项目",
                "（4）项目",
                "(五)项目",
                "⑥项目",
                "七、项目",
            ]
            + ["a.项目", "B)项目", "1.5倍", "1.項目です。", "・項目です。", "十一、项目", "(1234)项目", "㉑项目"]
        ),
        "ellipses": "\n".join(
            f"未完{mark}" for mark in ("…", "...", "・・・", "。。。", "‥", "．．．", "..", "。", "……", "~")
        ),
        "sentences": "短。短短！短短短？short one. Long enough, 3.5 times…… 終わり︒了﹖了﹗了｡「引用。」次の文．"
        "最後！？\n末行",
        "noise": "".join(word for (word,) in read_tsv("hanmill.pipelines.clean.measures", "noise_words.tsv", 1))
        + PROSE,
        "term_8": "自動販売機" * 8 + PROSE,
        "term_9": "自動販売機甲" * 9 + PROSE,
        "repeated": "\n".join(["市政府昨日宣布新的交通計畫。", "球隊在最後一刻逆轉獲勝。"] * 3),
        "spam": "特价手机壳，点击购买，全国包邮！" * 14,
        "run": "開始" + "＝" * 60 + "結束 " + "a" * 61,
        # Measures of repetition look at the first 200,000 characters; the rest would change each of them.
        "long": "".join(chr(0x4E00 + (place * 7919) % 20902) for place in range(200_000)) + "囧" * 4_000,
        "shuffled": shuffled_words(1500),
        "page": "买手机壳 http SALE wholesale T恤s 送料無料。" + PROSE,
    }
)
