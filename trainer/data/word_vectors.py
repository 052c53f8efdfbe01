"""Word vectors trained elsewhere, from the text format of word2vec and fastText."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from hanmill.trainer.data.tagged_file import open_text
from hanmill.trainer.errors import TrainerError


class WordVectorsError(TrainerError):
    """A file of word vectors that cannot be read."""


def read_word_vectors(path: Path, size: int) -> dict[str, npt.NDArray[np.float32]]:
    """Lower-cased words with their vectors, float32 [size] each; of words spelt alike the first.

    A line is a word and ``size`` numbers parted by single spaces; a first line of two numbers (how many, and the size)
    is optional. Raises WordVectorsError naming file and line.
    """
    vectors: dict[str, npt.NDArray[np.float32]] = {}
    try:
        with open_text(path) as file:
            for number, line in enumerate(file, 1):
                cells = line.rstrip("\n").rstrip(" ").split(" ")
                if number == 1 and len(cells) == 2 and cells[0].isdecimal():
                    continue
                if len(cells) != size + 1:
                    raise WordVectorsError(f"{path}, line {number}: numbers found: {len(cells) - 1}, expected {size}")
                vector = np.array(cells[1:], dtype=np.float32)
                if not np.isfinite(vector).all():
                    raise WordVectorsError(f"{path}, line {number}: found a number that is not finite")
                vectors.setdefault(cells[0].lower(), vector)
    except WordVectorsError:
        raise
    except (OSError, EOFError, ValueError) as error:
        raise WordVectorsError(f"{path}: cannot be read: {error}") from error
    if not vectors:
        raise WordVectorsError(f"{path}: words found: 0, expected at least 1")
    return vectors
