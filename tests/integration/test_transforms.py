"""Three pipelines that a Beam user would write, as docs/beam.md shows them, run in this process."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from apache_beam.testing.util import assert_that, equal_to
from click.testing import CliRunner

import hanmill as hm
from hanmill.pipelines.commands.main import main
from hanmill.schemas.manifest import Manifest


def numbers(result: beam.runners.runner.PipelineResult) -> dict[str, int]:
    """Committed counters by name."""
    return {found.key.metric.name: found.committed for found in result.metrics().query()["counters"]}


def test_readings_are_added_to_texts_that_somebody_else_has_read(tmp_path: Path) -> None:
    texts = ["他看着窗外，长大了。", "今日は良い天気だ。", "我哋今晚去邊度食飯呀？", "Plain English."]
    with beam.Pipeline(runner="FnApiRunner") as p:
        rows = p | beam.Create(texts) | hm.AnnotateRows(hm.load_recipe("demo"))
        assert rows.element_type is hm.AnnotatedText
        rows | beam.Map(lambda row: json.dumps(row._asdict())) | beam.io.WriteToText(f"{tmp_path}/rows")
    lines = [line for path in tmp_path.glob("rows*") for line in path.read_text(encoding="utf-8").splitlines()]
    found = [hm.AnnotatedText(**json.loads(line)) for line in lines]
    by_text = {row.text: row for row in found}
    assert set(by_text) == set(texts)
    chinese, japanese, cantonese = (by_text[text] for text in texts[:3])
    assert (chinese.lang, japanese.lang, cantonese.lang) == ("zh", "ja", "yue")
    assert chinese.pinyin[-4:] == ["zhang3", "da4", "le5", ""]
    assert japanese.readings[0] == "キョウ"
    assert "tenki" in japanese.romaji
    for row in found:
        assert "".join(row.characters) == "".join(row.words) == row.text.replace(" ", "")
        assert len(row.characters) == len(row.clusters) == len(row.pinyin)


def test_what_beam_yaml_is_told_makes_rows_with_the_fields_it_maps(repository: Path) -> None:
    """Beam YAML itself wants pandas, which makes every process here start half a second later."""
    page = (repository / "docs" / "beam.md").read_text(encoding="utf-8")
    (written,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    told = yaml.safe_load(written)
    (name,) = (path for provider in told["providers"] for path in provider["transforms"].values())
    module, _, transform = name.rpartition(".")
    (annotate, mapped) = (step["config"] for step in told["pipeline"]["transforms"][1:3])
    texts = [beam.Row(text="他看著窗外。", lang="zh"), beam.Row(text="畳の表を替える。", lang="ja")]
    with beam.Pipeline(runner="FnApiRunner") as p:
        rows = p | beam.Create(texts) | getattr(importlib.import_module(module), transform)(**annotate)
        found = rows | beam.Map(lambda row: (row.lang, row.pinyin, row.romaji[:3]))
        expected = [
            ("zh", ["ta1", "kan4", "zhe5", "chuang1", "wai4", ""], ["", "", ""]),
            ("ja", [""] * 8, ["tatami", "no", "omote"]),
        ]
        assert_that(found, equal_to(expected))
    assert set(mapped["fields"]) <= set(hm.AnnotatedText._fields)


@pytest.fixture(scope="module")
def corpus(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sources cleaned, deduplicated, annotated and written."""
    path = tmp_path_factory.mktemp("beam") / "corpus"
    recipe = hm.load_recipe("demo")
    pipeline = beam.Pipeline(runner="FnApiRunner")
    web = pipeline | hm.ReadCommonCrawl(f"{repository}/samples/commoncrawl/*.warc.gz")
    wiki = pipeline | hm.ReadWikipedia(f"{repository}/samples/wikipedia/*-multistream.xml.bz2")
    kept, dropped, failed = (web, wiki) | beam.Flatten() | hm.Clean(recipe)
    unique = kept | hm.Deduplicate(recipe)
    tables = unique | hm.CountVocabulary(recipe)
    unique | hm.Annotate(recipe, tables) | hm.WriteCorpus(str(path), recipe, tables, [dropped, failed])
    result = pipeline.run()
    result.wait_until_finish()
    manifest = Manifest.load(path)
    counters = numbers(result)
    assert counters["kept"] == manifest.accounting.kept + counters["dropped/duplicate@1"]
    for outcome in ("dropped", "failed"):
        for rule, count in getattr(manifest.accounting, outcome).items():
            assert counters[f"{outcome}/{rule}"] == count
    assert counters["characters"] == manifest.measures["characters"]
    return path


def test_a_corpus_written_by_a_pipeline_is_one_that_a_build_makes(corpus: Path, demo_corpus: Path) -> None:
    assert CliRunner().invoke(main, ["verify", str(corpus)]).exit_code == 0

    def rows(folder: Path) -> dict[int, dict[str, object]]:
        paths = [path for part in ("train", "validation") for path in (folder / part).glob("*.parquet")]
        return {row["uid"]: row for path in paths for row in pq.read_table(path).to_pylist()}

    found, expected = rows(corpus), rows(demo_corpus)
    assert set(found) == set(expected)
    assert found == expected
    for table in ("characters", "clusters", "syllables", "glyphs"):
        ours, theirs = (pq.read_table(folder / "tables" / f"{table}.parquet") for folder in (corpus, demo_corpus))
        assert ours.equals(theirs), table


def test_rows_go_into_a_sink_of_beam_s_own(repository: Path, tmp_path: Path) -> None:
    recipe = hm.load_recipe("demo")
    with beam.Pipeline(runner="FnApiRunner") as p:
        records = p | hm.ReadWikipedia(f"{repository}/samples/wikipedia/jawiki-*-multistream.xml.bz2")
        rows = (records | hm.Clean(recipe)).kept | hm.DocumentRows()
        assert rows.element_type is hm.DocumentRow
        counted = rows | beam.GroupBy("lang").aggregate_field("uid", beam.combiners.CountCombineFn(), "documents")
        counted | beam.Map(lambda row: f"{row.lang}\t{row.documents}") | beam.io.WriteToText(f"{tmp_path}/counts")
        schema = pa.schema([(name, pa.string()) for name in hm.DocumentRow._fields])
        rows | beam.Map(lambda row: row._asdict()) | beam.io.WriteToParquet(f"{tmp_path}/rows", schema)
    lines = [line for path in tmp_path.glob("counts*") for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines == ["ja\t11"]
    (path,) = tmp_path.glob("rows*")
    texts = dict(zip(*(pq.read_table(path)[name].to_pylist() for name in ("title", "text")), strict=True))
    assert "日本の首都である" in texts["東京"]
