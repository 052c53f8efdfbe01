from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import Result

from hanmill.pipelines.build.build import OutputError, check_output
from hanmill.schemas.corpus import CORPUS
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.manifest import Manifest
from hanmill.schemas.recipe import Recipe
from hanmill.schemas.recipe_file import dump_recipe

Hanmill = Callable[..., Result]


def hashes(corpus: Path) -> dict[str, str]:
    parts = ("train", "validation", "tables", "documents", "dropped")
    found = {str(p.relative_to(corpus)): file_sha256(p) for part in parts for p in (corpus / part).rglob("*.parquet")}
    return found | {
        name: file_sha256(corpus / name) for name in ("manifest.json", "report.html", "findings.json", "README.md")
    }


def rows(corpus: Path) -> list[dict]:
    manifest = Manifest.load(corpus)
    shards = (*manifest.train, *manifest.validation)
    return [row for shard in shards for row in pq.read_table(corpus / shard.path, schema=CORPUS).to_pylist()]


def test_demo_is_sound_and_in_three_languages(hanmill: Hanmill, demo_corpus: Path) -> None:
    result = hanmill("verify", demo_corpus)
    assert result.exit_code == 0, result.output
    documents = rows(demo_corpus)
    assert {"zh", "ja", "en"} <= {row["lang"] for row in documents}
    assert {"wikipedia", "commoncrawl"} == {row["source"] for row in documents}
    for row in documents:
        assert (row["pinyin_ids"] is not None) == (row["lang"] in ("zh", "yue", "lzh")), row["title"]


def test_documents_say_of_which_time_they_are(demo_corpus: Path) -> None:
    shards = [pq.read_table(path) for path in (demo_corpus / "documents").glob("*.parquet")]
    timestamps = [time for shard in shards for time in shard["timestamp"].to_pylist()]
    assert timestamps
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time) for time in timestamps)


def test_a_second_run_writes_nothing(hanmill: Hanmill, demo_corpus: Path, sample_inputs: Sequence[str]) -> None:
    shards = [path for part in ("documents", "counts", "train", "tables") for path in (demo_corpus / part).iterdir()]
    before = {path: path.stat().st_mtime_ns for path in shards}
    old = hashes(demo_corpus)
    assert hanmill("build", "demo", *sample_inputs, "--output", demo_corpus, "--workers", "2").exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in shards} == before
    assert hashes(demo_corpus) == old


@pytest.mark.parametrize("engine", [("--workers", "2"), ("--runner", "FnApiRunner")])
def test_every_engine_gives_the_same_bytes(
    engine: Sequence[str], hanmill: Hanmill, demo_corpus: Path, sample_inputs: Sequence[str], tmp_path: Path
) -> None:
    assert hanmill("build", "demo", *sample_inputs, "--output", tmp_path / "c", *engine).exit_code == 0
    assert hashes(tmp_path / "c") == hashes(demo_corpus)


def test_lost_shards_come_back_with_the_same_bytes(
    hanmill: Hanmill, demo_corpus: Path, sample_inputs: Sequence[str]
) -> None:
    old = hashes(demo_corpus)
    for part in ("documents", "train", "validation", "tables"):
        sorted((demo_corpus / part).glob("*.parquet"))[0].unlink()
    (demo_corpus / "manifest.json").unlink()
    assert hanmill("build", "demo", *sample_inputs, "--output", demo_corpus, "--workers", "1").exit_code == 0
    assert hashes(demo_corpus) == old


def test_a_changed_reading_option_leaves_ingest_alone(
    hanmill: Hanmill, sample_inputs: Sequence[str], tmp_path: Path
) -> None:
    recipe, corpus = tmp_path / "mine.yaml", tmp_path / "corpus"
    recipe.write_text("extends: demo\nname: mine\nglyphs: {styles: []}\n", encoding="utf-8")
    assert hanmill("build", recipe, *sample_inputs, "--output", corpus, "--workers", "1").exit_code == 0
    documents = {path: path.stat().st_mtime_ns for path in (corpus / "documents").iterdir()}
    recipe.write_text(recipe.read_text() + "readings: {romaji: false}\n", encoding="utf-8")
    assert hanmill("build", recipe, *sample_inputs, "--output", corpus, "--workers", "1").exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in (corpus / "documents").iterdir()} == documents
    assert all(row["word_roman"] is None for row in rows(corpus))
    assert hanmill("verify", corpus).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no-such-recipe",), "recipe no-such-recipe: found no such file"),
        (("demo", "--input", "wikipedia=/nowhere/*.bz2"), "--input wikipedia=/nowhere/*.bz2: no such file"),
        (
            ("demo", "--input", "weibo=x"),
            "source 'weibo', expected commoncrawl, commoncrawl-index, tables, wikipedia or wikipedia-html",
        ),
        (("demo", "--input", "wikipedia"), "'wikipedia': expected SOURCE=GLOB"),
        (("unihanlm",), "is of Unihan 15.0.0, the recipe wants 12.0.0"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(
    arguments: Sequence[str], message: str, hanmill: Hanmill, sample_inputs: Sequence[str], tmp_path: Path
) -> None:
    inputs = () if "--input" in arguments else sample_inputs
    result = hanmill("build", *arguments, *inputs, "--output", tmp_path / "corpus")
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "corpus").exists()


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("segment: {chinese: ltp}", "segment.chinese_model: found '', expected a file of LTP weights"),
        ("segment: {chinese: ltp, chinese_model: nowhere.bin}", "/nowhere.bin', expected a file of LTP weights"),
        ("segment: {chinese_model: nowhere.parquet}", "nowhere.parquet: not a readable pointwise segmenter"),
        ("readings: {chinese: context, chinese_model: nowhere.parquet}", "nowhere.parquet"),
        ("clean: {rules: [{rule: kanji_ratio@1, min: 0.1}]}", "rule found: kanji_ratio@1; expected one of: "),
        ("clean: {rules: [{rule: listed_words@1, max: 5}]}", "listed_words@1: expected a file, found none"),
        ("unihan: {sources: [unihan:kFoo]}", "source 'unihan:kFoo' is not known"),
        ("vocabulary: {characters: nowhere.txt}", "nowhere.txt: cannot be read"),
        ("glyphs: {styles: [{name: 宋, faces: [no.ttf]}, {name: 黑, faces: [x]}, {name: 楷, faces: [x]}]}", "no file"),
    ],
)
def test_a_recipe_that_asks_for_what_is_not_there_is_refused_at_once(
    section: str, message: str, hanmill: Hanmill, sample_inputs: Sequence[str], tmp_path: Path
) -> None:
    (tmp_path / "mine.yaml").write_text(f"name: mine\n{section}\n", encoding="utf-8")
    for command in ("build", "plan"):
        result = hanmill(command, tmp_path / "mine.yaml", *sample_inputs, "--output", tmp_path / "corpus")
        assert result.exit_code == 2
        assert message in result.output
        assert len(result.output.splitlines()) == 1
        assert not (tmp_path / "corpus").exists()


def test_an_unknown_runner_is_refused(hanmill: Hanmill, sample_inputs: Sequence[str], tmp_path: Path) -> None:
    result = hanmill("build", "demo", *sample_inputs, "--output", tmp_path / "corpus", "--runner", "Spark")
    assert result.exit_code == 2
    assert "--runner: found 'Spark', expected one of " in result.output
    assert not (tmp_path / "corpus").exists()


def test_an_output_that_cannot_be_made_is_refused(hanmill: Hanmill, sample_inputs: Sequence[str]) -> None:
    result = hanmill("build", "demo", *sample_inputs, "--output", "/proc/corpus")
    assert result.exit_code == 2
    assert result.output == "hanmill: /proc/corpus: cannot be written to: No such file or directory\n"


def test_a_recipe_s_name_may_be_any_line_of_text(tmp_path: Path) -> None:
    for name in ("012", "yes", "漢字: 第一", "a" * 100 + " b"):
        recipe = Recipe(name)
        (tmp_path / "recipe.yaml").write_text(dump_recipe(recipe), encoding="utf-8")
        check_output(tmp_path, recipe)
        with pytest.raises(OutputError, match="holds a corpus of recipe"):
            check_output(tmp_path, Recipe("demo"))


def test_output_of_another_recipe_or_of_someone_else_is_refused(
    hanmill: Hanmill, demo_corpus: Path, sample_inputs: Sequence[str], tmp_path: Path
) -> None:
    old = hashes(demo_corpus)
    result = hanmill("build", "chinesebert", *sample_inputs, "--output", demo_corpus)
    assert result.exit_code == 2
    assert "holds a corpus of recipe 'name: demo', not of 'name: chinesebert'" in result.output
    assert hashes(demo_corpus) == old
    (tmp_path / "thesis.docx").write_text("卒論")
    result = hanmill("build", "demo", *sample_inputs, "--output", tmp_path)
    assert result.exit_code == 2
    assert "is not empty and holds no recipe.yaml" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_accounting_is_of_every_record(demo_corpus: Path) -> None:
    manifest = json.loads((demo_corpus / "manifest.json").read_text(encoding="utf-8"))
    account = manifest["accounting"]
    assert account["read"] == account["kept"] + sum(account["dropped"].values()) + sum(account["failed"].values())
    refused = sum(pq.read_metadata(path).num_rows for path in (demo_corpus / "dropped").iterdir())
    duplicates = sum(count for rule, count in account["dropped"].items() if rule in ("duplicate@1", "same_document@1"))
    assert refused == account["read"] - account["kept"] - duplicates
