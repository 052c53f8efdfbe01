"""Whole builds from and into an object store: the bytes are those of a local build, and no secret gets anywhere."""

from __future__ import annotations

import bz2
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from hanmill.pipelines.commands.main import main
from hanmill.pipelines.corpus.verify import verify
from hanmill.pipelines.sources.commoncrawl import reader as commoncrawl
from hanmill.pipelines.sources.wikipedia import reader as wikipedia
from hanmill.schemas.location import location
from hanmill.schemas.recipe import CommonCrawlRecipe, WikipediaRecipe
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.documents import read_documents

RECIPE = "extends: demo\nname: small\nglyphs: {styles: []}\nsources: {split_bytes: 16384}\ndeduplicate: {near: true}\n"
PARTS = ("documents/", "dropped/", "train/", "validation/", "tables/")


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "small.yaml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def local_corpus(build_here, repository: Path, recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    inputs = (
        ("wikipedia", f"{repository}/samples/wikipedia/zhwiki-*-multistream.xml.bz2"),
        ("commoncrawl", f"{repository}/samples/commoncrawl/sample.warc.gz"),
    )
    corpus = tmp_path_factory.mktemp("local") / "corpus"
    build_here(recipe, inputs, corpus)
    return corpus


@pytest.fixture
def inputs(store, scheme, repository: Path) -> Sequence[tuple[str, str]]:
    """The same files in the store."""
    for path in (*repository.glob("samples/wikipedia/zhwiki-*.bz2"), repository / "samples/commoncrawl/sample.warc.gz"):
        store.put(f"dumps/2026/{path.name}", path.read_bytes())
    return (("wikipedia", f"{scheme}://dumps/*/zhwiki-*"), ("commoncrawl", f"{scheme}://dumps/2026/sample.warc.gz"))


def test_a_build_on_a_store(build_here, store, scheme, inputs, recipe: Path, local_corpus: Path, secrets) -> None:
    output = location(f"{scheme}://corpora/語料/small")
    manifest = build_here(recipe, inputs, output)
    found = {name.removeprefix("corpora/語料/small/"): store.get(name) for name in store.names("corpora/")}
    expected = {
        str(path.relative_to(local_corpus)): path.read_bytes()
        for path in local_corpus.rglob("*.*")
        if str(path.relative_to(local_corpus)).startswith((*PARTS, "manifest.json", "report.html"))
    }
    assert {name: content for name, content in found.items() if name in expected or name.startswith(PARTS)} == expected
    assert len([name for name in expected if name.startswith("train/")]) > 2
    # Every object was written whole, once (the small records grow from stage to stage), under its final name.
    written = [address for method, address, _ in store.requests() if method == "PUT" and ".parquet" in address]
    if scheme == "s3":
        assert sorted(set(written)) == sorted(written)
    assert not [name for name in found if "tmp" in name or name.endswith(".lock")]
    for secret in secrets:
        assert not [name for name, content in found.items() if secret.encode() in content]

    # The same command again: inputs are not read again, nothing is run and no shard written.
    store.count_anew()
    ran: list[tuple[str, int]] = []
    assert build_here(recipe, inputs, output, ran) == manifest
    assert ran == []
    assert not [address for method, address, _ in store.requests() if method == "PUT" and ".parquet" in address]

    # A shard that is lost is made again, alone.
    lost = next(name for name in store.names("corpora/") if "/train/" in name)
    location(f"{scheme}://{lost}").unlink()
    build_here(recipe, inputs, output, ran)
    assert ran == [("annotate", 1)]
    assert store.get(lost) == expected[lost.removeprefix("corpora/語料/small/")]
    assert verify(output) == manifest


def test_commands_and_trainer_read_a_corpus_in_a_store(store, scheme, local_corpus: Path, secrets) -> None:
    for path in local_corpus.rglob("*"):
        if path.is_file() and path.name != ".lock":
            store.put(f"corpora/small/{path.relative_to(local_corpus)}", path.read_bytes())
    address = f"{scheme}://corpora/small"
    runner = CliRunner()
    results = [
        runner.invoke(main, arguments) for arguments in (["verify", address], ["inspect", address], ["gc", address])
    ]
    assert [result.exit_code for result in results] == [0, 0, 0], [result.output for result in results]
    assert results[0].output.startswith("sound: ")
    assert results[1].output == runner.invoke(main, ["inspect", str(local_corpus)]).output
    assert results[2].output.startswith("0 files")

    here, there = Corpus(local_corpus), Corpus(location(address))
    there.verify()
    assert there.characters == here.characters
    assert len(there.train) == len(here.train) > 2
    for mine, other in zip(there.train[:3], here.train[:3], strict=True):
        read = [read_documents(place, (), here.size, len(here.syllables)) for place in (mine, other)]
        assert read[0].char_ids.tolist() == read[1].char_ids.tolist()

    lost = next(name for name in store.names("corpora/") if "/train/" in name)
    location(f"{scheme}://{lost}").unlink()
    broken = runner.invoke(main, ["verify", address])
    assert (broken.exit_code, broken.output.strip()) == (
        1,
        f"Error: {scheme}://{lost}: named in the manifest, not found",
    )
    assert not [secret for secret in secrets for result in (*results, broken) if secret in result.output]


def test_gc_removes_what_no_manifest_needs(store, scheme, local_corpus: Path) -> None:
    for path in local_corpus.rglob("*"):
        if path.is_file():
            store.put(f"corpora/small/{path.relative_to(local_corpus)}", path.read_bytes())
    store.put("corpora/small/documents/part-0000000000000000.parquet", b"old")
    result = CliRunner().invoke(main, ["gc", f"{scheme}://corpora/small", "--delete"])
    assert result.output.splitlines() == [
        f"{scheme}://corpora/small/documents/part-0000000000000000.parquet",
        "1 files, 3 bytes removed",
    ]
    assert "corpora/small/documents/part-0000000000000000.parquet" not in store.names()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--output", "s3://AKIAHIDDEN:hiddenhidden@corpora/x"), "found a user or password in the address"),
        (("--output", "gs://corpora/x?access_token=hiddenhidden"), "found a query in the address"),
        (("--output", "ftp://corpora/x"), "found ftp://, expected a local path, s3://, gs:// or hf://datasets/"),
        (("--input", "wikipedia=s3://AKIAHIDDEN:hiddenhidden@b/x", "--output", "x"), "found a user or password"),
        (("--input", "wikipedia=s3://dumps/none*", "--output", "x"), "no such file"),
        (("--output", "s3://others/thing"), "is not empty and holds no recipe.yaml"),
    ],
)
def test_what_is_refused(store, arguments: Sequence[str], message: str) -> None:
    store.put("dumps/zhwiki.xml", b"<mediawiki></mediawiki>")
    store.put("others/thing/deep/photo.jpg", b"x")
    result = CliRunner().invoke(main, ["build", "demo", "--input", "wikipedia=s3://dumps/zhwiki.xml", *arguments])
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert "hidden" not in result.output.lower()


@pytest.mark.parametrize("command", ["verify", "gc", "inspect", "build demo --input wikipedia=x --output"])
def test_a_store_that_does_not_answer_is_one_line(store, secrets, monkeypatch, command: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    result = CliRunner().invoke(main, [*command.split(), "s3://corpora/small"])
    assert result.exit_code == {"verify": 1, "gc": 1, "inspect": 2}.get(command, 3)
    assert isinstance(result.exception, SystemExit)
    assert "s3://corpora/small" in result.output
    assert "Could not connect to server" in result.output
    assert not [secret for secret in secrets if secret in result.output]


def page(number: int) -> str:
    noise = "".join(random.Random(number).choices("人工船長老趙在這條航線上開了十九年橋通車以後坐的少住北岸", k=9000))
    revision = f"<revision><id>{number}</id><model>wikitext</model><text>{noise}</text></revision>"
    return f"<page><title>頁{number}</title><ns>0</ns><id>{number}</id>{revision}</page>"


def test_only_the_bytes_of_a_dump_split_are_read(store) -> None:
    siteinfo = '<mediawiki xml:lang="zh"><siteinfo><dbname>zhwiki</dbname></siteinfo>'
    streams = [siteinfo, *("".join(page(n) for n in range(start, start + 10)) for start in range(0, 400, 10))]
    store.put("dumps/zhwiki-multistream.xml.bz2", b"".join(bz2.compress(text.encode()) for text in streams))
    size = len(store.get("dumps/zhwiki-multistream.xml.bz2"))
    store.count_anew()
    splits = wikipedia.plan_splits("s3://dumps/zhwiki-multistream.xml.bz2", size // 8)
    assert 7 <= len(splits) <= 9
    # A start is looked for at each cut and nowhere else.
    assert sum(store.served().values()) < size / 2
    for split in (splits[3], splits[-1]):
        wikipedia.open_wiki.cache_clear()
        store.count_anew()
        titles = [record.title for record in wikipedia.read_split(split, WikipediaRecipe())]
        assert len(titles) >= 20
        # The split, the beginning of the file for its siteinfo, and the head of the stream behind the split.
        assert sum(store.served().values()) < (split.end - split.start) + size / 6


def test_only_the_bytes_of_an_archive_split_are_read(store, shared_data: Path) -> None:
    content = (shared_data / "warc" / "docs-00000.warc.gz").read_bytes()
    store.put("crawl/docs-00000.warc.gz", content)
    splits = commoncrawl.plan_splits("s3://crawl/docs-00000.warc.gz", 1 << 19)
    assert len(splits) == 8
    local = commoncrawl.plan_splits(str(shared_data / "warc" / "docs-00000.warc.gz"), 1 << 19)
    store.count_anew()
    found = list(commoncrawl.read_split(splits[4], CommonCrawlRecipe()))
    assert found == list(commoncrawl.read_split(local[4], CommonCrawlRecipe()))
    assert len(found) > 50
    assert sum(store.served().values()) < (1 << 19) + (1 << 18)
