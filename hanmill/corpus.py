"""Documents of a corpus as aligned objects: each character with its reading, cluster and word.

>>> import hanmill as hm
>>> for document in hm.read_documents("corpora/web", lang="zh"):  # doctest: +SKIP
...     print([(character.text, character.pinyin) for character in document.words[0].characters])
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from hanmill.schemas.corpus import NO_SYLLABLE, UNKNOWN_CHARACTER
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.location import Location, location, open_parquet, parquet_source
from hanmill.schemas.manifest import Manifest

_BATCH_ROWS = 64
_COLUMNS = (
    "uid",
    "source",
    "lang",
    "script",
    "title",
    "url",
    "revision",
    "text",
    "char_ids",
    "sent_lens",
    "word_lens",
    "pinyin_ids",
    "word_ids",
    "word_roman",
)


class RowError(HanmillError, ValueError):
    """A row whose lists do not fit its text or the tables."""


@dataclass(frozen=True, slots=True)
class Character:
    """``text`` is one code point, at ``text[offset]`` of the document.

    ``id`` is its row of the table of characters, 0 where that lacks it. ``pinyin`` is the syllable with its tone
    (``hang2``), None without one. ``cluster`` is the character that stands for its variants, itself where it has none.
    """

    text: str
    offset: int
    id: int
    pinyin: str | None
    cluster: str


@dataclass(frozen=True, slots=True)
class Word:
    """``reading`` is wāpuro romaji or what the recipe stores for the language, None where nothing is stored.

    ``id`` is the word's row of its language's table: None where the corpus has no table, 0 where that lacks it.
    """

    text: str
    characters: tuple[Character, ...]
    reading: str | None
    id: int | None

    @property
    def start(self) -> int:
        """Offset of the first character in the document's text."""
        return self.characters[0].offset

    @property
    def end(self) -> int:
        """Offset behind the last character."""
        return self.characters[-1].offset + 1


@dataclass(frozen=True)
class Document:
    """One row. ``characters`` are those of ``text`` that are no white space; words and sentences cover all of them."""

    uid: int
    source: str
    lang: str
    script: str
    title: str
    url: str
    revision: str
    text: str
    words: tuple[Word, ...]
    sentence_lengths: tuple[int, ...]

    @cached_property
    def characters(self) -> tuple[Character, ...]:
        """All characters in order."""
        return tuple(character for word in self.words for character in word.characters)

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """The text of each sentence, white space inside it as written."""
        ends = accumulate(self.sentence_lengths)
        places = [(end - length, end) for end, length in zip(ends, self.sentence_lengths, strict=True)]
        found = self.characters
        return tuple(self.text[found[start].offset : found[end - 1].offset + 1] for start, end in places)


@dataclass(frozen=True, slots=True)
class Tables:
    """What ids stand for, by row number."""

    characters: tuple[str, ...]
    representatives: tuple[int, ...]
    syllables: tuple[str, ...]

    @classmethod
    def read(cls, corpus: Location) -> Tables:
        """From the tables of a corpus."""
        folder = corpus / "tables"
        columns = ["character", "representative"]
        characters = pq.read_table(parquet_source(folder / "characters.parquet"), columns=columns)
        syllables = pq.read_table(parquet_source(folder / "syllables.parquet"), columns=["syllable"])
        return cls(
            tuple(characters["character"].to_pylist()),
            tuple(characters["representative"].to_pylist()),
            tuple(syllables["syllable"].to_pylist()),
        )


def read_documents(corpus: str | Path | Location, *, lang: str = "", part: str = "") -> Iterator[Document]:
    """The documents of a finished corpus in the order of its shards, training ones first.

    ``lang`` keeps those of one language, ``part`` (``train``, ``validation``) those of one side. ``corpus`` is a
    folder, ``s3://…`` or ``gs://…``. Holds some documents at a time.

    Raises ManifestError where there is no finished corpus, RowError where a row is not what its schema says.
    """
    if part not in ("", "train", "validation"):
        raise RowError(f"part: found {part!r}, expected 'train', 'validation' or nothing")
    folder = location(corpus) if isinstance(corpus, str) else corpus
    manifest = Manifest.load(folder)
    tables = Tables.read(folder)
    parts = {"train": manifest.train, "validation": manifest.validation}
    for shard in (shard for name, shards in parts.items() if part in ("", name) for shard in shards):
        for batch in open_parquet(folder / shard.path).iter_batches(_BATCH_ROWS, columns=list(_COLUMNS)):
            for row in batch.to_pylist():
                if not lang or row["lang"] == lang:
                    yield document(row, tables)


def document(row: Mapping[str, Any], tables: Tables) -> Document:
    """A row of a shard, as ``to_pylist`` gives it, as a document. Raises RowError."""
    lengths, total = row["word_lens"], len(row["char_ids"])
    offsets = [offset for offset, character in enumerate(row["text"]) if not character.isspace()]
    for name, found in (("text", len(offsets)), ("word_lens", sum(lengths)), ("sent_lens", sum(row["sent_lens"]))):
        if found != total:
            raise RowError(f"document {row['uid']:016x}: characters by char_ids: {total:,}; by {name}: {found:,}")
    readings = row["word_roman"] if row["word_roman"] is not None else [None] * len(lengths)
    ids = row["word_ids"] if row["word_ids"] is not None else [None] * len(lengths)
    if not len(readings) == len(ids) == len(lengths):
        raise RowError(f"document {row['uid']:016x}: words by word_lens: {len(lengths):,}; ids or readings: others")
    try:
        characters = [_character(row, tables, place, offset) for place, offset in enumerate(offsets)]
    except IndexError as error:
        raise RowError(f"document {row['uid']:016x}: an id that is not in the tables") from error
    words, start = [], 0
    for length, reading, identifier in zip(lengths, readings, ids, strict=True):
        inside = tuple(characters[start : start + length])
        words.append(Word("".join(c.text for c in inside), inside, reading or None, identifier))
        start += length
    kept = {name: row[name] for name in ("uid", "source", "lang", "script", "title", "url", "revision", "text")}
    return Document(**kept, words=tuple(words), sentence_lengths=tuple(row["sent_lens"]))


def _character(row: Mapping[str, Any], tables: Tables, place: int, offset: int) -> Character:
    text, identifier = row["text"][offset], row["char_ids"][place]
    syllable = NO_SYLLABLE if row["pinyin_ids"] is None else row["pinyin_ids"][place]
    representative = tables.representatives[identifier]
    return Character(
        text,
        offset,
        identifier,
        None if syllable == NO_SYLLABLE else tables.syllables[syllable],
        text if identifier == UNKNOWN_CHARACTER else tables.characters[representative],
    )
