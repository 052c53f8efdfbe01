"""How a tagger takes its sentences: words, pieces of words and tags by their places in vocabularies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hanmill.trainer.data.tagged_batch import UNKNOWN, EncodedSentence
from hanmill.trainer.data.tagged_file import TaggedSentence

#: Items by id under ``tags``, ``pieces`` and, where they are the tagger's own, ``words``.
Vocabularies = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class TaggedFormat:
    """``words``, ``pieces`` and ``tags`` give ids; ``cut`` gives the pieces of each word of a sentence.

    Words are looked up in lower case. ``languages`` are those of a language model, each with its number there and its
    own words; a sentence of none of them is of ``words``.
    """

    words: Mapping[str, int]
    pieces: Mapping[str, int]
    tags: Mapping[str, int]
    cut: Callable[[TaggedSentence], Sequence[Sequence[str]]]
    languages: Mapping[str, tuple[int, Mapping[str, int]]] = field(default_factory=dict)

    def encode(self, sentence: TaggedSentence) -> EncodedSentence:
        """Ids of a sentence. A tag that training never saw becomes 0: scored as wrong, never learnt."""
        language, words = self.languages.get(sentence.language, (None, self.words))
        return EncodedSentence(
            [words.get(word.lower(), UNKNOWN) for word in sentence.words],
            [[self.pieces.get(piece, UNKNOWN) for piece in word] for word in self.cut(sentence)],
            [self.tags.get(tag, 0) for tag in sentence.tags],
            language,
        )


def vocabulary_of(items: Iterable[str], least: int = 1) -> tuple[str, ...]:
    """Items seen ``least`` times or more, commonest first; places 0 and 1 are padding and the unknown, empty."""
    counts = Counter(items)
    chosen = sorted((item for item, count in counts.items() if count >= least), key=lambda item: (-counts[item], item))
    return ("", "", *chosen)


def ids_of(vocabulary: Sequence[str]) -> dict[str, int]:
    """Id of each item of a vocabulary."""
    return {item: number for number, item in enumerate(vocabulary) if item}


def tags_of(train: Sequence[TaggedSentence]) -> tuple[str, ...]:
    """All tags in order of their spelling."""
    return tuple(sorted({tag for sentence in train for tag in sentence.tags}))


def characters(sentence: TaggedSentence) -> Sequence[str]:
    """The characters of each word."""
    return sentence.words


def roman_bigrams(sentence: TaggedSentence) -> list[list[str]]:
    """The character bigrams of each romanised word."""
    return [bigrams(word) for word in sentence.roman]


def bigrams(word: str) -> list[str]:
    """Character bigrams, Ye and es for Yes; a word of one character is its own."""
    return [word[place : place + 2] for place in range(len(word) - 1)] or [word]
