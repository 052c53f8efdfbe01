from __future__ import annotations

import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanmill.unihan.bounded import decode_bytes, read_bytes
from hanmill.unihan.errors import VariantFileError


def test_a_bomb_is_refused() -> None:
    bomb = gzip.compress(bytes(1 << 20))
    assert len(bomb) < 2000
    with pytest.raises(VariantFileError, match=r"bomb: decodes to more than 65,536 bytes"):
        decode_bytes(bomb, "bomb", limit=1 << 16)


def test_the_limit_itself_is_read() -> None:
    assert len(decode_bytes(lzma.compress(bytes(1000)), "x", limit=1000)) == 1000
    assert len(decode_bytes(bytes(1000), "x", limit=1000)) == 1000


def test_archive_without_the_member_names_what_it_holds() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("説明.txt", "説明")
    with pytest.raises(VariantFileError, match=r"x\.zip: zip archive without Unihan_Variants\.txt; holds 説明\.txt"):
        decode_bytes(packed.getvalue(), "x.zip", ["Unihan_Variants.txt"])


def test_absent_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(VariantFileError, match=r"none\.txt: cannot be read \(No such file or directory\)"):
        read_bytes(tmp_path / "none.txt")
    with pytest.raises(VariantFileError, match="Is a directory"):
        read_bytes(tmp_path)


@settings(deadline=None)
@given(st.sampled_from([b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"]), st.binary(max_size=200))
def test_damage_is_one_kind_of_error(magic: bytes, rest: bytes) -> None:
    with pytest.raises(VariantFileError, match=r"^x: "):
        decode_bytes(magic + rest, "x")
