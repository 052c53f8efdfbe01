"""Addresses that are one, and addresses that are two."""

from __future__ import annotations

import pytest

from hanmill.pipelines.dedup.address import address_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.Example.com:443/?a=1#top", "http://example.com?a=1"),
        ("https://日本語.jp/", "http://xn--wgv71a119e.jp"),
        ("https://例え.テスト/a", "https://xn--r8jz45g.xn--zckzah/a"),
        ("https://中国.example/", "https://XN--FIQS8S.example/"),
        ("https://ja.wikipedia.org/wiki/東京", "https://ja.wikipedia.org/wiki/%E6%9D%B1%E4%BA%AC"),
        ("https://zh.example/?q=電腦", "https://zh.example/?q=%e9%9b%bb%e8%85%a6"),
        ("https://a.example/%7Euser/a%2Dz", "https://a.example/~user/a-z"),
        ("https://a.example/a b", "https://a.example/a%20b"),
    ],
)
def test_one_page(one: str, other: str) -> None:
    assert address_key(one) == address_key(other) != 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/A", "https://a.example/a"),
        ("https://a.example/a/b", "https://a.example/a%2Fb"),
        ("https://a.example/?a=b&c", "https://a.example/?a=b%26c"),
        ("https://a.example/", "https://a.example:8443/"),
        ("https://ja.example/wiki/東京", "https://ja.example/wiki/京都"),
    ],
)
def test_two_pages(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


@pytest.mark.parametrize("url", ["", "urn:uuid:1", "東京", "http://", "http://[::1", "mailto:a@example.com"])
def test_no_address(url: str) -> None:
    assert address_key(url) == 0


@pytest.mark.parametrize("url", [f"http://{'あ' * 80}.jp/", "http://a.jp/\ud800", "http://a.jp/%", "http://a..jp/%zz"])
def test_whatever_stands_there_has_a_key(url: str) -> None:
    assert address_key(url) > 0
