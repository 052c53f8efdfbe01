"""Tagged sentences as tensors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch

#: Ids of every vocabulary of a tagger.
PADDING, UNKNOWN = 0, 1


class TaggedBatch(NamedTuple):
    """``words`` and ``tags`` int64 [rows, length]; ``pieces`` int64 [rows, length, longest word]: the characters or
    character bigrams of each word; all 0 on the right. ``lengths`` int64 [rows], on the host.
    """

    words: torch.Tensor
    pieces: torch.Tensor
    tags: torch.Tensor
    lengths: torch.Tensor

    def to(self, device: torch.device) -> TaggedBatch:
        """The same batch on a device."""
        return TaggedBatch(self.words.to(device), self.pieces.to(device), self.tags.to(device), self.lengths)


class EncodedSentence(NamedTuple):
    """Ids of the words, of each word's pieces, and of the tags."""

    words: list[int]
    pieces: list[list[int]]
    tags: list[int]


def vocabulary_of(items: Iterable[str], least: int = 1) -> tuple[str, ...]:
    """Items seen ``least`` times or more, commonest first; places 0 and 1 are padding and the unknown, empty."""
    counts = Counter(items)
    chosen = sorted((item for item, count in counts.items() if count >= least), key=lambda item: (-counts[item], item))
    return ("", "", *chosen)


def ids_of(vocabulary: Sequence[str]) -> dict[str, int]:
    """Id of each item of a vocabulary."""
    return {item: number for number, item in enumerate(vocabulary) if item}


def bigrams(word: str) -> list[str]:
    """Character bigrams, Ye and es for Yes; a word of one character is its own."""
    return [word[place : place + 2] for place in range(len(word) - 1)] or [word]


def encode(words: Sequence[str], pieces: Sequence[Sequence[str]], tags: Sequence[str], word_ids: Mapping[str, int],
           piece_ids: Mapping[str, int], tag_ids: Mapping[str, int]) -> EncodedSentence:  # fmt: skip
    """Ids of a sentence. A tag that training never saw becomes 0: scored as wrong, never learnt."""
    return EncodedSentence(
        [word_ids.get(word, UNKNOWN) for word in words],
        [[piece_ids.get(piece, UNKNOWN) for piece in word] for word in pieces],
        [tag_ids.get(tag, 0) for tag in tags],
    )


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
    return TaggedBatch(*map(torch.from_numpy, (words, pieces, tags, lengths)))
