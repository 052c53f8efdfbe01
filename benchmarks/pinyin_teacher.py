"""Polyphones in free text as a neural reader reads them, for the ``context`` model to learn beside marked sentences.

The teacher is g2pM 0.1.2.5 (Park and Lee 2020, Apache-2.0), a small LSTM with its weights in its package. It runs in
the environment of the segmenter's teacher, which has numpy, as a process of its own: its weights are pickles. Here its
sentences go through in batches; on CPP's development set its answers are those of its own program.
"""

from __future__ import annotations

import random
import re
import subprocess
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.pinyin_told import told
from benchmarks.segmenter_texts import Source, fetch
from benchmarks.segmenter_weights import teacher as python_of_the_teacher
from hanmill.pipelines.annotate.chinese.segmenter import ChineseSegmenter
from hanmill.pipelines.text.simplified_form import SimplifiedForm
from hanmill.pipelines.training.marked_polyphones import MARK
from hanmill.schemas.recipe import SegmentRecipe

#: Texts of ``benchmarks.segmenter_weights``, and how many of their lines are taken: one in so many.
TEXTS = {"game": 1, "tatoeba": 1, "hsk": 1, "treebank": 1, "laws": 3, "opinions": 4}
#: Of a character so many places, its readings as often as they are met but no fewer than the least.
MOST_OF_A_CHARACTER, LEAST_OF_A_READING = 500, 40
MOST_OF_A_CHARACTER_IN_WORDS, LEAST_OF_A_READING_IN_WORDS = 300, 100
#: The teacher reads them no better than their commonest reading (为 wei2 in 为人民服务); rules and words teach them.
NOT_TAUGHT = frozenset("为应少得地没要只给都会难当将了的着过")
LEAST_CHANCE = 0.6
#: Of equal neighbours so many.
_MOST_ALIKE = 6
_SHORTEST, _LONGEST = 4, 120
_SENTENCE = re.compile("[^。！？]*[。！？]*")
_SEED = 1
G2PM = Source(
    "g2pm",
    "g2pM==0.1.2.5",
    "g2pM-0.1.2.5-py3-none-any.whl",
    "9e920b82df4002f96d8679720c7a858d10816d438dbd61b8b6b621a80a976361",
    "Apache-2.0",
    lambda _: (),
)
_READ = """
import pickle
import sys
from pathlib import Path

import numpy as np

def load(name):
    return pickle.loads(Path(sys.argv[1], name).read_bytes())

readings, characters, classes = load("digest_cedict.pkl"), load("char2idx.pkl"), load("class2idx.pkl")
names = {number: name for name, number in classes.items()}
weights = {name: np.asarray(value, np.float32) for name, value in load("np_ckpt.pkl").items()}

def sigmoid(values):
    return 1 / (1 + np.exp(-values))

def lstm(ids, suffix):
    gates = weights["embedding.weight"][ids] @ weights["lstm.weight_ih_l0" + suffix].T
    gates += weights["lstm.bias_ih_l0" + suffix] + weights["lstm.bias_hh_l0" + suffix]
    recurrent = weights["lstm.weight_hh_l0" + suffix].T
    size = len(recurrent)
    hidden = np.zeros((len(ids), size), np.float32)
    cell, out = np.zeros_like(hidden), np.empty((*ids.shape, size), np.float32)
    for step in range(ids.shape[1]):
        take, forget, new, give = np.split(gates[:, step] + hidden @ recurrent, 4, axis=1)
        cell = sigmoid(forget) * cell + sigmoid(take) * np.tanh(new)
        hidden = sigmoid(give) * np.tanh(cell)
        out[:, step] = hidden
    return out

sentences = [line.rstrip("\\n") for line in sys.stdin]
order = sorted(range(len(sentences)), key=lambda number: len(sentences[number]))
found = [""] * len(sentences)
first, last, unknown = (characters[name] for name in ("\\uc2dc", "\\ub05d", "<UNK>"))
for start in range(0, len(order), 128):
    batch = order[start : start + 128]
    rows = [[first, *(characters.get(each, unknown) for each in sentences[number]), last] for number in batch]
    forward = np.zeros((len(rows), max(map(len, rows))), np.int64)
    backward = np.zeros_like(forward)
    for row, ids in enumerate(rows):
        forward[row, : len(ids)] = ids
        backward[row, : len(ids)] = ids[::-1]
    places = [
        (row, place)
        for row, number in enumerate(batch)
        for place, each in enumerate(sentences[number])
        if len(readings.get(each, ())) > 1
    ]
    if not places:
        continue
    row, place = np.array(places).T
    lengths = np.array([len(ids) for ids in rows])[row]
    onwards, back = lstm(forward, "")[row, place + 1], lstm(backward, "_reverse")[row, lengths - 2 - place]
    hidden = np.concatenate([onwards, back], 1)
    hidden = np.maximum(hidden @ weights["logit_layer.0.weight"].T + weights["logit_layer.0.bias"], 0)
    scores = hidden @ weights["logit_layer.2.weight"].T + weights["logit_layer.2.bias"]
    best = scores.argmax(1)
    chances = 1 / np.exp(scores - scores.max(1, keepdims=True)).sum(1)
    for (row, place), answer, chance in zip(places, best, chances):
        number = batch[row]
        if names[answer] in readings[sentences[number][place]]:
            found[number] += f"{place} {names[answer]} {chance:.3f}\\t"
for line in found:
    print(line.rstrip("\\t"))
"""

Marked = tuple[str, str]


def marked_text(work: Path, marked: Sequence[str], words: Mapping[str, tuple[str, ...]]) -> Iterator[Marked]:
    """Lines with a marked character and its pinyin, of the texts and of the dictionaries' words, in a fixed order.

    Of the ``marked`` sentences, which are learnt as people marked them, every other character than the marked one.
    Where the teacher reads a whole word otherwise than ``words`` says it is not believed, nor where neighbours tell.
    """
    sentences = free_sentences(work)
    by_hand = [sentence.split(MARK) for sentence in marked]
    texts = SimplifiedForm().each(["".join(parts) for parts in by_hand])
    not_asked = {
        text: text[len(before)]
        for text, (before, *_) in zip(texts, by_hand, strict=True)
        if len(text) <= _LONGEST and not any(map(str.isspace, text))
    }
    yield from _drawn([*sentences, *not_asked], work, MOST_OF_A_CHARACTER, LEAST_OF_A_READING, not_asked, words)
    yield from _drawn(_words(work), work, MOST_OF_A_CHARACTER_IN_WORDS, LEAST_OF_A_READING_IN_WORDS, {}, words)


def read_by_teacher(sentences: Sequence[str], work: Path) -> list[list[tuple[int, str, float]]]:
    """Of each sentence the places of polyphones, their readings (ü as ``u:``) and how sure the teacher is of them."""
    command = [python_of_the_teacher(work), "-c", _READ, str(unpacked(work))]
    text = "".join(f"{sentence}\n" for sentence in sentences).encode()
    lines = subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    parts = ([part.split(" ") for part in line.split("\t") if part] for line in lines)
    return [[(int(place), reading, float(chance)) for place, reading, chance in line] for line in parts]


def unpacked(work: Path) -> Path:
    """The folder of the teacher's package, fetched where it is missing."""
    folder = work / "g2pM-0.1.2.5"
    if not folder.is_dir():
        with zipfile.ZipFile(fetch(G2PM, work)) as wheel:
            wheel.extractall(folder)
    return folder / "g2pM"


def free_sentences(work: Path) -> list[str]:
    """The sentences of the texts that are read, in simplified form."""
    simplify = SimplifiedForm()
    sentences = []
    for name, every in TEXTS.items():
        lines = (work / f"{name}.txt").read_text(encoding="utf-8").splitlines()[::every]
        for line in simplify.each([line.replace(" ", "") for line in lines]):
            sentences += [one for one in _SENTENCE.findall(line) if _SHORTEST <= len(one) <= _LONGEST]
    return sentences


def _words(work: Path) -> list[str]:
    """The dictionaries' words, four a line with commas between."""
    lines = (work / "words.txt").read_text(encoding="utf-8").splitlines()
    return [line.replace(" ", "") for line in lines if "、" in line]


def _drawn(
    sentences: Sequence[str],
    work: Path,
    most: int,
    least: int,
    not_asked: Mapping[str, str],
    words: Mapping[str, tuple[str, ...]],
) -> Iterator[Marked]:
    kinds: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    cut = ChineseSegmenter(SegmentRecipe()).segment(sentences)
    for sentence, surfaces, found in zip(sentences, cut, read_by_teacher(sentences, work), strict=True):
        known = [syllable for word in surfaces.surfaces for syllable in words.get(word, ("",) * len(word))]
        sure = told(sentence)
        for place, reading, chance in found:
            if place in sure or known[place] not in ("", reading.replace("u:", "v")):
                continue
            asked = sentence[place] not in NOT_TAUGHT and sentence[place] != not_asked.get(sentence)
            if asked and chance >= LEAST_CHANCE:
                kinds[sentence[place], reading].append((sentence, place))
    draw = random.Random(_SEED)
    met: Counter[str] = Counter()
    for (character, _), places in kinds.items():
        met[character] += len(places)
    for (character, reading), places in sorted(kinds.items()):
        wanted = max(least, most * len(places) // met[character])
        draw.shuffle(places)
        alike: Counter[str] = Counter()
        taken = 0
        for sentence, place in places:
            neighbours = sentence[max(0, place - 1) : place + 2]
            alike[neighbours] += 1
            if alike[neighbours] <= _MOST_ALIKE and taken < wanted and MARK not in sentence:
                taken += 1
                yield f"{sentence[:place]}{MARK}{character}{MARK}{sentence[place + 1 :]}", reading
