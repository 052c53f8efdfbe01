"""Training of Chinese word segmenters on segmented text, in its simplified and narrow form as they will be used."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hanmill.pipelines.annotate.chinese.pointwise_model import PointwiseModel
from hanmill.pipelines.text.character_conversion import CharacterConverter, narrow
from hanmill.pipelines.training.pointwise_training import train

if TYPE_CHECKING:
    from ltp_extension.perceptron import CWSModel


def train_pointwise(sentences: Sequence[Sequence[str]], epochs: int, made_from: Mapping[str, Any]) -> PointwiseModel:
    """The program's own model; ``made_from`` is kept in it as it is."""
    simplify = CharacterConverter("t2s")
    return train([list(_simplified(words, simplify)) for words in sentences], epochs, made_from)


def train_ltp(sentences: Sequence[Sequence[str]], development: Sequence[Sequence[str]], epochs: int) -> CWSModel:
    """LTP's perceptron.

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
    simplify = CharacterConverter("t2s")
    with tempfile.TemporaryDirectory() as folder, _output_to_stderr():
        for name, text, load in (
            ("train", sentences, trainer.load_train_data),
            ("development", development, trainer.load_eval_data),
        ):
            path = Path(folder, name)
            path.write_text("".join(f"{' '.join(_simplified(words, simplify))}\n" for words in text), encoding="utf-8")
            load(str(path))
        return trainer.train()


def _simplified(words: Sequence[str], simplify: CharacterConverter) -> Iterator[str]:
    text = simplify(narrow("".join(words)))
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
