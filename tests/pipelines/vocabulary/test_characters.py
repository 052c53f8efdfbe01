from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from hanmill import unihan
from hanmill.pipelines.annotate.pinyin.phrases import PinyinAnnotator
from hanmill.pipelines.vocabulary.characters import (
    VocabularyError,
    characters_table,
    choose_characters,
    cluster_numbers,
    clusters_table,
    read_vocabulary,
)
from hanmill.schemas.corpus import CHARACTERS, CLUSTERS
from hanmill.schemas.recipe import UnihanRecipe, VocabularyRecipe

COUNTS = {
    ord("国"): {"zh": 7, "ja": 4},
    ord("國"): {"zh": 3},
    ord("猫"): {"ja": 5},
    ord("貓"): {"zh": 5},
    ord("A"): {"en": 1},
}


@pytest.fixture(scope="module")
def table() -> pa.Table:
    points = choose_characters(COUNTS, VocabularyRecipe())
    representative, _ = cluster_numbers(points, UnihanRecipe())
    return characters_table(
        points, COUNTS, representative, PinyinAnnotator().default(np.array([0, *points], np.uint32))
    )


def test_order_is_by_falling_count_then_code_point() -> None:
    assert "".join(map(chr, choose_characters(COUNTS, VocabularyRecipe()))) == "国猫貓國A"
    assert "".join(map(chr, choose_characters(COUNTS, VocabularyRecipe(min_count=5)))) == "国猫貓"


def test_a_vocabulary_file_gives_the_order_and_its_word_pieces_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("[PAD]\n[CLS]\n貓\n##猫\n\n猫\n国\n貓\nabc\nA\n", encoding="utf-8")
    assert "".join(map(chr, read_vocabulary(path))) == "貓猫国A"
    assert choose_characters(COUNTS, VocabularyRecipe(characters=str(path))) == read_vocabulary(path)


@pytest.mark.parametrize("content", [b"", b"[CLS]\n##a\n", b"\xff\xfe"])
def test_a_file_without_characters_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_bytes(content)
    with pytest.raises(VocabularyError, match=r"vocab\.txt"):
        read_vocabulary(path)


def test_real_bert_vocabulary(shared_data: Path) -> None:
    points = read_vocabulary(shared_data / "vocab" / "bert-base-chinese-vocab.txt")
    assert len(points) == len(set(points)) > 7_300
    assert {ord(c) for c in "的一是國国"} <= set(points)


def test_ids_clusters_and_representatives(table: pa.Table) -> None:
    assert table.schema.equals(CHARACTERS)
    rows = {row["character"]: row for row in table.to_pylist()}
    assert [row["id"] for row in table.to_pylist()] == list(range(6))
    assert rows["國"]["representative"] == rows["国"]["id"] == rows["国"]["representative"]
    assert rows["貓"]["representative"] == rows["猫"]["id"]
    assert rows["A"]["representative"] == rows["A"]["id"]
    assert rows[""]["id"] == rows[""]["cluster"] == 0
    assert dict(rows["国"]["counts"]) == {"ja": 4, "zh": 7}
    clusters = table["cluster"].to_numpy()
    assert set(clusters) == set(range(clusters.max() + 1))


def test_default_pinyin_is_that_of_the_lone_character(table: pa.Table) -> None:
    syllables = PinyinAnnotator().syllables
    readings = {row["character"]: syllables[row["default_pinyin"]] for row in table.to_pylist()}
    assert readings == {"": "", "国": "guo2", "國": "guo2", "猫": "mao1", "貓": "mao1", "A": ""}


def test_clusters_list_members_representative_first(table: pa.Table) -> None:
    clusters = clusters_table(table)
    assert clusters.schema.equals(CLUSTERS)
    assert clusters["text"].to_pylist() == ["国國", "猫貓"]
    assert clusters["representative"].to_pylist() == [1, 2]


def test_unihanlm_vocabulary_gives_the_authors_clusters(shared_data: Path, tmp_path: Path) -> None:
    points = read_vocabulary(shared_data / "unihan" / "unihanlm-han-vocabulary.txt")
    file = str(shared_data / "unihan" / "Unihan_Variants-12.0.0.txt.bz2")
    representative, versions = cluster_numbers(points, UnihanRecipe(("unihan",), "12.0.0", file))
    sizes = np.bincount(np.bincount(representative))
    assert len(points) == 8_500
    # The released map has 4,002 classes: 3,370 merges and 632 characters that stand alone.
    assert (sizes[1], sizes[2:].sum()) == (632, 3_370)
    assert all(version.startswith("12.0.0 ") for version in versions.values())


def test_the_wrong_unihan_version_is_refused_and_says_where_to_get_the_right_one() -> None:
    with pytest.raises(VocabularyError, match=r"is of Unihan 15\.0\.0, the recipe wants 12\.0\.0.*fetch 12\.0\.0"):
        cluster_numbers([ord("気")], UnihanRecipe(("unihan",), "12.0.0"))


def test_a_capped_cluster_stays_within_the_cap() -> None:
    points = [ord(c) for c in sorted(set("".join("".join(m) for m in unihan.clusters(unihan.load_graph()).members)))]
    representative, _ = cluster_numbers(points[:4000], UnihanRecipe(max_cluster_size=3))
    assert np.bincount(representative).max() == 3
