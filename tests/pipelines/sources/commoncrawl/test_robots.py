"""robots.txt files in archives, and the pages that they refuse to crawlers for training."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from hanmill.pipelines.build.build import check_recipe
from hanmill.pipelines.build.dependencies import ingest_ingredients
from hanmill.pipelines.sources.commoncrawl.reader import read_split
from hanmill.pipelines.sources.commoncrawl.robots import RobotsFileError, RobotsFiles, read_robots, refusals
from hanmill.pipelines.sources.records import RawPage, Split
from hanmill.schemas.recipe import CommonCrawlRecipe, Recipe, SourcesRecipe

AGENTS = CommonCrawlRecipe().robots_agents


def response(address: str, body: str, status: int = 200, date: str = "2026-02-01T00:00:00Z") -> bytes:
    http = f"HTTP/1.1 {status} X\r\nContent-Type: text/plain\r\n\r\n{body}".encode()
    lines = (
        "WARC/1.0",
        "WARC-Type: response",
        f"WARC-Target-URI: {address}",
        f"WARC-Date: {date}",
        f"WARC-Record-ID: <urn:uuid:{address}{date}>",
        "Content-Type: application/http; msgtype=response",
        f"Content-Length: {len(http)}",
    )
    return gzip.compress("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + http + b"\r\n\r\n")


def archive(path: Path, *records: bytes) -> str:
    path.write_bytes(b"".join(records))
    return str(path)


def refused(rules: str, path: str) -> bool:
    return RobotsFiles({"a.jp": refusals(rules, AGENTS)}).refuses(f"https://a.jp{path}")


@pytest.mark.parametrize(
    ("rules", "path", "answer"),
    [
        ("User-agent: GPTBot\nDisallow: /", "/頁", True),
        ("user-agent:gptbot # OpenAI\nDISALLOW : / # すべて", "/", True),
        ("\ufeffUser-agent: CCBot\r\nDisallow: /private/", "/private/x", True),
        ("User-agent: CCBot\nDisallow: /private/", "/public", False),
        # What is said to every crawler is about being crawled.
        ("User-agent: *\nDisallow: /", "/", False),
        ("User-agent: Googlebot\nDisallow: /", "/", False),
        ("User-agent: GPTBot\nDisallow:", "/", False),
        ("User-agent: GPTBot\nAllow: /", "/", False),
        # Several names before one group; groups of one name add up.
        ("User-agent: a\nUser-agent: ClaudeBot\n\nDisallow: /x", "/x", True),
        ("User-agent: GPTBot\nDisallow: /a\nUser-agent: b\nDisallow: /b\nUser-agent: GPTBot\nDisallow: /c", "/c", True),
        ("User-agent: GPTBot\nDisallow: /a\nUser-agent: b\nDisallow: /b", "/b", False),
        # The longest rule that matches counts; of two as long the one that allows.
        ("User-agent: GPTBot\nDisallow: /\nAllow: /news/", "/news/1", False),
        ("User-agent: GPTBot\nAllow: /news/\nDisallow: /news/old", "/news/old/1", True),
        ("User-agent: GPTBot\nDisallow: /a\nAllow: /a", "/a", False),
        ("User-agent: GPTBot\nDisallow: /*.pdf$", "/b/c.pdf", True),
        ("User-agent: GPTBot\nDisallow: /*.pdf$", "/b/c.pdf.pdf", True),
        ("User-agent: GPTBot\nDisallow: /*.pdf$", "/b/c.pdf?x=1", False),
        ("User-agent: GPTBot\nDisallow: /*/print", "/a/b/print/1", True),
        ("User-agent: GPTBot\nDisallow: /ab$", "/abc", False),
        ("User-agent: GPTBot\nDisallow: /*?page=", "/list?page=2", True),
        # Written as it is or encoded, it is one path.
        ("User-agent: GPTBot\nDisallow: /記事/", "/%E8%A8%98%E4%BA%8B/1", True),
        ("User-agent: GPTBot\nDisallow: /%E8%A8%98%E4%BA%8B/", "/記事/1", True),
        ("Disallow: /\nnonsense\n: :\nUser-agent GPTBot", "/", False),
        ("User-agent: GPTBot\nDisallow: " + "/*a" * 300 + "b", "/" + "a/" * 3000, False),
    ],
)
def test_rules(rules: str, path: str, answer: bool) -> None:
    assert refused(rules, path) is answer


def test_pages_of_hosts(tmp_path: Path) -> None:
    robots = archive(
        tmp_path / "robots.warc.gz",
        response("https://a.jp/robots.txt", "User-agent: GPTBot\nDisallow: /"),
        response("https://b.tw/robots.txt", "User-agent: GPTBot\nDisallow: /", date="2026-01-01T00:00:00Z"),
        response("https://b.tw/robots.txt", "User-agent: *\nDisallow:", date="2026-03-01T00:00:00Z"),
        response("https://c.cn/robots.txt", "User-agent: GPTBot\nDisallow: /", status=404),
    )
    pages = archive(
        tmp_path / "pages.warc.gz",
        *(response(f"https://{host}/頁", f"{host} の本文") for host in ("a.jp", "A.JP", "b.tw", "c.cn", "d.hk")),
    )
    settings = CommonCrawlRecipe(robots=(robots,))
    split = Split("commoncrawl", pages, 0, Path(pages).stat().st_size, "whole")
    found = [one.opt_out for one in read_split(split, settings) if isinstance(one, RawPage)]
    assert found == [True, True, None, None, None]
    assert len(read_robots((robots,), AGENTS)) == 1
    other = CommonCrawlRecipe(robots=(robots,), robots_agents=("Bytespider",))
    assert [one.opt_out for one in read_split(split, other) if isinstance(one, RawPage)] == [None] * 5


def test_files_that_are_none(tmp_path: Path) -> None:
    pages = archive(tmp_path / "pages.warc.gz", response("https://a.jp/x", "頁"))
    recipe = Recipe("r", sources=SourcesRecipe(commoncrawl=CommonCrawlRecipe(robots=(pages,))))
    with pytest.raises(RobotsFileError, match=r"pages\.warc\.gz: expected a WARC file with robots\.txt responses"):
        check_recipe(recipe)


def test_the_files_are_in_the_address(tmp_path: Path) -> None:
    found = []
    for rules in ("", "User-agent: GPTBot\nDisallow: /"):
        path = archive(tmp_path / "robots.warc.gz", response("https://a.jp/robots.txt", rules))
        recipe = Recipe("r", sources=SourcesRecipe(commoncrawl=CommonCrawlRecipe(robots=(path,))))
        found.append(str(ingest_ingredients(recipe, ["commoncrawl"])))
        read_robots.cache_clear()
    assert found[0] != found[1]
