"""Where UniDic's readings are put right: a small table of words in their context.

The dictionary knows most of these readings, but its costs choose others. Sources: 常用漢字表 (内閣告示, 2010), its
table (私 ワタシ, 何 ナニ) and its appendix (付表: お母さん, お父さん, 兄さん, 姉さん); 大辞林 for compounds (会社, 日,
方, 所) and idioms (気に入る); 現代仮名遣い (内閣告示, 1986) for the spelling of 言う.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_KANA_RANGES = "\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\u31f0-\u31ff"
_HAN_RANGES = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = re.compile(f"[{_KANA_RANGES}]+")
_READABLE = re.compile(f"[{_KANA_RANGES}{_HAN_RANGES}]")

#: What a word before or after may be, beside its spelling.
NUMBER, NAME, NOUN, OTHER = "<number>", "<name>", "<noun>", "<other>"


#: Spelling and kind of a word, ("", "") beyond an edge.
Neighbour = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Correction:
    """``wrong`` (the beginning of the dictionary's reading) becomes ``right`` between certain words.

    ``before`` and ``after`` hold spellings or the kinds above, empty for anything, ``not_before`` what excludes;
    ``second_before`` and ``second_after`` are the same one word further.
    """

    wrong: str
    right: str
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    not_before: frozenset[str] = frozenset()
    second_before: frozenset[str] = frozenset()
    second_after: frozenset[str] = frozenset()


def is_kana(word: str) -> bool:
    """Whether a word is written in kana alone, and so reads as it is written."""
    return _KANA.fullmatch(word) is not None


def takes_reading(word: str) -> bool:
    """Whether a word holds kana or Han; digits, Latin letters and symbols stay as they are."""
    return _READABLE.search(word) is not None


def corrected(surface: str, reading: str, before: Sequence[Neighbour], after: Sequence[Neighbour]) -> str:
    """The reading of a word; ``before`` and ``after`` are its two neighbours on each side, the nearer first."""
    for rule in CORRECTIONS.get(surface, ()):
        if (
            reading.startswith(rule.wrong)
            and _fits(rule.before, before[0])
            and _fits(rule.after, after[0])
            and _fits(rule.second_before, before[1])
            and _fits(rule.second_after, after[1])
            and rule.not_before.isdisjoint(before[0])
        ):
            return rule.right + reading[len(rule.wrong) :]
    return reading


def _fits(wanted: frozenset[str], neighbour: Neighbour) -> bool:
    return not wanted or not wanted.isdisjoint(neighbour)


_HONORIFIC = frozenset({"さん", "ちゃん", "さま", "様"})
_POLITE = frozenset({"お", "御"})


def _set(*words: str) -> frozenset[str]:
    return frozenset(words)


CORRECTIONS: Mapping[str, tuple[Correction, ...]] = {
    "私": (Correction("ワタクシ", "ワタシ"),),
    "日本": (Correction("ニッポン", "ニホン"),),
    "言う": (Correction("ユウ", "イウ"),),
    "藤原": (Correction("フジハラ", "フジワラ"),),
    "母": (Correction("ハハ", "カア", after=_HONORIFIC),),
    "父": (Correction("チチ", "トウ", after=_HONORIFIC),),
    "兄": (Correction("アニ", "ニイ", after=_HONORIFIC),),
    "姉": (Correction("アネ", "ネエ", after=_HONORIFIC),),
    "祖父": (Correction("ソフ", "ジイ", before=_POLITE, after=_HONORIFIC),),
    "祖母": (Correction("ソボ", "バア", before=_POLITE, after=_HONORIFIC),),
    "何": (Correction("ナン", "ナニ", after=_set("が", "を", "も", "か", "に", "から", "より", "まで", "ら")),),
    "人": (
        Correction(
            "ニン",
            "ジン",
            before=_set(
                NAME,
                "外国",
                "自然",
                "社会",
                "現代",
                "近代",
                "芸能",
                "知識",
                "宇宙",
                "原始",
                "民間",
                "著名",
                "有名",
                "文化",
                "財界",
            ),
        ),
    ),
    "前": (Correction("マエ", "ゼン", before=_set("紀元")),),
    "話": (Correction("ハナシ", "ワ", before=_set(NUMBER)),),
    "生": (Correction("ナマ", "セイ", after=_set("化学")),),
    "頃": (
        Correction(
            "コロ", "ゴロ", before=_set(NUMBER, "年", "月", "日", "時", "分", "世紀", "年代", "時代", "末", "半ば")
        ),
    ),
    "家": (
        Correction("カ", "ケ", before=_set(NAME)),
        Correction("ヤ", "ケ", before=_set(NAME)),
        Correction("イエ", "ケ", before=_set(NAME)),
    ),
    "川": (Correction("カワ", "ガワ", before=_set(NAME)),),
    "会社": (Correction("カイシャ", "ガイシャ", before=_set(NOUN)),),
    "所": (
        Correction(
            "ショ",
            "ジョ",
            before=_set(
                "収容",
                "造船",
                "停留",
                "休憩",
                "研究",
                "養成",
                "試験",
                "訓練",
                "診療",
                "案内",
                "避難",
                "託児",
                "相談",
                "販売",
                "検問",
                "観測",
                "保健",
                "洗面",
            ),
        ),
    ),
    "日": (Correction("ヒ", "ビ", before=_set(NOUN, "月曜", "火曜", "水曜", "木曜", "金曜", "土曜", "日曜")),),
    "方": (
        Correction("ホウ", "ガタ", before=_set("先生", "あなた", "貴方", "皆様", "奥様")),
        Correction("カタ", "ガタ", before=_set("先生", "あなた", "貴方", "皆様", "奥様")),
    ),
    "後": (
        Correction("アト", "ゴ", before=_set("その")),
        Correction("ゴ", "アト", before=_set("この")),
        Correction("アト", "ノチ", before=_set("", "は", "が", "、", "。", "（", "("), after=_set("に")),
    ),
    "他": (Correction("タ", "ホカ", after=_set("の", "に", "、", ","), not_before=_set("その")),),
    "杯": (Correction("バイ", "ハイ", not_before=_set(NUMBER)),),
    "入り": (Correction("ハイ", "イ", before=_set("に"), second_before=_set("気")),),
    "入っ": (Correction("ハイ", "イ", before=_set("に"), second_before=_set("気")),),
    "入る": (Correction("ハイ", "イ", before=_set("に"), second_before=_set("気")),),
    "入ら": (Correction("ハイ", "イ", before=_set("に"), second_before=_set("気")),),
    "分": (Correction("フン", "ブン", before=_set(NUMBER), after=_set("の"), second_after=_set(NUMBER)),),
    "日間": (Correction("ニチ", "ジツ", before=_set("数")),),
    "達": (Correction("トオル", "タチ"),),
}
