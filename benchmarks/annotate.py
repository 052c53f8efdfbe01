"""Microseconds per character of every annotator, beside the plain use of the library it is built on.

    python benchmarks/annotate.py [FOLDER OF TEST DATA]

CPU time of this process, best of three; both sides of a ratio see the same text in the same run. Cutlet is
compared with where it is installed.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import MeCab
import numpy as np
import opencc
import rjieba
import unidic_lite
from pypinyin import Style, lazy_pinyin

from hanmill.pipelines.annotate.chinese.segmenter import ChineseSegmenter
from hanmill.pipelines.annotate.glyphs.bitmaps import render
from hanmill.pipelines.annotate.japanese.romaji import romanize
from hanmill.pipelines.annotate.japanese.segmenter import JapaneseSegmenter
from hanmill.pipelines.annotate.pinyin.context import ContextPinyin
from hanmill.pipelines.annotate.pinyin.context_model import SHIPPED_MODEL, read_model
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from hanmill.pipelines.annotate.pinyin.text_reader import TextReader
from hanmill.pipelines.text.characters import character_table, code_points, tokenize
from hanmill.pipelines.text.normalize import Normalizer
from hanmill.pipelines.text.sentences import sentence_lengths
from hanmill.schemas.recipe import NormalizeRecipe, SegmentRecipe
from hanmill.schemas.recipe_file import load_recipe

ROUNDS = 3
#: Lines of a document: both sets hold single sentences.
DOCUMENT_LINES = 20
#: Text per call of a batch annotator, about what a worker holds (characters).
BATCH = 300_000
GLYPHS = 3_000


def documents(lines: Sequence[str]) -> list[str]:
    return ["\n".join(lines[start : start + DOCUMENT_LINES]) for start in range(0, len(lines), DOCUMENT_LINES)]


def chinese_lines(folder: Path) -> list[str]:
    text = (folder / "pinyin" / "cpp-dev.sent").read_text(encoding="utf-8")
    return text.replace("▁", "").splitlines()


def japanese_lines(folder: Path) -> list[str]:
    import lzma

    with lzma.open(folder / "segmentation" / "ja_gsd-ud-dev.conllu.xz", "rt", encoding="utf-8") as file:
        lines = [line.removeprefix("# text = ").rstrip("\n") for line in file if line.startswith("# text = ")]
    lines += (folder / "langid" / "ja.txt").read_text(encoding="utf-8").splitlines()
    return lines * 3


def seconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def row(
    stage: str, characters: int, ours: Callable[[], object], plain: str, theirs: Callable[[], object] | None
) -> float:
    mine = seconds(ours) / characters * 1e6
    if theirs is None:
        print(f"{stage:24} {mine:9.3f}   {plain}")
        return mine
    other = seconds(theirs) / characters * 1e6
    print(f"{stage:24} {mine:9.3f} {other:9.3f} {other / mine:7.1f}x  {plain}")
    return mine


def batches(lines: Sequence[str]) -> list[list[str]]:
    groups: list[list[str]] = [[]]
    size = 0
    for line in lines:
        if size > BATCH:
            groups.append([])
            size = 0
        groups[-1].append(line)
        size += len(line)
    return groups


def cutlet_romaji(lines: Sequence[str]) -> Callable[[], object] | None:
    try:
        converter = importlib.import_module("cutlet").Cutlet()
    except ImportError:
        return None
    converter.use_foreign_spelling = False
    return lambda: [converter.romaji(line) for line in lines]


def first_passes(lines: Sequence[str]) -> Callable[[], object]:
    """The words of lines, by a segmenter that has not seen any; one for each round."""
    fresh = [JapaneseSegmenter(SegmentRecipe()) for _ in range(ROUNDS)]

    def one_pass() -> object:
        return [romanize(words) for words in fresh.pop().segment(lines)]

    return one_pass


def main(folder: Path) -> None:
    chinese, japanese = documents(chinese_lines(folder)), documents(japanese_lines(folder))
    chinese_size, japanese_size = sum(map(len, chinese)), sum(map(len, japanese))
    print(f"{chinese_size:,} Chinese characters, {japanese_size:,} Japanese")
    print(f"{'stage':24} {'us/char':>9} {'plain':>9} {'ratio':>8}  plain use")
    total = {"chinese": 0.0, "japanese": 0.0}

    normalizer = Normalizer(NormalizeRecipe(form="NFKC", opencc="t2s", lowercase=True))
    convert = opencc.OpenCC("t2s").convert
    total["chinese"] += row(
        "normalise (t2s)", chinese_size,
        lambda: [normalizer.normalize_text(line, chinese=True) for line in chinese],
        "opencc alone", lambda: [convert(line) for line in chinese],
    )  # fmt: skip
    row(
        "normalise with map", chinese_size,
        lambda: [normalizer.normalize(line, chinese=True).raw_offsets for line in chinese], "", None,
    )  # fmt: skip

    codes = np.unique(code_points("".join(chinese)))
    table = character_table(np.concatenate(([0], codes)).astype(np.uint32))
    ids = {chr(code): index for index, code in enumerate(codes, 1)}
    cost = row(
        "characters", chinese_size, lambda: [tokenize(batch, table) for batch in batches(chinese)],
        "dict.get per character", lambda: [[ids.get(c, 0) for c in line if not c.isspace()] for line in chinese],
    )  # fmt: skip
    sentence = row("sentences", chinese_size, lambda: [sentence_lengths(line) for line in chinese], "", None)
    total = {name: before + cost + sentence for name, before in total.items()}

    pinyin = PinyinAnnotator()
    total["chinese"] += row(
        "pinyin", chinese_size, lambda: [pinyin.annotate(batch) for batch in batches(chinese)],
        "pypinyin.lazy_pinyin",
        lambda: [lazy_pinyin(line, style=Style.TONE3, neutral_tone_with_five=True) for line in chinese],
    )  # fmt: skip
    segmenter = ChineseSegmenter(SegmentRecipe())
    context = ContextPinyin(read_model(SHIPPED_MODEL), TextReader(pinyin, segmenter))
    words = [segmenter.segment(batch) for batch in batches(chinese)]
    row(
        "pinyin in context", chinese_size,
        lambda: [context.annotate(batch, cut) for batch, cut in zip(batches(chinese), words, strict=True)],
        "our pypinyin, no model", lambda: [pinyin.annotate(batch) for batch in batches(chinese)],
    )  # fmt: skip
    total["chinese"] += row(
        "Chinese words (pointwise)", chinese_size, lambda: segmenter.segment(chinese),
        "rjieba.cut, text as it is", lambda: [rjieba.cut(line) for line in chinese],
    )  # fmt: skip

    apart = JapaneseSegmenter(SegmentRecipe())
    tagger = MeCab.Tagger(f'-d "{unidic_lite.DICDIR}"')
    row(
        "Japanese words", japanese_size, lambda: apart.segment(japanese),
        "MeCab.parse, output unread", lambda: [tagger.parse(line) for line in japanese],
    )  # fmt: skip
    cutlet = cutlet_romaji(japanese)
    total["japanese"] += row(
        "Japanese with romaji", japanese_size, lambda: [romanize(words) for words in apart.segment(japanese)],
        "cutlet.romaji" if cutlet else "cutlet is not installed", cutlet,
    )  # fmt: skip
    single = list(dict.fromkeys(japanese_lines(folder)))
    single_size = sum(map(len, single))
    cutlet = cutlet_romaji(single)
    row(
        "  one line a call", single_size, lambda: [romanize(apart.segment([line])[0]) for line in single],
        "cutlet.romaji", cutlet,
    )  # fmt: skip
    row(
        "  every word new", single_size, first_passes(single), "cutlet.romaji", cutlet,
    )  # fmt: skip
    for name, cost in total.items():
        print(f"{'in whole, ' + name:24} {cost:9.3f}   {1 / cost:,.2f} million characters a second")

    styles = load_recipe("demo").glyphs.styles
    points = np.arange(0x4E00, 0x4E00 + GLYPHS, dtype=np.uint32)
    spent = seconds(lambda: render(points, styles))
    each = spent / GLYPHS / len(styles) * 1e6
    print(f"{'glyphs':24} {each:9.1f}   us each; 21,128 in 3 styles: {each * 3 * 21_128 / 1e6:.1f} s")


if __name__ == "__main__":
    default = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
