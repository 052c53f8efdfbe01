"""Annotate: one shard of documents becomes one shard of training rows and one of validation rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from hanmill.pipelines.annotate.pinyin.context import pinyin_annotator
from hanmill.pipelines.annotate.segmenters import Segmenters
from hanmill.pipelines.annotate.words import Words
from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.kept import kept_documents
from hanmill.pipelines.build.other_readings import commonest, other_readings
from hanmill.pipelines.build.shown import EXAMPLES
from hanmill.pipelines.build.stored_tables import read_tables
from hanmill.pipelines.build.twins import Twins
from hanmill.pipelines.build.words import CutWords
from hanmill.pipelines.corpus.documents import LeftOut, StoredDocument
from hanmill.pipelines.corpus.rows import RowBuilder
from hanmill.pipelines.corpus.shards import ShardWriter
from hanmill.pipelines.corpus.splits import is_validation
from hanmill.pipelines.text.characters import character_table
from hanmill.schemas.corpus import CORPUS
from hanmill.schemas.location import Location, location, parquet_source
from hanmill.schemas.recipe import Recipe
from hanmill.schemas.sentence_lengths import lengths_to_json, measure_lengths

#: A row group ends here even when it has fewer rows than the recipe says, so that memory stays bounded.
ROW_GROUP_CHARACTERS = 1 << 20
#: Characters of the report's example of each kind of document, and of a document that was left out.
EXAMPLE_CHARACTERS, _LEFT_OUT_CHARACTERS = 80, 120


@dataclass(frozen=True, slots=True)
class AnnotateJob:
    """Segments, romanises and looks up ids; ``tables`` is where the list of the corpus's tables stands."""

    recipe: Recipe
    tables: str
    name: str = "annotate"

    def open(self) -> Callable[[Task], None]:
        """Loads tables, dictionaries and models."""
        tables = read_tables(location(self.tables))
        builder = RowBuilder(
            read_character_ids(tables.stored["characters"]),
            Segmenters(self.recipe.segment),
            pinyin_annotator(self.recipe.readings) if self.recipe.readings.pinyin else None,
            read_word_ids(tables.stored),
            romaji=self.recipe.readings.romaji,
        )
        alone = pq.read_table(parquet_source(tables.stored["characters"]), columns=["default_pinyin"])
        syllables = alone["default_pinyin"].to_numpy()

        def run(task: Task) -> None:
            annotate(task, builder, self.recipe, syllables)

        return run


def annotate(task: Task, builder: RowBuilder, recipe: Recipe, alone: npt.NDArray[np.uint16]) -> None:
    """Writes the shards ``validation`` and then ``train``, whose footer says what was left out and by which rule.

    ``alone`` is the syllable of each character of the table by itself.
    """
    rows, share = recipe.output.row_group_rows, recipe.output.validation_share
    left_out: Counter[str] = Counter()
    examples: dict[str, list[list[str | None]]] = {}
    twins = Twins()
    cut = next((CutWords(path) for path in task.reading_all("words")), None)
    with (
        ShardWriter(task.writing("train"), CORPUS, rows) as train,
        ShardWriter(task.writing("validation"), CORPUS, rows) as validation,
    ):
        groups = [_RowGroup(train, builder, rows, alone), _RowGroup(validation, builder, rows, alone)]
        for document in kept_documents(task):
            if isinstance(document, LeftOut):
                left_out[document.rule] += 1
                shown = examples.setdefault(document.rule, [])
                if len(shown) < EXAMPLES:
                    shown.append([None, None, document.title, document.text[:_LEFT_OUT_CHARACTERS]])
                if document.kept_uid is not None:
                    twins.leave(document.rule, document.kept_uid, document.title, document.text)
            else:
                if document.has_twin:
                    twins.keep(document.uid, document.title, document.text)
                words = cut.of(document.text) if cut else None
                groups[is_validation(document.cluster, share)].append(document, words)
        for group in groups:
            group.close()
        train.metadata.update(left_out=dict(sorted(left_out.items())), examples=examples, twins=twins.to_json())


class _RowGroup:
    """Collects documents up to one row group, annotates them together, and keeps the shard's own account."""

    def __init__(self, shard: ShardWriter, builder: RowBuilder, rows: int, alone: npt.NDArray[np.uint16]) -> None:
        self._shard = shard
        self._alone = alone
        self._other_readings: Counter[tuple[int, int]] = Counter()
        self._builder = builder
        self._rows = rows
        self._documents: list[StoredDocument] = []
        self._words: list[Words] = []
        self._characters = 0
        self._measures: Counter[str] = Counter()
        self._groups: list[dict[str, int]] = []
        self._lengths: list[dict[str, Any]] = []
        #: (source, language, script) to documents, characters and the beginning of the first, for the report.
        self._kinds: dict[tuple[str, str, str], tuple[int, int, str]] = {}

    def append(self, document: StoredDocument, words: Words | None) -> None:
        self._documents.append(document)
        if words is not None:
            self._words.append(words)
        self._characters += len(document.text)
        if len(self._documents) == self._rows or self._characters >= ROW_GROUP_CHARACTERS:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._shard.metadata.update(
            row_groups=self._groups,
            lengths=self._lengths,
            measures=dict(sorted(self._measures.items())),
            other_readings=commonest(self._other_readings),
            kinds=[[*kind, *counts] for kind, counts in sorted(self._kinds.items())],
        )

    def _flush(self) -> None:
        if not self._documents:
            return
        annotated = self._builder.build(self._documents, self._words or None)
        self._shard.write_row_group(annotated.table)
        self._measures.update(annotated.measures)
        self._other_readings.update(other_readings(annotated.table, self._alone))
        for document in self._documents:
            kind = (document.source, document.lang, document.script)
            if kind not in self._kinds:
                self._kinds[kind] = 0, 0, f"{document.title}: {document.text[:EXAMPLE_CHARACTERS]}"
            documents, characters, first = self._kinds[kind]
            self._kinds[kind] = documents + 1, characters + len(document.text), first
        self._groups.append({"rows": len(self._documents), "characters": annotated.measures["characters"]})
        self._lengths.append(lengths_to_json(measure_lengths(annotated.table)))
        self._documents, self._words, self._characters = [], [], 0


def read_character_ids(path: Location) -> npt.NDArray[np.uint16]:
    """uint16 [0x110000]: the id of each code point by the ``characters`` table, 0 where it has none."""
    return character_table(pq.read_table(parquet_source(path), columns=["codepoint"])["codepoint"].to_numpy())


def read_word_ids(tables: Mapping[str, Location]) -> dict[str, dict[str, int]]:
    """Language to word to id, by the ``words.LANG`` tables there are."""
    found = {}
    for name, path in sorted(tables.items()):
        if name.startswith("words."):
            table = pq.read_table(parquet_source(path), columns=["word", "id"])
            words = zip(table["word"].to_pylist(), table["id"].to_pylist(), strict=True)
            found[name.removeprefix("words.")] = dict(words)
    return found
