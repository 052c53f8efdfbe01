"""What a corpus can do without: never a shard that the manifest or the next build needs."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from hanmill.pipelines.build.garbage import garbage, write_needed
from hanmill.schemas.manifest import MANIFEST_NAME, ManifestError


def corpus(folder: Path, manifest: str = "{}") -> list[Path]:
    for name in ("documents/part-a.parquet", "documents/part-old.parquet", "train/part-a.parquet", "tables/x.parquet"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (folder / MANIFEST_NAME).write_text(manifest, encoding="utf-8")
    return [folder / kind / "part-a.parquet" for kind in ("documents", "train")]


def test_what_no_stage_wrote_is_garbage(tmp_path: Path) -> None:
    shards = corpus(tmp_path)
    write_needed(tmp_path, b"{}", pa.chunked_array([[str(path.relative_to(tmp_path)) for path in shards]]))
    assert garbage(tmp_path) == [tmp_path / "documents" / "part-old.parquet"]


def test_nothing_is_garbage_while_a_build_is_unfinished(tmp_path: Path) -> None:
    shards = corpus(tmp_path, '{"of": "another build"}')
    write_needed(tmp_path, b"{}", pa.chunked_array([[str(path.relative_to(tmp_path)) for path in shards]]))
    with pytest.raises(ManifestError, match=r"needed\.parquet and manifest\.json are of two builds"):
        garbage(tmp_path)


@pytest.mark.parametrize("left", [0, 3, 300])
def test_nothing_is_garbage_where_the_list_is_damaged(tmp_path: Path, left: int) -> None:
    shards = corpus(tmp_path)
    write_needed(tmp_path, b"{}", pa.chunked_array([[str(path.relative_to(tmp_path)) for path in shards]]))
    listed = tmp_path / "needed.parquet"
    listed.write_bytes(listed.read_bytes()[:left])
    with pytest.raises(ManifestError, match=r"needed\.parquet: found no Parquet file"):
        garbage(tmp_path)


def test_a_folder_without_a_manifest_has_none(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"manifest\.json: not found: gc needs a finished corpus"):
        garbage(tmp_path)
