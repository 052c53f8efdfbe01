"""How many of a dictionary's 40,000 commonest words are read right, alone and in sentences, in both scripts.

python -m benchmarks.pinyin_score --work FOLDER

A word counts as often as jieba's dictionary has met it, and is right with any reading that CC-CEDICT or the modern
and the idioms' dictionary of pypinyin-dict 0.9.0 give it; whether a tone is neutral does not count. Most of these
words have been learnt from: the score says what is spoilt, not how new words fare.
"""

from __future__ import annotations

import argparse
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pinyin_dictionary import SANDHI, Reading, entries, neutral
from benchmarks.segmenter_sources import DICTIONARIES, jieba_counts
from benchmarks.segmenter_texts import Source, fetch
from hanmill.pipelines.annotate.pinyin.context import ContextPinyin, pinyin_annotator
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from hanmill.pipelines.annotate.segmenters import Segmenters
from hanmill.schemas.recipe import ReadingsRecipe, SegmentRecipe

WORDS = 40_000
FRAMES = ("{}", "他说{}。", "{}的意思，", "还有{}和别的")
_TRADITIONAL = str.maketrans("说还别", "說還別")
_OTHERS = Source(
    "readings",
    "pypinyin-dict==0.9.0",
    "pypinyin_dict-0.9.0-py2.py3-none-any.whl",
    "10cfbe40af87d704b867533177be8cd72837da9e224755dd275798e88097067a",
    "MIT; its data by their own sites' terms: measured on, kept nowhere",
    lambda _: (),
)
_OTHER_TABLES = re.compile(r"pypinyin_dict/phrase_pinyin_data/zdic_c[iy]bs_\d+\.py")
_ENTRY = re.compile(r"^ *'(?P<word>[^']+)': \[(?P<readings>.*)\],$", re.MULTILINE)
_FIRST_READING = re.compile(r"\['([^']+)'")
_TONES = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}


@dataclass(frozen=True, slots=True)
class Word:
    """A word in both scripts, how often it is met, and its readings."""

    simplified: str
    traditional: str
    count: int
    readings: frozenset[Reading]


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the share of each reader, frame and script, and the commonest words that ``context`` reads wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    words = common_words(parser.parse_args(arguments).work)
    several = polyphones(words)
    polyphonic = [word for word in words if several & set(word.simplified)]
    segmenter = Segmenters(SegmentRecipe()).of("zh")
    print(f"{len(words):,} words, {len(polyphonic):,} of them with polyphones")
    for name in ("pypinyin", "context"):
        annotator = pinyin_annotator(ReadingsRecipe(chinese=name), segmenter)
        wrong: Counter[tuple[str, str]] = Counter()
        for traditional in (False, True):
            shares = []
            for frame in FRAMES:
                found = read(annotator, polyphonic, frame, traditional=traditional)
                share = 0
                for word, reading in zip(polyphonic, found, strict=True):
                    if accepted(word, reading):
                        share += word.count
                    else:
                        wrong[word.simplified, " ".join(reading)] += word.count
                rest = sum(word.count for word in words) - sum(word.count for word in polyphonic)
                shares.append((share + rest) / sum(word.count for word in words))
            print(
                f"{name:9} {'traditional' if traditional else 'simplified':12}", *(f"{share:.4f}" for share in shares)
            )
        print("  ", *(f"{word} {reading}" for (word, reading), _ in wrong.most_common(30)), sep="; ")


def common_words(work: Path) -> list[Word]:
    """The commonest words of CC-CEDICT, of two to four characters."""
    counts = jieba_counts(fetch(next(source for source in DICTIONARIES if source.name == "dictionary"), work))
    cedict = entries(fetch(next(source for source in DICTIONARIES if source.name == "cedict"), work))
    others = other_readings(fetch(_OTHERS, work))
    chosen = sorted((-counts.get(word, 0), word) for word in cedict if 2 <= len(word) <= 4)[:WORDS]
    return [
        Word(
            word,
            min(min(traditional) for traditional in cedict[word].values()),
            -count,
            frozenset(cedict[word]) | others.get(word, frozenset()),
        )
        for count, word in chosen
    ]


def polyphones(words: Sequence[Word]) -> set[str]:
    """Characters that have several readings in these words."""
    readings: dict[str, set[str]] = {}
    for word in words:
        for reading in word.readings:
            for character, syllable in zip(word.simplified, reading, strict=True):
                readings.setdefault(character, set()).add(syllable)
    return {character for character, found in readings.items() if len(found) > 1}


def read(
    annotator: PinyinAnnotator | ContextPinyin, words: Sequence[Word], frame: str, *, traditional: bool
) -> list[Reading]:
    """The syllables of every word in a frame."""
    if traditional:
        frame = frame.translate(_TRADITIONAL)
    start = frame.index("{")
    texts = [frame.format(word.traditional if traditional else word.simplified) for word in words]
    ids = iter(annotator.annotate(texts).tolist())
    lines = [[annotator.syllables[next(ids)] for _ in text] for text in texts]
    return [tuple(line[start : start + len(word.simplified)]) for line, word in zip(lines, words, strict=True)]


def accepted(word: Word, found: Reading) -> bool:
    """Whether a reading is one of the word's."""
    return any(
        all(
            character in SANDHI or mine == given or neutral(mine, given) or (character == "儿" and given == "r5")
            for character, mine, given in zip(word.simplified, found, reading, strict=True)
        )
        for reading in word.readings
    )


def other_readings(path: Path) -> Mapping[str, frozenset[Reading]]:
    """Words and the readings that other dictionaries give them."""
    found: dict[str, set[Reading]] = {}
    with zipfile.ZipFile(path) as wheel:
        for name in filter(_OTHER_TABLES.fullmatch, wheel.namelist()):
            for word, reading in _assigned(wheel.read(name).decode()):
                if len(word) == len(reading):
                    found.setdefault(word, set()).add(reading)
    return {word: frozenset(readings) for word, readings in found.items()}


def _assigned(source: str) -> Iterator[tuple[str, Reading]]:
    """The entries of the dictionary that a module of Python assigns, a line each; the module is not run."""
    for entry in _ENTRY.finditer(source):
        yield entry["word"], tuple(map(_numbered, _FIRST_READING.findall(entry["readings"])))


def _numbered(marked: str) -> str:
    letters = unicodedata.normalize("NFD", marked)
    tone = next((_TONES[letter] for letter in letters if letter in _TONES), "5")
    plain = "".join(letter for letter in letters if letter not in _TONES)
    return unicodedata.normalize("NFC", plain).replace("ü", "v") + tone


if __name__ == "__main__":
    main()
