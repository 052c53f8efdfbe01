"""Addresses: what is local, what is an object, and what must not stand in one."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.schemas.location import LocationError, ObjectPath, location, refuse_credentials


def test_local_paths_stay_paths(tmp_path: Path) -> None:
    assert location(tmp_path) == tmp_path
    assert location("語料/維基") == Path("語料/維基")
    assert location("C:/corpus") == Path("C:/corpus")


def test_objects_have_the_parts_of_a_path() -> None:
    place = location("s3://bucket/語料/train/part-1.parquet")
    assert place == ObjectPath("s3", "bucket/語料/train/part-1.parquet")
    assert str(place) == "s3://bucket/語料/train/part-1.parquet"
    assert (place.name, place.suffix) == ("part-1.parquet", ".parquet")
    assert place.parent == location("s3://bucket/語料/train/")
    assert place.parent / "part-1.parquet" == place
    assert place.with_name("x") == location("s3://bucket/語料/train/x")
    assert place.relative_to(location("s3://bucket/語料")) == PurePosixPath("train/part-1.parquet")
    assert place.absolute() is place
    with pytest.raises(ValueError, match="is not in gs://bucket"):
        place.relative_to(location("gs://bucket/語料"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ftp://host/x", "found ftp://, expected a local path, s3://, gs:// or hf://datasets/"),
        ("https://host/x", "found https://"),
        ("s3://", "found no bucket"),
        ("gs:///key", "found no bucket"),
        ("s3://bucket//key", "found an empty"),
        ("s3://bucket/a/../../other", "found an empty, '.' or '..' part"),
    ],
)
def test_addresses_that_name_no_place(text: str, message: str) -> None:
    with pytest.raises(LocationError, match=message):
        location(text)


@pytest.mark.parametrize(
    "text",
    [
        "s3://AKIAHIDDEN:hiddenhidden@bucket/key",
        "s3://hiddenhidden@bucket",
        "gs://bucket/key?access_token=hiddenhidden",
        "s3://bucket/key?X-Amz-Credential=x&X-Amz-Signature=hiddenhidden",
        "s3://bucket/*?endpoint_override=hiddenhidden",
        "https://hidden:hiddenhidden@host/x",
    ],
)
def test_credentials_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(LocationError, match="environment") as caught:
        location(text)
    assert "hidden" not in str(caught.value).lower()


def test_wildcards_are_no_query() -> None:
    place = location("s3://bucket/zhwiki-2026????/crawl=CC-MAIN-202?/part-?.bz2")
    assert place.name == "part-?.bz2"
    refuse_credentials("https://data.example/crawl/")


NAMES = st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1)


@given(NAMES.filter(lambda name: name not in (".", "..")))
def test_joining_and_parent_undo_each_other(name: str) -> None:
    folder = ObjectPath("gs", "bucket/corpus")
    place = folder / name
    assert (place.parent, place.name) == (folder, name)
