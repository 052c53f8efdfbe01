"""Tables of texts through the whole command, and as a source of a Beam pipeline."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.testing.util import assert_that, equal_to
from click.testing import Result

import hanmill as hm
from hanmill.pipelines.transforms.records import outcomes_of
from hanmill.schemas.manifest import Manifest
from hanmill.schemas.recipe import SourcesRecipe, TablesRecipe

Hanmill = Callable[..., Result]
RECIPE = """
name: tables
sources: {tables: {preset: wikipedia, lang: lang, carry: [score], licence: licence}}
clean: {rules: []}
output: {validation_share: 0}
"""


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """Files of one name in two folders, and of two kinds."""
    rows = [
        ("1", "ja", "憲法", "日本国憲法は、日本の現行憲法である。"),
        ("2", "yue", "香港", "香港係一個城市。"),
        ("3", "zh", "台灣", "臺灣位於東亞。這裡著名的是茶。"),
        ("4", "ja", "空", " "),
    ]
    for folder, part in (("a", rows[:2]), ("b", rows[2:])):
        (tmp_path / folder).mkdir()
        found = [
            {
                "id": n,
                "url": f"https://w/{n}",
                "title": t,
                "text": x,
                "lang": lang,
                "score": 0.5,
                "licence": "CC BY-SA 4.0",
            }
            for n, lang, t, x in part
        ]
        pq.write_table(pa.Table.from_pylist(found), tmp_path / folder / "train.parquet")
    line = {
        "licence": None,
        "url": "https://w/5",
        "title": "词",
        "text": "没有许可也可以标注。",
        "lang": "",
        "score": None,
    }
    (tmp_path / "b" / "more.jsonl").write_text(json.dumps(line) + '\n{"txt": "x"}\n', encoding="utf-8")
    return tmp_path


def build(hanmill: Hanmill, tables: Path, corpus: Path, *options: str) -> Result:
    recipe = tables / "recipe.yaml"
    recipe.write_text(RECIPE, encoding="utf-8")
    inputs = ("--input", f"tables={tables}/*/*.parquet", "--input", f"tables={tables}/b/*.jsonl")
    return hanmill("build", recipe, *inputs, "--output", corpus, *(options or ("--workers", "1")))


def test_tables_become_a_corpus(hanmill: Hanmill, tables: Path) -> None:
    corpus = tables / "corpus"
    result = build(hanmill, tables, corpus)
    assert result.exit_code == 0, result.output
    assert hanmill("verify", corpus).exit_code == 0
    account = Manifest.load(corpus).accounting
    assert (account.read, account.kept) == (6, 4)
    assert account.dropped == {"no_text@1": 1}
    assert account.failed == {"missing_column": 1}
    labels = ["tables:more.jsonl:0-0", "tables:train.parquet:0-1", "tables:train.parquet:0-1 (2)"]
    found = Manifest.load(corpus).splits
    assert [label.partition("-")[0] for label in found] == [label.partition("-")[0] for label in labels]
    assert list(found)[1:] == labels[1:]
    documents = pa.concat_tables(pq.read_table(path) for path in (corpus / "documents").glob("*.parquet")).to_pylist()
    by_title = {row["title"]: row for row in documents}
    assert {title: row["lang"] for title, row in by_title.items()} == {
        "憲法": "ja",
        "香港": "yue",
        "台灣": "zh",
        "词": "zh",
    }
    assert by_title["憲法"]["columns"] == [{"name": "score", "value": "0.5"}]
    assert by_title["词"]["columns"] == []
    assert account.licences == {"CC BY-SA 4.0": 3}
    trained = pa.concat_tables(pq.read_table(path) for path in (corpus / "train").glob("*.parquet")).to_pylist()
    assert {row["title"]: row["licence"] for row in trained} == {
        "憲法": "CC BY-SA 4.0",
        "香港": "CC BY-SA 4.0",
        "台灣": "CC BY-SA 4.0",
        "词": "",
    }
    assert "| CC BY-SA 4.0 | 3 |" in (corpus / "README.md").read_text(encoding="utf-8")
    assert "What pages say of their use" in (corpus / "report.html").read_text(encoding="utf-8")


def test_another_column_reads_the_tables_again(hanmill: Hanmill, tables: Path) -> None:
    corpus = tables / "corpus"
    assert build(hanmill, tables, corpus).exit_code == 0
    recipe = tables / "recipe.yaml"
    recipe.write_text(RECIPE.replace("carry: [score]", "carry: [title]"), encoding="utf-8")
    result = hanmill("plan", recipe, "--input", f"tables={tables}/[ab]/*.parquet", "--output", corpus)
    assert "sources.tables.carry" in result.output, result.output


def test_a_missing_column_is_one_line_and_leaves_nothing(hanmill: Hanmill, tables: Path) -> None:
    recipe = tables / "recipe.yaml"
    recipe.write_text("name: t\nsources: {tables: {text: body}}\n", encoding="utf-8")
    result = hanmill("build", recipe, "--input", f"tables={tables}/a", "--output", tables / "corpus")
    assert result.exit_code == 2
    assert "train.parquet: found columns id, url, title, text, lang, score, licence, expected body" in result.output
    assert not (tables / "corpus").exists()


def test_tables_as_a_source_of_a_pipeline(tables: Path) -> None:
    settings = SourcesRecipe(tables=TablesRecipe(preset="wikipedia", lang="lang"))
    with beam.Pipeline() as pipeline:
        titles = (
            pipeline
            | hm.ReadSource("tables", f"{tables}/a/*.parquet", settings=settings)
            | beam.FlatMap(lambda element: [(one.title, one.lang) for one in outcomes_of(element[1])])
        )
        assert_that(titles, equal_to([("憲法", "ja"), ("香港", "yue")]))
