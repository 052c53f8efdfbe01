from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from hanmill.schemas.corpus import SCHEMA_VERSION
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.manifest import Accounting, InputFile, Manifest, ManifestError, RowGroup, Shard, TableFile


def manifest(corpus: Path) -> Manifest:
    (corpus / "train").mkdir(parents=True)
    (corpus / "tables").mkdir()
    (corpus / "train" / "part-a.parquet").write_bytes("猫".encode())
    (corpus / "tables" / "characters.parquet").write_bytes("字".encode())
    accounting = Accounting(4, 1, {"redirect@1": 2}, {"truncated_stream": 1})
    return Manifest(
        schema_version=SCHEMA_VERSION,
        hanmill_version="0",
        recipe={"name": "試"},
        recipe_sha256="0" * 64,
        inputs=(InputFile("wikipedia", "jawiki.xml.bz2", 3, "1" * 64),),
        resources={"unicode": "14.0.0"},
        tables={
            "characters": TableFile("tables/characters.parquet", file_sha256(corpus / "tables/characters.parquet"), 1)
        },
        train=(Shard("train/part-a.parquet", file_sha256(corpus / "train/part-a.parquet"), 1, 1, (RowGroup(1, 1),)),),
        validation=(),
        accounting=accounting,
        splits={"wikipedia:jawiki.xml.bz2:0-3": accounting},
        measures={"characters": 1},
    )


def test_round_trip_and_same_bytes(tmp_path: Path) -> None:
    made = manifest(tmp_path)
    read = Manifest.from_files(made.files().__getitem__)
    assert read == made
    assert read.files() == made.files()
    assert (len(read.train), read.train[0], read.train[-1:]) == (1, made.train[0], list(made.train))
    assert list(read.splits) == ["wikipedia:jawiki.xml.bz2:0-3"]
    assert read.splits["wikipedia:jawiki.xml.bz2:0-3"] == made.accounting


def test_what_grows_with_the_corpus_stands_beside_the_manifest(tmp_path: Path) -> None:
    made = manifest(tmp_path)
    many = replace(made, train=made.train * 5_000, splits={f"split {n}": made.accounting for n in range(5_000)})
    files, few = many.files(), made.files()
    assert list(files) == ["inputs.parquet", "shards.parquet", "splits.parquet", "manifest.json"]
    assert len(files["manifest.json"]) < len(few["manifest.json"]) + 8
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    read = Manifest.load(tmp_path)
    assert read == many
    (tmp_path / "shards.parquet").write_bytes(few["shards.parquet"])
    with pytest.raises(ManifestError, match=r"shards\.parquet: sha256 in the manifest: .*; of the file: "):
        Manifest.load(tmp_path).train[0]
    assert Manifest.load(tmp_path).documents == {"train": 5_000, "validation": 0}
    (tmp_path / "splits.parquet").unlink()
    (tmp_path / "shards.parquet").write_bytes(files["shards.parquet"])
    with pytest.raises(ManifestError, match=r"splits\.parquet: named in manifest\.json, cannot be read"):
        len(Manifest.load(tmp_path).splits)


@pytest.mark.parametrize("name", ["inputs.parquet", "shards.parquet", "splits.parquet"])
def test_check_files_looks_at_the_lists_too(tmp_path: Path, name: str) -> None:
    for written, content in manifest(tmp_path).files().items():
        (tmp_path / written).write_bytes(content)
    Manifest.load(tmp_path).check_files(tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + b"?")
    with pytest.raises(ManifestError, match=f"{name}: sha256 in the manifest: .*; of the file: "):
        Manifest.load(tmp_path).check_files(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ManifestError, match=f"{name}: named in manifest.json, cannot be read"):
        Manifest.load(tmp_path).check_files(tmp_path)


def test_check_files_names_the_file_that_changed(tmp_path: Path) -> None:
    made = manifest(tmp_path)
    made.check_files(tmp_path)
    (tmp_path / "train" / "part-a.parquet").write_bytes("犬".encode())
    with pytest.raises(ManifestError, match=r"part-a\.parquet: sha256 in the manifest: .*; of the file: "):
        made.check_files(tmp_path)
    (tmp_path / "tables" / "characters.parquet").unlink()
    with pytest.raises(ManifestError, match=r"characters\.parquet: named in the manifest, not found"):
        made.check_files(tmp_path)


def test_a_sum_that_is_off_is_refused_with_both_sides() -> None:
    with pytest.raises(ManifestError, match=r"split 1: records read: 4; kept 1 \+ dropped 1 \+ failed 1 = 3"):
        Accounting(4, 1, {"redirect@1": 1}, {"truncated_stream": 1}).check("split 1")


def test_accounts_add_by_rule() -> None:
    total = Accounting(2, 1, {"a@1": 1}, {}, 10) + Accounting(3, 1, {"a@1": 1}, {"cut": 1}, 7)
    assert total == Accounting(5, 2, {"a@1": 2}, {"cut": 1}, 17)
    total.check("both")


def test_masks_add_by_kind_and_are_no_part_of_the_sum() -> None:
    total = Accounting(1, 1, {}, {}, masked={"email": 2}) + Accounting(1, 1, {}, {}, masked={"email": 1, "ipv4": 4})
    assert total.masked == {"email": 3, "ipv4": 4}
    total.check("both")
    assert Accounting.from_dict(asdict(total)) == total
    assert Accounting.from_dict({"read": 0, "kept": 0, "dropped": {}, "failed": {}}).masked == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a hanmill manifest"),
        ("[]", "not a hanmill manifest"),
        ("[" * 100_000, "not a hanmill manifest"),
        ('{"schema_version": 99}', "schema version of the corpus: 99; of this program: 2"),
        ('{"schema_version": 2}', "lacks or misspells a field"),
    ],
)
def test_what_is_no_manifest_is_refused(text: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        Manifest.from_files({"manifest.json": text.encode()}.__getitem__)


def test_inputs_of_a_corpus_from_before_stand_in_the_manifest(tmp_path: Path) -> None:
    made = manifest(tmp_path)
    files = made.files()
    value = json.loads(files["manifest.json"]) | {"inputs": [asdict(item) for item in made.inputs]}
    assert value["inputs"]
    del value["lists"]["inputs.parquet"], files["inputs.parquet"]
    before = Manifest.from_files((files | {"manifest.json": json.dumps(value).encode()}).__getitem__)
    assert before.inputs == made.inputs
    assert Manifest.from_files(made.files().__getitem__).inputs == made.inputs


@pytest.mark.parametrize("section", ["inputs", "tables", "accounting", "lists"])
def test_a_section_of_another_kind_is_refused(section: str, tmp_path: Path) -> None:
    files = manifest(tmp_path).files()
    value = json.loads(files["manifest.json"]) | {section: "語料"}
    with pytest.raises(ManifestError, match="lacks or misspells a field"):
        Manifest.from_files((files | {"manifest.json": json.dumps(value).encode()}).__getitem__)


def test_a_manifest_in_another_charset_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes("語料".encode("shift_jis"))
    with pytest.raises(ManifestError, match=r"manifest\.json: not a hanmill manifest: 'utf-8' codec"):
        Manifest.load(tmp_path)


def test_unfinished_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="no finished corpus here"):
        Manifest.load(tmp_path)


def test_older_schema_is_refused(tmp_path: Path) -> None:
    newer = replace(manifest(tmp_path), schema_version=SCHEMA_VERSION + 1).files()
    for name, content in newer.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ManifestError, match="schema version of the corpus: 3; of this program: 2"):
        Manifest.load(tmp_path)
