"""Common words of CC-CEDICT, and 地 and 得 in text, as marked text for ``hanmill readings train --words``.

Run from the repository root, after ``benchmarks.segmenter_weights``, whose folder and cut texts it takes:
python -m benchmarks.pinyin_words --work FOLDER --sentences cpp-dev.sent --output FOLDER/words

Of every character that has several readings, the thirty commonest words (by jieba's counts) that hold it, and the
eight commonest of each reading, each twice between characters of sentences of ``--sentences``. Writes ``words.sent``
and ``words.lb``.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from benchmarks.pinyin_particles import marked_particles
from benchmarks.segmenter_sources import DICTIONARIES, cedict_entries, jieba_counts
from benchmarks.segmenter_texts import fetch
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from hanmill.pipelines.training.marked_polyphones import MARK

WORDS_OF_A_CHARACTER, WORDS_OF_A_READING = 30, 8
CONTEXTS = 2
#: Texts of ``benchmarks.segmenter_weights`` that tell and talk.
CUT_TEXTS = ("game.txt", "tatoeba.txt", "hsk.txt", "treebank.txt")
_LEAST_COUNT = 3
#: Their tones follow the next syllable's; CC-CEDICT does not write that, pypinyin does (一个 yi2 ge4).
_SANDHI = "一不"
_AROUND = 3
_SEED = 1
_ENTRY = re.compile(r"\S+ (?P<simplified>[\u4e00-\u9fff]{2,}) \[(?P<pinyin>[^\]]+)\]")
_SYLLABLE = re.compile("[a-zv]+[1-5]")

#: A word and its readings, a character each: ("部分", ("bu4", "fen5")).
Word = tuple[str, tuple[str, ...]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line, fetches the packages and writes the two files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--work", "--sentences", "--output"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args(arguments)
    files = {source.name: fetch(source, options.work) for source in DICTIONARIES}
    sentences = options.sentences.read_text(encoding="utf-8").replace(MARK, "").splitlines()
    dictionary = words(files["cedict"])
    marked = list(marked_words(dictionary, jieba_counts(files["dictionary"]), sentences))
    cut = (line for name in CUT_TEXTS for line in (options.work / name).read_text(encoding="utf-8").splitlines())
    marked += marked_particles(cut, dict(dictionary))
    options.output.with_suffix(".sent").write_text("".join(f"{line}\n" for line, _ in marked), encoding="utf-8")
    options.output.with_suffix(".lb").write_text("".join(f"{label}\n" for _, label in marked), encoding="utf-8")
    print(f"{len(marked):,} places marked")


def words(path: Path) -> list[Word]:
    """The words of the dictionary that have one reading."""
    readings: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for line in cedict_entries(path):
        if entry := _ENTRY.match(line):
            word = entry["simplified"]
            syllables = tuple(entry["pinyin"].lower().replace("u:", "v").split())
            if len(syllables) == len(word) and all(map(_SYLLABLE.fullmatch, syllables)):
                readings[word].add(syllables)
    dictionary = PinyinAnnotator()
    known = set(dictionary.syllables)
    found = []
    for word, alternatives in sorted(readings.items()):
        if len(alternatives) == 1:
            own = [dictionary.syllables[number] for number in dictionary.annotate([word])]
            found.append((word, tuple(map(partial(_storable, known), *alternatives, own))))
    return found


def _storable(known: Collection[str], reading: str, own: str) -> str:
    """A neutral tone that pypinyin knows of no character, and no corpus can hold, is its tone in pypinyin's word."""
    return own if reading not in known and own[:-1] == reading[:-1] else reading


def marked_words(
    words: Sequence[Word], counts: Mapping[str, int], sentences: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Lines with a marked character, and its pinyin with ü as ``u:``."""
    places: dict[str, list[tuple[int, str, int, str]]] = defaultdict(list)
    for word, readings in words:
        for place, (character, reading) in enumerate(zip(word, readings, strict=True)):
            places[character].append((-counts.get(word, 0), word, place, reading))
    draw = random.Random(_SEED)
    for character, found in sorted(places.items()):
        if character in _SANDHI or len({reading for *_, reading in found}) == 1:
            continue
        taken: Counter[str] = Counter()
        common = [item for item in sorted(found) if item[0] <= -_LEAST_COUNT]
        for rank, (_, word, place, reading) in enumerate(common):
            taken[reading] += 1
            if rank < WORDS_OF_A_CHARACTER or taken[reading] <= WORDS_OF_A_READING:
                marked = f"{word[:place]}{MARK}{character}{MARK}{word[place + 1 :]}"
                for _ in range(CONTEXTS):
                    yield _piece(draw, sentences) + marked + _piece(draw, sentences), reading.replace("v", "u:")


def _piece(draw: random.Random, sentences: Sequence[str]) -> str:
    sentence = draw.choice(sentences)
    start = draw.randrange(max(1, len(sentence) - _AROUND))
    return sentence[start : start + _AROUND]


if __name__ == "__main__":
    main()
