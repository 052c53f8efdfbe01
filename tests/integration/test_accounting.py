from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import Result

from hanmill.pipelines.build.stage_record import read_record
from hanmill.schemas.corpus import CORPUS
from hanmill.schemas.manifest import Manifest

Hanmill = Callable[..., Result]
BuildHere = Callable[[Path, Sequence[tuple[str, str]], Path], Manifest]
PAGE = (
    "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"
    "何でも薄暗いじめじめした所でニャーニャー泣いていた。"
)
TWIN = "計算機科學是系統性研究信息與計算的理論基礎以及它們在計算機系統中如何實現與應用的實用技術的學科。"
TWIN_SIMPLIFIED = "计算机科学是系统性研究信息与计算的理论基础以及它们在计算机系统中如何实现与应用的实用技术的学科。"


def wet_record(number: int, text: str, length: int | None = None) -> bytes:
    body = text.encode()
    head = (
        "WARC/1.0\r\nWARC-Type: conversion\r\n"
        f"WARC-Target-URI: https://example.org/{number}\r\nWARC-Record-ID: <urn:uuid:{number:032d}>\r\n"
        "WARC-Date: 2019-08-01T00:00:00Z\r\nContent-Type: text/plain\r\n"
        f"Content-Length: {len(body) if length is None else length}\r\n\r\n"
    )
    return gzip.compress(head.encode() + body + b"\r\n\r\n", mtime=0)


def archive(folder: Path, records: list[bytes]) -> tuple[str, str]:
    path = folder / "pages.warc.wet.gz"
    path.write_bytes(b"".join(records))
    return "commoncrawl", str(path)


def recipe(folder: Path, text: str = "") -> Path:
    path = folder / "small.yaml"
    path.write_text(f"name: small\n{text}", encoding="utf-8")
    return path


def rows(corpus: Path, parts: tuple[str, ...] = ("train", "validation")) -> list[dict]:
    manifest = Manifest.load(corpus)
    return [
        row
        for part in parts
        for shard in getattr(manifest, part)
        for row in pq.read_table(corpus / shard.path, schema=CORPUS).to_pylist()
    ]


def test_more_failures_than_allowed_is_an_error_that_says_what_was_kept(hanmill: Hanmill, tmp_path: Path) -> None:
    broken = [b"\x1f\x8b\x08\x00" + bytes(range(200)) for _ in range(4)]
    source = archive(tmp_path, [wet_record(1, PAGE), *broken, wet_record(2, TWIN)])
    strict = recipe(tmp_path, "clean: {max_failed_share: 0.1}\n")
    result = hanmill("build", strict, "--input", "=".join(source), "--output", tmp_path / "c", "--workers", "1")
    assert result.exit_code == 1
    assert "kept             2" in result.output
    assert "of the records read" in result.output
    assert "the recipe allows 10%" in result.output
    account = Manifest.load(tmp_path / "c").accounting
    assert account.read == account.kept + sum(account.failed.values())
    assert account.bytes_lost == sum(map(len, broken))
    allowing = recipe(tmp_path, "clean: {max_failed_share: 0.9}\n")
    before = read_record(tmp_path / "c")
    options = ("--input", "=".join(source), "--output", tmp_path / "c")
    assert hanmill("build", allowing, *options).exit_code == 0
    assert read_record(tmp_path / "c") == before


def test_sums_hold_with_duplicates_and_repeated_lines(hanmill: Hanmill, build_here: BuildHere, tmp_path: Path) -> None:
    menu = "首頁｜關於我們｜聯絡我們｜網站地圖"
    pages = [f"{menu}\n第{n}課の本文は「{PAGE[n * 3 :]}」で終わる。" for n in range(8)]
    records = [wet_record(n, text) for n, text in enumerate([*pages, menu, TWIN, TWIN_SIMPLIFIED, PAGE, PAGE])]
    recipe_path = recipe(tmp_path, "deduplicate: {lines: 5}\nsources: {split_bytes: 1024}\n")
    manifest = build_here(recipe_path, [archive(tmp_path, records)], tmp_path / "c")
    assert manifest.accounting.dropped == {"duplicate@1": 2, "repeated_lines@1": 1}
    assert (manifest.accounting.read, manifest.accounting.kept) == (13, 10)
    assert len(manifest.splits) > 1
    assert all(menu not in row["text"] for row in rows(tmp_path / "c"))
    assert any("第3課" in row["text"] for row in rows(tmp_path / "c"))
    assert hanmill("verify", tmp_path / "c").exit_code == 0


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_no_twin_sits_on_both_sides_though_all_are_kept(share: float, build_here: BuildHere, tmp_path: Path) -> None:
    records = []
    for n in range(40):
        page = f"第{n}話。" + PAGE[n % 20 :] + str(n) * 9 + TWIN[n % 17 :] * 2 + f"終わり{n}"
        records += [wet_record(2 * n, page), wet_record(2 * n + 1, page + "広告")]
    keeping = recipe(tmp_path, f"deduplicate: {{exact: false}}\noutput: {{validation_share: {share}}}\n")
    build_here(keeping, [archive(tmp_path, records)], tmp_path / "c")
    sides = [
        {int(row["url"].rsplit("/", 1)[1]) // 2: row for row in rows(tmp_path / "c", (part,))}
        for part in ("train", "validation")
    ]
    assert len(rows(tmp_path / "c")) == 80
    assert all(sides)
    assert not sides[0].keys() & sides[1].keys()
