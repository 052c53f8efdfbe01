from __future__ import annotations

import bz2
import io
import zipfile
from pathlib import Path

import pytest

from hanmill.unihan.errors import FetchError, VariantFileError
from hanmill.unihan.fetch import KNOWN_SHA256, archive_address, checked_variants, full_version

FILE = "# Unicode version: {}\nU+6C17\tkZVariant\tU+6C23\n"


def archive_of(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Unihan_Variants.txt", text)
    return packed.getvalue()


def test_versions() -> None:
    assert full_version("12.0") == full_version("12.0.0") == "12.0.0"
    assert archive_address("12.1.0") == "https://www.unicode.org/Public/12.1.0/ucd/Unihan.zip"


@pytest.mark.parametrize("text", ["12", "latest", "12.0.0.0", "../12.0", "１２.0", ""])
def test_not_a_version(text: str) -> None:
    with pytest.raises(FetchError, match=r"expected three numbers such as 12\.0\.0"):
        full_version(text)


def test_unlisted_version_is_taken_from_the_archive() -> None:
    data, variants = checked_variants(archive_of(FILE.format("16.0.0")), "x", "16.0.0")
    assert data.decode() == FILE.format("16.0.0")
    assert variants.entries[0].character == "気"


def test_other_version_in_the_header() -> None:
    with pytest.raises(FetchError, match=r"x: version in the header: 13\.0\.0; asked for: 12\.0\.0"):
        checked_variants(archive_of(FILE.format("13.0.0")), "x", "12.0.0")


def test_changed_content_of_a_known_version() -> None:
    with pytest.raises(FetchError, match=rf"known for 12\.0\.0: {KNOWN_SHA256['12.0.0']}"):
        checked_variants(archive_of(FILE.format("12.0.0")), "x", "12.0.0")


def test_page_instead_of_an_archive() -> None:
    with pytest.raises(VariantFileError, match="no variant entry"):
        checked_variants(b"<html>404</html>", "x", "12.0.0")


@pytest.mark.parametrize("version", ["12.0.0", "13.0.0", "15.0.0", "17.0.0"])
def test_real_files_match_the_known_hashes(version: str, shared_data: Path) -> None:
    stored = (shared_data / f"unihan/Unihan_Variants-{version}.txt.bz2").read_bytes()
    data, variants = checked_variants(stored, "x", version)
    assert data == bz2.decompress(stored)
    assert variants.sha256 == KNOWN_SHA256[version]
