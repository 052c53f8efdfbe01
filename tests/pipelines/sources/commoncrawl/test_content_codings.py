from __future__ import annotations

import contextlib
import gzip
import random
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.sources.commoncrawl.content_codings import BodyTooLarge, CodingError, decoded, is_binary

PAGE = "<p>入秋以后水位回落，江心渡口重新开船。秋になって渡し船が再開した。</p>".encode() * 40
LIMIT = 1 << 20


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(PAGE), "gzip"),
        (gzip.compress(PAGE), "x-gzip"),
        (gzip.compress(PAGE), "X-GZIP "),
        (gzip.compress(PAGE) + b"\r\n<!-- cached -->", "gzip"),
        (gzip.compress(PAGE) + b"\0" * 700, "gzip"),
        (gzip.compress(PAGE[:300]) + gzip.compress(PAGE[300:]), "gzip"),
        (zlib.compress(PAGE), "deflate"),
        (raw_deflate(PAGE), "deflate"),
        (gzip.compress(PAGE), "deflate"),
        (brotli.compress(PAGE), "br"),
        (zstandard.compress(PAGE), "zstd"),
        (gzip.compress(gzip.compress(PAGE)), "gzip, gzip"),
        (gzip.compress(gzip.compress(PAGE)), "gzip"),
        (brotli.compress(gzip.compress(PAGE)), "gzip, br"),
        (gzip.compress(PAGE), ""),
        # The header alone says that the body is encoded.
        (PAGE, "gzip"),
        (PAGE, "br"),
        (PAGE, "deflate"),
        (PAGE, "zstd"),
        (PAGE, "utf-8"),
        (PAGE, "identity"),
        (PAGE, ""),
        ("漢字".encode("utf-16-le") * 99, ""),
    ],
)
def test_codings_as_browsers_take_them(body: bytes, coding: str) -> None:
    found = decoded(body, coding, LIMIT)
    assert found in (PAGE, body)
    assert found == PAGE or body.startswith("漢".encode("utf-16-le"))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_stream_that_ends_early_gives_what_it_has(coding: str) -> None:
    encode = {"gzip": gzip.compress, "deflate": raw_deflate, "br": brotli.compress, "zstd": zstandard.compress}[coding]
    page = "".join(random.Random(1).choices("渡口重新开船的消息传来，人们都很高兴。", k=4000)).encode()
    found = decoded(encode(page)[:-200], coding, LIMIT)
    assert page.startswith(found)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_bytes_that_do_not_decode_are_no_text(coding: str) -> None:
    noise = bytes(random.Random(2).choices(range(256), k=3000))
    with pytest.raises(CodingError):
        decoded(noise, coding, LIMIT)


def test_damage_behind_the_beginning_costs_the_rest() -> None:
    body = bytearray(gzip.compress(bytes(random.Random(3).choices(b"abcdefgh", k=400_000))))
    body[-2000:-1000] = b"\xff" * 1000
    assert len(decoded(bytes(body), "gzip", LIMIT)) > 100_000


@pytest.mark.parametrize("encode", [gzip.compress, zlib.compress, brotli.compress, zstandard.compress])
def test_a_bomb_is_left(encode: Callable[[bytes], bytes]) -> None:
    name = {gzip.compress: "gzip", zlib.compress: "deflate", brotli.compress: "br", zstandard.compress: "zstd"}[encode]
    with pytest.raises(BodyTooLarge):
        decoded(encode(b"\n" * 3_000_000), name, LIMIT)


def test_gzip_inside_gzip_without_end_is_left() -> None:
    body = PAGE
    for _ in range(9):
        body = gzip.compress(body)
    with pytest.raises(CodingError):
        decoded(body, "gzip", LIMIT)


@given(st.binary(max_size=400), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br", "", "x"]))
def test_any_bytes_decode_or_are_refused(body: bytes, coding: str) -> None:
    with contextlib.suppress(CodingError):
        decoded(body, coding, LIMIT)


@pytest.mark.parametrize(
    "charset", ["utf-8", "gb18030", "big5", "shift_jis", "euc-jp", "iso-2022-jp", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_text_of_any_charset_is_not_binary(charset: str) -> None:
    assert not is_binary("<p>漢字の文章です。\r\n\tＡＢＣ、123。</p>".encode(charset) * 9)
