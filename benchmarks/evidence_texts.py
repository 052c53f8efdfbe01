"""The corpus that the evidence rests on: free Chinese and Japanese text out of packages, fetched by hash."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.evidence_sources import SOURCES
from benchmarks.segmenter_texts import fetch

#: Characters of a document, about: lines are put together up to this.
_DOCUMENT = 1500
_HAN_OR_KANA = re.compile("[\u3041-\u30ff\u4e00-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")


def write_texts(folder: Path, packages: Path) -> dict[str, dict[str, int]]:
    """Writes ``LANG.jsonl`` of documents and returns the characters of each language's packages."""
    folder.mkdir(parents=True, exist_ok=True)
    counts: dict[str, dict[str, int]] = {}
    for language, sources in SOURCES.items():
        counts[language] = {}
        seen: set[str] = set()
        number = 0
        with (folder / f"{language}.jsonl").open("w", encoding="utf-8") as file:
            for source in sources:
                for document in _documents(source.read(fetch(source, packages)), seen, language):
                    counts[language][source.name] = counts[language].get(source.name, 0) + len(document)
                    record = {"id": f"{language}-{number}", "lang": language, "text": document}
                    file.write(json.dumps(record, ensure_ascii=False) + "\n")
                    number += 1
    return counts


def _documents(texts: Iterable[str], seen: set[str], language: str) -> Iterator[str]:
    """Lines that are mostly text of a language, each once in it, several to a document."""
    document = ""
    for text in texts:
        for line in text.split("\n"):
            line = " ".join(line.split())
            if line in seen or not _is_text(line, language):
                continue
            seen.add(line)
            document += line + "\n"
            if len(document) >= _DOCUMENT:
                yield document
                document = ""
    if document:
        yield document


def _is_text(line: str, language: str) -> bool:
    """Whether half of a line is Han or kana, four at least, or it has four words and is letters for two thirds."""
    if language in ("zh", "ja"):
        return len(_HAN_OR_KANA.findall(line)) >= max(4, len(line) / 2)
    return line.count(" ") >= 3 and len(_LETTER.findall(line)) >= len(line) * 2 / 3
