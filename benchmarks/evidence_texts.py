"""The corpus that the evidence rests on: free Chinese and Japanese text out of packages, fetched by hash.

Chinese: a game's texts in Simplified and Traditional characters, statutes, sentences for learners, and a quarter of the
opinions of Taiwan's constitutional judges. Japanese: the same game's texts, and Debian's manual pages.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.segmenter_sources import MARKUP, TEXTS, member, translations
from benchmarks.segmenter_texts import Source, fetch

#: Characters of a document, about: lines are put together up to this.
_DOCUMENT = 1500
_HAN_OR_KANA = re.compile("[\u3041-\u30ff\u4e00-\u9fff]")
_ROFF = re.compile(r"\\f(?:\[\w*\]|.)|\\[&|^%]|\\s[+-]?\d")
_CHINESE = ("laws", "opinions", "hsk", "tatoeba")
_GAME = next(source for source in TEXTS if source.name == "game")
_OPINIONS_EVERY = 4


def _game_in(language: str, path: Path) -> Iterator[str]:
    name = f"./usr/share/locale/{language}/LC_MESSAGES/cataclysm-dda.mo"
    for text in translations(member(path, name)):
        yield MARKUP.sub("", text)


def _manual_pages(path: Path) -> Iterator[str]:
    """Paragraphs of the Japanese pages, without the requests of their formatter."""
    with (
        subprocess.Popen(["dpkg-deb", "--fsys-tarfile", path], stdout=subprocess.PIPE) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as archive,
    ):
        for item in archive:
            file = (
                archive.extractfile(item)
                if item.isfile() and "/ja/" in item.name and item.name.endswith(".gz")
                else None
            )
            if file is None:
                continue
            paragraph = ""
            for line in gzip.decompress(file.read()).decode("utf-8", "replace").splitlines():
                if line.startswith((".", "'")):
                    yield paragraph
                    paragraph = ""
                else:
                    paragraph += _ROFF.sub("", line).replace("\\-", "-").strip()
            yield paragraph


MANUALS = tuple(
    Source(name, f"{name}=0.5.0.0.20221215+dfsg-1", f"{name}_0.5.0.0.20221215+dfsg-1_all.deb", digest,
           "the licences of the manual pages, free by Debian's guidelines", _manual_pages)
    for name, digest in (
        ("manpages-ja", "4d270e9a1e83be4de0c072a110892a17dc9caa4b501257324006ac28d82c5743"),
        ("manpages-ja-dev", "eab2ad5f14a87b3911c48c90cef92f85d0e77ca5356923f9f9fbc38a86601d1e"),
    )
)  # fmt: skip


def write_texts(folder: Path, packages: Path) -> dict[str, int]:
    """Writes ``LANG.jsonl`` of documents and returns the characters of each language."""
    game = fetch(_GAME, packages)
    chinese: list[Iterable[str]] = [_game_in("zh_CN", game), _game_in("zh_TW", game)]
    for source in TEXTS:
        if source.name in _CHINESE:
            lines = source.read(fetch(source, packages))
            chinese.append(
                lines
                if source.name != "opinions"
                else (line for n, line in enumerate(lines) if n % _OPINIONS_EVERY == 0)
            )
    japanese: list[Iterable[str]] = [
        _game_in("ja", game),
        *(source.read(fetch(source, packages)) for source in MANUALS),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    counts = {}
    for language, texts in (("zh", chinese), ("ja", japanese)):
        with (folder / f"{language}.jsonl").open("w", encoding="utf-8") as file:
            counts[language] = 0
            number = 0
            for text in texts:
                for document in _documents(text):
                    counts[language] += len(document)
                    record = {"id": f"{language}-{number}", "lang": language, "text": document}
                    file.write(json.dumps(record, ensure_ascii=False) + "\n")
                    number += 1
    return counts


def _documents(lines: Iterable[str]) -> Iterator[str]:
    """Lines that are mostly Han and kana, each once, several to a document."""
    seen: set[str] = set()
    document = ""
    for text in lines:
        for line in text.split("\n"):
            line = " ".join(line.split())
            if line in seen or len(_HAN_OR_KANA.findall(line)) < max(4, len(line) / 2):
                continue
            seen.add(line)
            document += line + "\n"
            if len(document) >= _DOCUMENT:
                yield document
                document = ""
    if document:
        yield document
