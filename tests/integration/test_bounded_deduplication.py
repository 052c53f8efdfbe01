"""A corpus whose links are cut into many groups is, file by file, that of a corpus whose links fit one task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from hanmill.pipelines.dedup import exchange, steps
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.manifest import Manifest

RECIPE = (
    "extends: demo\nname: groups\nglyphs: {styles: []}\nsources: {split_bytes: 4096}\n"
    "deduplicate: {near: true, jaccard: 0.5, lines: 5}\n"
)


def contents(corpus: Path) -> dict[str, str]:
    found = (path for path in corpus.rglob("*") if path.is_file() and path.name not in (".lock", "times.jsonl"))
    return {str(path.relative_to(corpus)): file_sha256(path) for path in found}


def test_groups_change_no_byte(
    build_here: Callable[..., Manifest], repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = tmp_path / "groups.yaml"
    recipe.write_text(RECIPE, encoding="utf-8")
    inputs: Sequence[tuple[str, str]] = (
        ("wikipedia", f"{repository}/samples/wikipedia/zhwiki-*-multistream.xml.bz2"),
        # The same pages under another name, so that every one has a copy.
        ("wikipedia", f"{tmp_path}/again/*.bz2"),
        ("commoncrawl", f"{repository}/samples/commoncrawl/*.warc.gz"),
    )
    (tmp_path / "again").mkdir()
    for path in (repository / "samples" / "wikipedia").glob("zhwiki-*-multistream.xml.bz2"):
        (tmp_path / "again" / f"again-{path.name}").write_bytes(path.read_bytes())
    ran: list[tuple[str, int]] = []
    build_here(recipe, inputs, tmp_path / "one", ran)
    assert "deduplicate: large1" not in dict(ran)
    monkeypatch.setattr(steps, "DOCUMENTS_PER_NODE_GROUP", 16)
    monkeypatch.setattr(exchange, "DOCUMENTS_PER_PARTITION", range(8, 8))
    ran.clear()
    build_here(recipe, inputs, tmp_path / "many", ran)
    tasks = dict(ran)
    assert tasks["deduplicate: large1"] == tasks["deduplicate: decide"] == tasks["deduplicate: verdicts"] > 1
    assert tasks["deduplicate: gather"] > tasks["deduplicate: large1"]
    assert tasks["deduplicate: roots"] == tasks["deduplicate: cluster"] == 1
    found = contents(tmp_path / "one")
    assert found == contents(tmp_path / "many")
    assert sum(name.startswith("duplicates/part-") for name in found) > 3
