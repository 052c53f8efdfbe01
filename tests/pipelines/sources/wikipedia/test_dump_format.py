from __future__ import annotations

import bz2
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from hanmill.pipelines.commands.extract_wikitext import wikitext
from hanmill.pipelines.sources.recognise import mismatch
from hanmill.pipelines.sources.wikipedia.dump_format import foreign_format
from hanmill.pipelines.sources.wikipedia.source import WIKIPEDIA

ABSTRACT = "<feed>\n<doc>\n<title>Wikipedia: 猫</title>\n<abstract>猫は動物である。</abstract>\n</doc>\n</feed>\n"
EXPORT = "<mediawiki><page><title>猫</title><revision><text>'''猫'''は動物である。</text></revision></page></mediawiki>"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (ABSTRACT.encode(), "an abstract dump"),
        ('{"index":{"_type":"page","_id":"1"}}\n{"title":"猫","text":"猫は動物である。"}\n'.encode(), "lines of JSON"),
        ('\n[{ "title": "猫"}]'.encode(), "lines of JSON"),
        (b"-- MySQL dump 10.19\n--\n", "an SQL dump"),
        (b"CREATE TABLE `page` (\n", "an SQL dump"),
        (b'<?xml version="1.0"?>\n' + ABSTRACT.encode(), "an abstract dump"),
        (EXPORT.encode("utf-16"), "UTF-16"),
        (EXPORT.encode("utf-16-le"), "UTF-16"),
        (EXPORT.encode("utf-16-be"), "UTF-16"),
        (b'<?xml version="1.0"?><!-- c --><rss version="2.0"><channel/></rss>', "another kind (<rss>)"),
    ],
)
@pytest.mark.parametrize("name", ["dump.xml", "dump.xml.bz2", "dump[1].xml"])
def test_xml_that_is_no_dump_is_refused_in_one_line(tmp_path: Path, data: bytes, found: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(bz2.compress(data) if name.endswith("bz2") else data)
    (line,) = CliRunner().invoke(wikitext, [str(path)]).stdout.splitlines()
    record = json.loads(line)
    assert found in record["error"]
    assert "text" not in record
    message = mismatch(WIKIPEDIA, path)
    assert message.startswith("found ")
    assert "expected a MediaWiki XML dump in UTF-8" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "data",
    [
        EXPORT.encode(),
        b"\xef\xbb\xbf" + EXPORT.encode(),
        b'<?xml version="1.0"?>\n<!DOCTYPE mediawiki [<!ENTITY a "b">]>\n' + EXPORT.encode(),
        "<div>'''猫'''</div>".encode(),
        "'''猫'''は動物である。".encode(),
        b'{{"\'|a}} and {| class="wikitable"',
        b"",
    ],
)
def test_dumps_and_pages_of_wikitext_are_not_refused(data: bytes) -> None:
    assert foreign_format(data) == ""


def test_brackets_in_the_name_of_a_dump(tmp_path: Path) -> None:
    path = tmp_path / "jawiki[1].xml"
    path.write_text(EXPORT, encoding="utf-8")
    (line,) = CliRunner().invoke(wikitext, [str(path)]).stdout.splitlines()
    assert json.loads(line)["text"] == "猫は動物である。"
