"""What the embedded quality scorer says of texts that it was not trained on, and how fast it is.

python -m benchmarks.quality_score --archive docs-00000.warc.gz --dump jawiki-sample.xml.bz2 --labels nautilus-data.deb

Main content of an archive's pages, articles of dumps and sentences of treebanks, ten together, are to score high;
labels of a program's windows out of a Debian package, forty together, low.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from benchmarks.quality_sources import labels_of
from hanmill.pipelines.clean.profile import profile
from hanmill.pipelines.clean.quality.model import shipped_model
from hanmill.pipelines.corpus.ingest import read_records
from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.extract.forms import Extractor
from hanmill.pipelines.sources.registry import SOURCES
from hanmill.pipelines.training.segmented_text import read_segmented
from hanmill.schemas.recipe import SourcesRecipe

_LEAST = 50
_SENTENCES = 10


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line and prints a line for every script and kind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--archive", "--dump", "--treebank", "--labels"):
        parser.add_argument(name, type=Path, action="append", default=[])
    options = parser.parse_args(arguments)
    found = chain(
        (("main content", text) for path in options.archive for text in documents("commoncrawl", path)),
        (("articles", text) for path in options.dump for text in documents("wikipedia", path)),
        (("sentences", text) for path in options.treebank for text in sentences(path)),
        (("labels", text) for path in options.labels for text in labels_of(path)),
    )
    texts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kind, text in found:
        script = profile(text).script.partition("-")[0]
        if script in ("Hans", "Hant", "Jpan") and len(text) >= _LEAST:
            texts[kind, script].append(text)
    score = shipped_model().score
    print("| texts | script | number | 25 % | 50 % | 75 % | at least .5 |\n|---|---|--:|--:|--:|--:|--:|")
    for (kind, script), several in sorted(texts.items()):
        scores = np.array([score(text) for text in several])
        low, middle, high = np.quantile(scores, (0.25, 0.5, 0.75))
        share = np.mean(scores >= 0.5)
        print(f"| {kind} | {script} | {len(several)} | {low:.2f} | {middle:.2f} | {high:.2f} | {share:.3f} |")
    every = list(chain.from_iterable(texts.values()))
    began = time.process_time()
    for text in every:
        score(text)
    print(f"{sum(map(len, every)) / (time.process_time() - began) / 1e6:.1f} million characters/s")


def documents(source: str, path: Path) -> Iterator[str]:
    """The text of each document of a file."""
    settings = SourcesRecipe()
    extractor = Extractor(settings)
    split = SOURCES[source].split
    assert split is not None
    for part in split(str(path), 1 << 40, SOURCES[source].settings(settings)):
        for outcome in extractor.documents(read_records(part, settings)):
            if isinstance(outcome, Document):
                yield outcome.text


def sentences(path: Path) -> Iterator[str]:
    """Sentences of a treebank, some in a row."""
    lines = ["".join(words) for words in read_segmented(path)]
    for start in range(0, len(lines), _SENTENCES):
        yield "\n".join(lines[start : start + _SENTENCES])


if __name__ == "__main__":
    main()
