"""Lengths of a row group: measured, written to a footer, read back; and those of shards that a build wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hanmill.schemas.corpus import CORPUS
from hanmill.schemas.manifest import Manifest
from hanmill.schemas.sentence_lengths import (
    FIELD,
    FOOTER,
    LengthsError,
    SentenceLengths,
    lengths_of_footer,
    lengths_to_json,
    measure_lengths,
    words_of_sentences,
)

COLUMNS = pa.schema([CORPUS.field(name) for name in ("lang", "sent_lens", "word_lens")])


def table_of(*rows: tuple[str, list[int], list[int]]) -> pa.Table:
    names = COLUMNS.names
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], COLUMNS)


def test_by_language_and_number_of_words() -> None:
    # 今天/天气/很/好/。 and 我/知道/。, 東京/は/首都/。, 佢/喺/香港, nothing.
    table = table_of(
        ("zh", [7, 4], [2, 2, 1, 1, 1, 1, 2, 1]), ("ja", [6], [2, 1, 2, 1]), ("zh-HK", [4], [1, 1, 2]), ("zh", [], [])
    )
    found = measure_lengths(table)
    assert found == {
        "zh": SentenceLengths(11, {3: 1, 5: 1}),
        "ja": SentenceLengths(6, {4: 1}),
        "zh-HK": SentenceLengths(4, {3: 1}),
    }
    assert found["zh"].count == 2
    footer = {FOOTER: json.dumps({FIELD: [lengths_to_json(found)]}).encode()}
    assert lengths_of_footer(footer) == [found]


def test_a_word_over_a_sentence_end_belongs_to_the_sentence_it_begins_in() -> None:
    words, documents = words_of_sentences(table_of(("zh", [3, 3], [2, 2, 2])))
    assert words.tolist() == [2, 1]
    assert documents.tolist() == [3]


def test_footers_without_lengths() -> None:
    assert lengths_of_footer(None) is None
    assert lengths_of_footer({b"pandas": b"{}"}) is None
    assert lengths_of_footer({FOOTER: b'{"row_groups": []}'}) is None


@pytest.mark.parametrize("entry", ["漢字", '{"lengths": 3}', '{"lengths": [{"ja": {"characters": "many"}}]}'])
def test_footers_that_are_no_footers(entry: str) -> None:
    with pytest.raises(LengthsError, match="lengths of the footer: cannot be understood"):
        lengths_of_footer({FOOTER: entry.encode()})


def test_sums_that_differ() -> None:
    with pytest.raises(LengthsError, match="characters of the sentences: 7, of the words: 6"):
        measure_lengths(table_of(("ja", [7], [3, 3])))


def test_a_build_writes_the_lengths_of_its_rows(build_here, repository: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "small.yaml"
    recipe.write_text("extends: demo\noutput: {row_group_rows: 4, validation_share: 0.3}\n", encoding="utf-8")
    dumps = str(repository / "samples" / "wikipedia" / "*-multistream.xml.bz2")
    manifest: Manifest = build_here(recipe, [("wikipedia", dumps)], tmp_path / "corpus")
    shards = [shard for shard in (*manifest.train, *manifest.validation) if shard.rows]
    assert len(shards) > 2
    for shard in shards:
        with pq.ParquetFile(tmp_path / "corpus" / shard.path) as file:
            found = lengths_of_footer(file.metadata.metadata)
            assert found == [measure_lengths(file.read_row_group(n)) for n in range(len(shard.row_groups))]
            assert [sum(item.characters for item in group.values()) for group in found] == [
                group.characters for group in shard.row_groups
            ]
