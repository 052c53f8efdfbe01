"""Local builds: throughput, CPU time and peak memory at 1, 3 and 10 times the input, with 1 and 2 workers.

    python -m benchmarks.local [--factors 1 3 10] [--workers 1 2]
    python -m benchmarks.local --kills 30

The input is a multistream dump of distinct pages: those of a real dump (../shared/data where it is, the bundled
samples otherwise) with their paragraphs in another order each time. With ``--kills`` a build is killed, workers and
all, that many times at random moments, and its bytes compared with those of a build left in peace.
"""

from __future__ import annotations

import argparse
import bz2
import itertools
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.manifest import Manifest

REPOSITORY = Path(__file__).resolve().parent.parent
REAL = REPOSITORY.parent / "shared/data/wikipedia/jawiki-sample-pages-articles-multistream.xml.bz2"
SAMPLE = REPOSITORY / "samples/wikipedia/jawiki-sample-pages-articles-multistream.xml.bz2"
PAGES_PER_STREAM = 5
SPLIT_BYTES = 128 << 10
_PAGE = re.compile(r"  <page>.*?</page>\n", re.DOTALL)
_TEXT = re.compile(r"(<text[^>]*>)(.*?)(</text>)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Run:
    """One build: seconds on the clock, CPU seconds of all its processes, peak RSS of the largest in bytes."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    characters: int
    killed: bool


def write_dump(path: Path, factor: int) -> None:
    """A dump of ``factor`` times the pages of the real one, no two of them equal."""
    dump = bz2.decompress((REAL if REAL.is_file() else SAMPLE).read_bytes()).decode()
    pages = [match.group() for match in _PAGE.finditer(dump)]
    head, tail = dump[: dump.index(pages[0])], "</mediawiki>\n"
    rng = random.Random(factor)

    def made() -> Iterator[str]:
        for number in range(factor):
            for place, page in enumerate(pages):
                renumbered = re.sub(r"<id>\d+</id>", f"<id>{number * len(pages) + place + 1}</id>", page, count=1)
                yield _TEXT.sub(lambda match: match[1] + _shuffled(match[2], rng) + match[3], renumbered)

    # A stream at a time: what this process holds counts in the peak of the build it starts.
    with path.open("wb") as file:
        file.write(bz2.compress(head.encode()))
        left = made()
        while stream := "".join(itertools.islice(left, PAGES_PER_STREAM)):
            file.write(bz2.compress(stream.encode()))
        file.write(bz2.compress(tail.encode()))


def _shuffled(text: str, rng: random.Random) -> str:
    first, *others = text.split("\n\n")
    rng.shuffle(others)
    return "\n\n".join([first, *others])


def build(recipe: Path, dump: Path, corpus: Path, workers: int, kill_after: float | None = None) -> Run:
    """Runs the command in a process group of its own; kills all of it after so many seconds where told to."""
    command = [sys.executable, "-c", "from hanmill.pipelines.commands.main import main; main()", "build", str(recipe)]
    options = ["--input", f"wikipedia={dump}", "--output", str(corpus), "--workers", str(workers)]
    started = time.monotonic()
    with tempfile.TemporaryFile() as errors:
        running = subprocess.Popen(
            [*command, *options], cwd=REPOSITORY, start_new_session=True, stdout=subprocess.DEVNULL, stderr=errors
        )
        if kill_after is not None:
            killer = threading.Timer(kill_after, os.killpg, (running.pid, signal.SIGKILL))
            killer.start()
        # wait4 adds up what the build itself has waited for: its workers.
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        if kill_after is not None:
            killer.cancel()
        if running.returncode > 0:
            errors.seek(0)
            sys.exit(errors.read().decode())
    killed = running.returncode < 0
    characters = 0 if killed else Manifest.load(corpus).measures["characters"]
    seconds = time.monotonic() - started
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10, characters, killed)


def measure(recipe: Path, folder: Path, factors: Sequence[int], workers: Sequence[int]) -> None:
    """Prints one line a build, and what ten times the input and the second worker change."""
    runs: dict[tuple[int, int], Run] = {}
    print(
        "| input | workers | seconds | CPU seconds | thousand characters/s | largest process, MB |\n"
        "|---|---|---|---|---|---|"
    )
    for factor in factors:
        dump = folder / f"jawiki-{factor}-pages-articles-multistream.xml.bz2"
        write_dump(dump, factor)
        for number in workers:
            run = runs[factor, number] = build(recipe, dump, folder / f"corpus-{factor}-{number}", number)
            rate = run.characters / run.seconds / 1000
            print(
                f"| {factor}× ({run.characters:,} characters) | {number} | {run.seconds:.1f} | {run.cpu_seconds:.1f} "
                f"| {rate:.0f} | {run.peak_bytes / 1e6:.0f} |",
                flush=True,
            )
    low, high = min(factors), max(factors)
    for number in workers:
        ratio = runs[high, number].peak_bytes / runs[low, number].peak_bytes
        print(f"\npeak memory at {high}× over {low}×, {number} workers: {ratio:.2f}")
    if {1, 2} <= set(workers):
        print(f"\ntwo workers over one at {high}×: {runs[high, 1].seconds / runs[high, 2].seconds:.2f}×")


def kill(recipe: Path, folder: Path, kills: int) -> None:
    """Kills one build again and again, lets it end, and compares every file."""
    dump = folder / "jawiki-1-pages-articles-multistream.xml.bz2"
    write_dump(dump, 1)
    whole = build(recipe, dump, folder / "whole", 2)
    rng = random.Random(kills)
    moments = [rng.uniform(0, whole.seconds / 2) for _ in range(kills)]
    killed = sum(build(recipe, dump, folder / "killed", 2, moment).killed for moment in moments)
    build(recipe, dump, folder / "killed", 2)
    whole_files, killed_files = contents(folder / "whole"), contents(folder / "killed")
    same = whole_files == killed_files
    print(f"{killed} of {kills} runs killed; {len(whole_files)} files, {'the same' if same else 'NOT THE SAME'}")
    if not same:
        sys.exit(1)


def contents(corpus: Path) -> dict[str, str]:
    """Name to hash of every file of a corpus."""
    files = (path for path in corpus.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(corpus)): file_sha256(path) for path in files}


def main() -> None:
    """Prints Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--factors", type=int, nargs="+", default=[1, 3, 10])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--kills", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recipe = folder / "local.yaml"
        recipe.write_text(
            f"extends: demo\nname: local\nglyphs: {{styles: []}}\nsources: {{split_bytes: {SPLIT_BYTES}}}\n",
            encoding="utf-8",
        )
        if arguments.kills:
            kill(recipe, folder, arguments.kills)
        else:
            measure(recipe, folder, arguments.factors, arguments.workers)


if __name__ == "__main__":
    main()
