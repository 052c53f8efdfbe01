"""Gets ``Unihan_Variants.txt`` of a version from unicode.org, and checks it."""

from __future__ import annotations

import http.client
import re
import urllib.request

from hanmill.unihan.bounded import MAX_BYTES, decode_bytes
from hanmill.unihan.errors import FetchError
from hanmill.unihan.variants_file import ARCHIVE_MEMBERS, UnihanVariants, parse_variants

#: SHA-256 of the decoded ``Unihan_Variants.txt`` of the versions that this project has worked with.
KNOWN_SHA256 = {
    "12.0.0": "2444ee48defbc9777a596482f5e832fabd1ce13f74e32316efb6cbba354d0aef",
    "13.0.0": "130dc19d5d201f1a33df18c66a2d94d72bc09684f1487aaaeea9aa1bd13c00bc",
    "14.0.0": "083cd58401519e879951a29acc814330b633ac5ced06cb479e7cb331f628dc99",
    "15.0.0": "eaf54a2a5ea0df3e030cabe7917b04b7556e539874668eaaa106fce7c4b8bf46",
    "17.0.0": "3f23cd71872633f3350875d25bd388e83b60fa71807634c9a600ec26f38a68ab",
}
_TIMEOUT_SECONDS = 60
_VERSION = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{1,2}))?", re.ASCII)


def full_version(text: str) -> str:
    """``12.0`` → ``12.0.0``. Raises FetchError for anything that is not a version."""
    match = _VERSION.fullmatch(text)
    if match is None:
        raise FetchError(f"version: found {text!r}; expected three numbers such as 12.0.0")
    return f"{match[1]}.{match[2]}.{match[3] or 0}"


def archive_address(version: str) -> str:
    """Where unicode.org keeps the archive of a full version."""
    return f"https://www.unicode.org/Public/{version}/ucd/Unihan.zip"


def download_archive(version: str) -> bytes:
    """The bytes of ``Unihan.zip``. Raises FetchError where the server does not give them."""
    address = archive_address(version)
    try:
        with urllib.request.urlopen(address, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 (address is https)
            data: bytes = answer.read(MAX_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise FetchError(
            f"{address}: {error}; 'hanmill unihan fetch {version} --file FILE' takes a local copy"
        ) from error
    if len(data) > MAX_BYTES:
        raise FetchError(f"{address}: more than {MAX_BYTES:,} bytes, the most that is read")
    return data


def checked_variants(stored: bytes, name: str, version: str) -> tuple[bytes, UnihanVariants]:
    """(decoded bytes, what they hold) of an archive or a variants file that must be of ``version``.

    Raises FetchError where its header names another version or its hash is not the known one.
    """
    data = decode_bytes(stored, name, ARCHIVE_MEMBERS)
    variants = parse_variants(data, name)
    if _full_version_or_text(variants.version) != version:
        raise FetchError(f"{name}: version in the header: {variants.version}; asked for: {version}")
    known = KNOWN_SHA256.get(version)
    if known is not None and variants.sha256 != known:
        raise FetchError(f"{name}: sha256 of the decoded file: {variants.sha256}; known for {version}: {known}")
    return data, variants


def _full_version_or_text(text: str) -> str:

    return full_version(text) if _VERSION.fullmatch(text) else text
