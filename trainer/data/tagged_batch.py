"""Tagged sentences as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

#: Ids of every vocabulary of a tagger.
PADDING, UNKNOWN = 0, 1


class TaggedBatch(NamedTuple):
    """``words`` and ``tags`` int64 [rows, length]; ``pieces`` int64 [rows, length, longest word]: the characters or
    character bigrams of each word; all 0 on the right. ``lengths`` int64 [rows], on the host. ``languages`` are the
    language model's numbers of the rows' languages, None where a tagger reads none.
    """

    words: torch.Tensor
    pieces: torch.Tensor
    tags: torch.Tensor
    lengths: torch.Tensor
    languages: tuple[int | None, ...] = ()

    def to(self, device: torch.device) -> TaggedBatch:
        """The same batch on a device."""
        words, pieces, tags = (tensor.to(device) for tensor in (self.words, self.pieces, self.tags))
        return self._replace(words=words, pieces=pieces, tags=tags)


class EncodedSentence(NamedTuple):
    """Ids of the words, of each word's pieces, and of the tags; ``language`` as in ``TaggedBatch``."""

    words: list[int]
    pieces: list[list[int]]
    tags: list[int]
    language: int | None = None


def collate(sentences: Sequence[EncodedSentence]) -> TaggedBatch:
    """Sentences as one batch."""
    lengths = np.array([len(sentence.words) for sentence in sentences])
    widest = max(len(word) for sentence in sentences for word in sentence.pieces)
    words, tags = (np.zeros((len(sentences), int(lengths.max())), np.int64) for _ in range(2))
    pieces = np.zeros((*words.shape, widest), np.int64)
    for row, sentence in enumerate(sentences):
        words[row, : lengths[row]] = sentence.words
        tags[row, : lengths[row]] = sentence.tags
        for column, word in enumerate(sentence.pieces):
            pieces[row, column, : len(word)] = word
    languages = tuple(sentence.language for sentence in sentences)
    as_tensor = torch.from_numpy
    return TaggedBatch(as_tensor(words), as_tensor(pieces), as_tensor(tags), as_tensor(lengths), languages)
