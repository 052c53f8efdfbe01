"""A Parquet file of many short texts annotated by a build, beside ``datasets.map`` with pypinyin and MeCab.

python -m benchmarks.short_texts --texts 100000 --peer PYTHON TEXTS.jsonl …

PYTHON is an interpreter with datasets, pypinyin, mecab-python3 and unidic-lite. Both read the same file with two
processes; a build also removes duplicates, cuts words, counts characters, writes tables, sentences, words and romaji.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_SEED, _ROW_GROUP = 2026, 10_000
_RECIPE = "name: short\nclean: {rules: [], languages: []}\n"
_PEER = """
import re, sys
import datasets, MeCab, unidic_lite
from pypinyin import Style, pinyin
datasets.disable_progress_bars()
KANA = re.compile("[\\u3041-\\u30ff]")
tagger = None
def annotate(batch):
    global tagger
    tagger = tagger or MeCab.Tagger("-d " + unidic_lite.DICDIR)
    read = []
    for text in batch["text"]:
        if KANA.search(text):
            read.append([line for line in tagger.parse(text).splitlines()])
        else:
            read.append([one[0] for one in pinyin(text, style=Style.TONE3)])
    return {"reading": read}
table = datasets.Dataset.from_parquet(sys.argv[1], cache_dir=sys.argv[2])
table.map(annotate, batched=True, num_proc=2).to_parquet(sys.argv[2] + "/out.parquet")
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line, runs both and prints characters a second and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--peer", type=Path)
    parser.add_argument(
        "files", type=Path, nargs="+", help="JSON lines with a column text; sentences are drawn from it."
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = texts(options.files, options.texts)
        characters = sum(map(len, rows))
        path = folder / "texts.parquet"
        pq.write_table(pa.table({"text": rows}), path, row_group_size=_ROW_GROUP)
        print(f"{len(rows):,} texts, {characters:,} characters")
        (folder / "short.yaml").write_text(_RECIPE, encoding="utf-8")
        build = [str(Path(sys.executable).with_name("hanmill")), "build", str(folder / "short.yaml")]
        build += ["--input", f"tables={path}", "--output", str(folder / "corpus"), "--workers", "2"]
        ours = run("hanmill build", build, characters)
        if options.peer:
            peer = [str(options.peer), "-c", _PEER, str(path), str(folder / "cache")]
            theirs = run("datasets.map", peer, characters)
            print(f"processor time {theirs[1] / ours[1]:.1f} times, time {theirs[0] / ours[0]:.1f} times ours")


def texts(files: Sequence[Path], count: int) -> list[str]:
    """Sentences of 8 to 120 characters, different ones, in an order drawn by a fixed seed."""
    found: dict[str, None] = {}
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            for sentence in re.split(r"(?<=[。！？\\n])", json.loads(line)["text"]):
                if 8 <= len(sentence.strip()) <= 120:
                    found[sentence.strip()] = None
    sentences = list(found)
    draw = random.Random(_SEED)
    draw.shuffle(sentences)
    numbered = (
        f"{sentence}（{number}）" for number in range(1, count // max(1, len(sentences)) + 2) for sentence in sentences
    )
    return [*sentences, *numbered][:count]


def run(name: str, command: Sequence[str], characters: int) -> tuple[float, float]:
    """Seconds of the clock and of processors, printed with characters a second of each."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{name:<14} {seconds:7.1f} s, {worked:7.1f} s of processors, {characters / worked:10,.0f} characters/s of one"
    )
    return seconds, worked


if __name__ == "__main__":
    main()
