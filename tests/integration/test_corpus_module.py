"""hanmill.corpus reads documents back as aligned objects; other readers read the same files."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
import yaml

import hanmill as hm
from hanmill.corpus import RowError, Tables, document
from hanmill.schemas.manifest import Manifest, ManifestError


def test_characters_words_and_sentences_cover_the_text(demo_corpus: Path) -> None:
    documents = list(hm.read_documents(demo_corpus))
    manifest = Manifest.load(demo_corpus)
    assert len(documents) == manifest.accounting.kept
    assert sum(len(found.characters) for found in documents) == manifest.measures["characters"]
    assert sum(len(found.words) for found in documents) == manifest.measures["words"]
    for found in documents:
        assert all(found.text[c.offset] == c.text for c in found.characters)
        assert "".join(c.text for c in found.characters) == "".join(found.text.split())
        assert "".join("".join(found.sentences).split()) == "".join(found.text.split())
        assert all("".join(found.text[word.start : word.end].split()) == word.text for word in found.words)


def test_readings_and_clusters_stand_at_their_characters(demo_corpus: Path) -> None:
    (typhoon,) = [found for found in hm.read_documents(str(demo_corpus), lang="zh") if found.title == "臺北的雨"]
    first = typhoon.words[0].characters[0]
    assert (first.text, first.pinyin) == ("臺", "tai2")
    assert {character.cluster for character in typhoon.characters if character.text in "台臺"} != {"臺", "台"}
    (cat,) = [found for found in hm.read_documents(demo_corpus, lang="ja") if found.title == "猫"]
    assert all(character.pinyin is None for character in cat.characters)
    assert "neko" in {word.reading for word in cat.words}
    assert {word.id for word in cat.words} == {None}


def test_one_side_and_one_language(demo_corpus: Path) -> None:
    manifest = Manifest.load(demo_corpus)
    validation = list(hm.read_documents(demo_corpus, part="validation"))
    assert len(validation) == sum(shard.rows for shard in manifest.validation)
    assert {found.lang for found in hm.read_documents(demo_corpus, lang="lzh")} == {"lzh"}
    with pytest.raises(RowError, match="part: found 'test'"):
        next(hm.read_documents(demo_corpus, part="test"))


def test_no_corpus_is_told(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="no finished corpus here"):
        next(hm.read_documents(tmp_path))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("text", "猫が", "by text: 2"),
        ("word_lens", [1, 1], "by word_lens: 2"),
        ("char_ids", [1, 1, 99999], "an id that is not in the tables"),
        ("word_roman", ["a"], "words by word_lens: 2"),
    ],
)
def test_a_row_that_does_not_add_up_is_named(name: str, value: object, message: str) -> None:
    row = dict.fromkeys(("source", "lang", "script", "title", "url", "revision"), "") | {
        "uid": 7,
        "text": "猫が 好",
        "char_ids": [1, 1, 1],
        "sent_lens": [3],
        "word_lens": [1, 2],
        "pinyin_ids": None,
        "word_ids": None,
        "word_roman": None,
    }
    tables = Tables(("", "猫"), (0, 1), ("",))
    assert [word.text for word in document(row, tables).words] == ["猫", "が好"]
    with pytest.raises(RowError, match=f"document 0{{15}}7: .*{message}"):
        document(row | {name: value}, tables)


def test_the_card_names_the_files_of_every_part_and_table(demo_corpus: Path) -> None:
    _, header, body = (demo_corpus / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    card = yaml.safe_load(header)
    assert card["language"] == ["en", "ja", "ko", "lzh", "yue", "zh"]
    assert card["license"] == ["cc-by-sa-4.0", "other"]
    assert card["size_categories"] == ["n<1K"]
    assert [config["config_name"] for config in card["configs"] if config.get("default")] == ["documents"]
    for config in card["configs"]:
        for entry in config["data_files"]:
            files = sorted(demo_corpus.glob(entry["path"]))
            assert files, entry
            assert sum(pq.read_metadata(path).num_rows for path in files)
    for title in ("Composition", "Filters", "Personal data", "Rights", "Known gaps", "How to cite"):
        assert f"\n## {title}\n" in body


def test_no_column_is_of_a_kind_that_few_readers_know(demo_corpus: Path) -> None:
    def kinds(kind: pa.DataType) -> list[pa.DataType]:
        inner = [kind.field(place).type for place in range(kind.num_fields)]
        return [kind, *(found for one in inner for found in kinds(one))]

    for path in [*(demo_corpus / "tables").glob("*.parquet"), *(demo_corpus / "train").glob("*.parquet")]:
        schema = pq.read_schema(path)
        assert not [kind for field in schema for kind in kinds(field.type) if pa.types.is_map(kind)], path
    table = ds.dataset([str(path) for path in sorted((demo_corpus / "train").glob("*.parquet"))]).to_table()
    assert not [field for field in table.schema for kind in kinds(field.type) if pa.types.is_floating(kind)]
    assert table.num_rows == sum(shard.rows for shard in Manifest.load(demo_corpus).train)
