"""Words of CC-CEDICT, particles and others told by rule, text read by a teacher, contexts: learnt beside CPP.

Run from the repository root, after ``benchmarks.segmenter_weights``, whose folder and cut texts it takes:
python -m benchmarks.pinyin_words --work FOLDER --sentences cpp-dev.sent --output FOLDER/words

Of every character that has several readings, the sixty commonest words (by jieba's counts) that hold it, and the
twenty commonest of each reading, each alone on a line and between characters of sentences of ``--sentences``. Writes
``words.sent`` and ``words.lb`` for ``hanmill readings train --words``.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.pinyin_contexts import marked_contexts
from benchmarks.pinyin_dictionary import SANDHI, Reading, entries, plain, storable
from benchmarks.pinyin_particles import marked_particles
from benchmarks.pinyin_teacher import free_sentences, marked_text
from benchmarks.pinyin_told import marked_told
from benchmarks.segmenter_sources import DICTIONARIES, jieba_counts
from benchmarks.segmenter_texts import fetch
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from hanmill.pipelines.annotate.pinyin.text_reader import uncertain_words, word_readings
from hanmill.pipelines.training.marked_polyphones import MARK

WORDS_OF_A_CHARACTER, WORDS_OF_A_READING = 60, 20
#: Texts of ``benchmarks.segmenter_weights`` that tell and talk.
CUT_TEXTS = ("game.txt", "tatoeba.txt", "hsk.txt", "treebank.txt")
_LEAST_COUNT = 3
_AROUND = 3
_SEED = 1

#: A word and its readings, a character each: ("部分", ("bu4", "fen5")).
Word = tuple[str, Reading]


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line, fetches the packages and writes the two files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--work", "--sentences", "--output"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args(arguments)
    files = {source.name: fetch(source, options.work) for source in DICTIONARIES}
    by_hand = options.sentences.read_text(encoding="utf-8").splitlines()
    sentences = [sentence.replace(MARK, "") for sentence in by_hand]
    dictionary = words(files["cedict"])
    marked = list(marked_words(dictionary, jieba_counts(files["dictionary"]), sentences))
    cut = (line for name in CUT_TEXTS for line in (options.work / name).read_text(encoding="utf-8").splitlines())
    marked += marked_particles(cut, {word: each for word, each in dictionary if word not in uncertain_words()})
    marked += marked_told(free_sentences(options.work))
    marked += marked_text(options.work, by_hand, agreed(dictionary))
    marked += marked_contexts()
    options.output.with_suffix(".sent").write_text("".join(f"{line}\n" for line, _ in marked), encoding="utf-8")
    options.output.with_suffix(".lb").write_text("".join(f"{label}\n" for _, label in marked), encoding="utf-8")
    print(f"{len(marked):,} places marked")


def words(path: Path) -> list[Word]:
    """The words of the dictionary that have one reading, and those put right by hand."""
    dictionary = PinyinAnnotator()
    by_hand = word_readings()
    return [
        (word, by_hand.get(word) or storable(word, *readings, plain(word, dictionary)))
        for word, readings in sorted(entries(path).items())
        if len(word) > 1 and (len(readings) == 1 or word in by_hand)
    ]


def agreed(words: Sequence[Word]) -> dict[str, Reading]:
    """Words that pypinyin reads as the dictionary does, and those put right by hand."""
    dictionary, by_hand = PinyinAnnotator(), word_readings()
    phrases = dictionary.spelled()
    return {
        word: reading
        for word, reading in words
        if word in by_hand or (word in phrases and plain(word, dictionary) == reading)
    }


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
        if character in SANDHI or len({reading for *_, reading in found}) == 1:
            continue
        taken: Counter[str] = Counter()
        common = [item for item in sorted(found) if item[0] <= -_LEAST_COUNT]
        for rank, (_, word, place, reading) in enumerate(common):
            taken[reading] += 1
            if rank < WORDS_OF_A_CHARACTER or taken[reading] <= WORDS_OF_A_READING:
                marked = f"{word[:place]}{MARK}{character}{MARK}{word[place + 1 :]}"
                yield marked, reading.replace("v", "u:")
                yield _piece(draw, sentences) + marked + _piece(draw, sentences), reading.replace("v", "u:")


def _piece(draw: random.Random, sentences: Sequence[str]) -> str:
    sentence = draw.choice(sentences)
    start = draw.randrange(max(1, len(sentence) - _AROUND))
    return sentence[start : start + _AROUND]


if __name__ == "__main__":
    main()
