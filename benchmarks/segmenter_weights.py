"""Makes the weights of the embedded Chinese word segmenter again: text, teacher, training, score.

Run from the repository root:
python -m benchmarks.segmenter_weights --work FOLDER --treebank zh_gsd-ud-train.conllu
--development zh_gsd-ud-dev.conllu --polyphones cpp-dev.sent
--output pipelines/annotate/chinese/data/chinese-words.parquet

The teacher is pkuseg 0.0.25 (MIT), a conditional random field. It cuts the texts of ``segmenter_sources`` in an
environment of its own; its own weights and word lists go nowhere. Texts that people cut are taken as they are. What was
fetched, built and cut in FOLDER is kept, and not made again when ``segmenter_sources`` changes: a new FOLDER is.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from click.testing import CliRunner

from benchmarks.segmenter_sources import CUT_TEXTS, DICTIONARIES, TEXTS
from benchmarks.segmenter_texts import Source, fetch, polyphones, sentences_of, treebank, words_in_contexts
from hanmill.pipelines.commands.segmenter import segmenter

_TEACHER = Source(
    "teacher",
    "pkuseg==0.0.25",
    "pkuseg-0.0.25.tar.gz",
    "dd012bf93689721c9574bc2b2ba98fb4ac22790cec0af354a78e217828b81e91",
    "MIT",
    lambda _: (),
)
#: The archive's C++ was generated for an older Python, so it is made again.
_BUILD = ("cython==0.29.37", "numpy==1.26.4", "setuptools==69.5.1", "wheel==0.43.0")
_STALE = ("pkuseg/feature_extractor.cpp", "pkuseg/inference.cpp", "pkuseg/postag/feature_extractor.cpp")
_CUT = """
import sys
import pkuseg
cutter = pkuseg.pkuseg()
for line in sys.stdin:
    print(" ".join(cutter.cut(line.strip())))
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line, makes what is missing, trains and prints the score."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--work", "--treebank", "--development", "--polyphones", "--output"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args(arguments)
    teacher(options.work)
    texts = {source.name: sentences_of(source, fetch(source, options.work)) for source in TEXTS}
    words = [word for source in DICTIONARIES for word in sentences_of(source, fetch(source, options.work))]
    texts |= {"polyphones": polyphones(options.polyphones), "treebank": treebank(options.treebank)}
    texts["words"] = words_in_contexts(words)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        files = list(pool.map(lambda name: cut(name, texts[name], options.work), sorted(texts)))
    for source in CUT_TEXTS:
        lines = sentences_of(source, fetch(source, options.work))
        files.append(options.work / f"{source.name}.txt")
        files[-1].write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    command = ["train", "--dev", str(options.development), "--model", str(options.output)]
    for path in files:
        command += ["--train", str(path)]
    result = CliRunner().invoke(segmenter, command, catch_exceptions=False)
    print(result.output)


def cut(name: str, lines: Sequence[str], work: Path) -> Path:
    """The lines cut into words by the teacher, one space between; made once."""
    path, part = work / f"{name}.txt", work / f"{name}.txt.part"
    if not path.is_file():
        text = "".join(f"{line}\n" for line in lines)
        environment = {**os.environ, "PYTHONPATH": str(work / "pkuseg-0.0.25"), "PYTHONIOENCODING": "utf-8"}
        words = subprocess.run(
            [teacher(work), "-c", _CUT], input=text.encode(), stdout=subprocess.PIPE, env=environment, check=True
        ).stdout
        part.write_bytes(words)
        part.replace(path)
    return path


def teacher(work: Path) -> Path:
    """A Python that can run the teacher, built where it is missing: some minutes."""
    python, source = work / "teacher" / "bin" / "python", work / "pkuseg-0.0.25"
    if not list(source.glob("pkuseg/inference.*.so")):
        subprocess.run([sys.executable, "-m", "venv", str(work / "teacher")], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *_BUILD], check=True)
        with tarfile.open(fetch(_TEACHER, work)) as archive:
            archive.extractall(work, filter="data")
        for name in _STALE:
            (source / name).unlink(missing_ok=True)
        subprocess.run([python, "setup.py", "--quiet", "build_ext", "--inplace"], cwd=source, check=True)
    return python


if __name__ == "__main__":
    main()
