"""Training of LTP's perceptron word segmenter on segmented text."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.annotate.chinese import Simplifier

if TYPE_CHECKING:
    from ltp_extension.perceptron import CWSModel


def train(sentences: Sequence[Sequence[str]], development: Sequence[Sequence[str]], epochs: int) -> CWSModel:
    """A model trained on the simplified form of ``sentences``, as it will be used.

    Passive-aggressive updates (Crammer et al. 2006); of ``epochs`` passes the one that is best on ``development``
    is kept. Sentences are not shuffled, so the same text gives a model that cuts the same.
    """
    from ltp_extension.perceptron import Algorithm, CWSTrainer

    trainer = CWSTrainer()
    trainer.epoch = epochs
    trainer.shuffle = False
    trainer.verbose = False
    trainer.eval_threads = 1
    trainer.algorithm = Algorithm("Pa")
    simplify = Simplifier()
    with tempfile.TemporaryDirectory() as folder, _output_to_stderr():
        for name, text, load in (
            ("train", sentences, trainer.load_train_data),
            ("development", development, trainer.load_eval_data),
        ):
            path = Path(folder, name)
            path.write_text("".join(f"{' '.join(_simplified(words, simplify))}\n" for words in text), encoding="utf-8")
            load(str(path))
        return trainer.train()


def _simplified(words: Sequence[str], simplify: Simplifier) -> Iterator[str]:
    text = simplify("".join(words))
    start = 0
    for word in words:
        yield text[start : start + len(word)]
        start += len(word)


@contextmanager
def _output_to_stderr() -> Iterator[None]:
    """The trainer writes its progress to the process's standard output; results belong there, progress does not."""
    sys.stdout.flush()
    saved = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
