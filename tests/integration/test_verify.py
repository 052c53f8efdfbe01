from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result

from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.manifest import Manifest

Hanmill = Callable[..., Result]


@pytest.fixture
def corpus(demo_corpus: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo_corpus, tmp_path / "corpus"))


def biggest(corpus: Path) -> Path:
    return corpus / max(Manifest.load(corpus).train, key=lambda shard: shard.rows).path


def rewrite(corpus: Path, path: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Changes the rows of a shard and makes the manifest's hash right again, so that only the rows are wrong."""
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)
    manifest = Manifest.load(corpus)
    train, validation = (
        [replace(s, sha256=file_sha256(path)) if corpus / s.path == path else s for s in part]
        for part in (manifest.train, manifest.validation)
    )
    for name, content in replace(manifest, train=train, validation=validation).files().items():
        (corpus / name).write_bytes(content)


def test_a_flipped_bit_is_found(hanmill: Hanmill, corpus: Path) -> None:
    path = biggest(corpus)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    result = hanmill("verify", corpus)
    assert result.exit_code == 1
    assert f"{path}: sha256 in the manifest" in result.output


def test_a_missing_table_is_named(hanmill: Hanmill, corpus: Path) -> None:
    (corpus / "tables" / "glyphs.parquet").unlink()
    result = hanmill("verify", corpus)
    assert result.exit_code == 1
    assert "glyphs.parquet: named in the manifest, not found" in result.output


def test_a_shard_the_manifest_does_not_know_is_named(hanmill: Hanmill, corpus: Path) -> None:
    shutil.copy(biggest(corpus), corpus / "train" / "part-stray.parquet")
    result = hanmill("verify", corpus)
    assert result.exit_code == 1
    assert "part-stray.parquet: is there, but not in the manifest" in result.output


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("sent_lens", lambda old: [*old, 1], "sum of sent_lens"),
        ("word_lens", lambda old: old[1:], "sum of word_lens"),
        ("word_roman", lambda old: old[:-1], "word_roman: "),
        ("text", lambda old: "猫" + old[1:], "character 0: id "),
    ],
)
def test_a_broken_row_is_named(
    column: str, value: Callable[[Any], Any], message: str, hanmill: Hanmill, corpus: Path
) -> None:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[-1][column] = value(rows[-1][column])

    rewrite(corpus, biggest(corpus), change)
    result = hanmill("verify", corpus)
    assert result.exit_code == 1
    assert message in result.output


def test_a_document_that_stands_twice_is_named(hanmill: Hanmill, corpus: Path) -> None:
    path = biggest(corpus)
    uid = pq.read_table(path, columns=["uid"])["uid"][1].as_py()
    rewrite(corpus, path, lambda rows: rows[0].update(uid=uid))
    result = hanmill("verify", corpus)
    assert result.exit_code == 1
    assert f"{path}: uid {uid:016x} stands in the corpus twice" in result.output


def test_an_account_that_does_not_add_up_is_refused(hanmill: Hanmill, corpus: Path) -> None:
    manifest = json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))
    manifest["accounting"]["dropped"].popitem()
    (corpus / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    result = hanmill("verify", corpus)
    assert result.exit_code == 1
    assert "all splits: records read: " in result.output


def test_finish_refuses_shards_whose_records_do_not_add_up(
    hanmill: Hanmill, corpus: Path, sample_inputs: tuple[str, ...]
) -> None:
    path = sorted((corpus / "documents").iterdir())[0]
    table = pq.read_table(path)
    footer = json.loads(pq.read_metadata(path).metadata[b"hanmill"])
    footer["accounting"]["read"] += 1
    pq.write_table(table.replace_schema_metadata({"hanmill": json.dumps(footer)}), path)
    (corpus / "manifest.json").unlink()
    result = hanmill("build", "demo", *sample_inputs, "--output", corpus, "--workers", "1")
    assert result.exit_code == 1
    assert "records read: " in result.output
    assert not (corpus / "manifest.json").exists()
