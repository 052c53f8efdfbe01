"""A corpus in the forms that other programs read: JSON lines, plain text, a folder for the Hugging Face Hub."""

from __future__ import annotations

import gzip
import io
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import IO, Any

import zstandard

from hanmill.corpus import Document, Tables, document
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.location import Location, open_parquet
from hanmill.schemas.manifest import MANIFEST_NAME, Manifest, ManifestError, Shard
from hanmill.schemas.shard_list import INPUTS_NAME, SHARDS_NAME, SPLITS_NAME

FORMS = ("jsonl", "text", "hf")
COMPRESSIONS = {"none": "", "gzip": ".gz", "zstd": ".zst"}
#: What of a corpus a reader on the Hub needs; the build's own shards stay behind.
PUBLISHED = ("train", "validation", "tables")
PUBLISHED_FILES = ("README.md", MANIFEST_NAME, INPUTS_NAME, SHARDS_NAME, SPLITS_NAME, "report.html", "findings.json")
#: What some readers of lines take for a line's end though JSON does not, escaped.
_LINE_ENDS = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}
_BATCH_ROWS = 64
_ZSTD_LEVEL = 9


class ExportError(HanmillError, ValueError):
    """An export that cannot be made as asked for."""


@dataclass(frozen=True, slots=True)
class ExportForm:
    """What is written of each document.

    ``name`` is ``jsonl`` or ``text``. ``annotations`` adds words, their readings, and pinyin and clusters of characters
    to JSON lines; in plain text ``sentences`` writes one a line, ``words`` puts a space between words. Only documents
    of ``lang`` where it is not empty.
    """

    name: str
    compression: str = "none"
    lang: str = ""
    annotations: bool = False
    sentences: bool = False
    words: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """How many documents and files were written."""

    documents: int
    files: int


def export(corpus: Location, output: Path, form: ExportForm, told: Callable[[str, int], None]) -> Exported:
    """Writes a file for each shard into ``output/train`` and ``output/validation``; holds some documents at a time.

    A file is there whole or not at all, the same bytes for the same corpus. ``told`` gets each file's name and its
    documents. Raises ManifestError where there is no finished corpus, ExportError where ``output`` holds something or
    lies in the corpus, and where no document is of the language.
    """
    manifest = Manifest.load(corpus)
    _refuse_place(corpus, output)
    if form.lang:
        _refuse_language(corpus, manifest, form.lang)
    tables = Tables.read(corpus)
    documents = files = 0
    for shard in (*manifest.train, *manifest.validation):
        name = f"{shard.path.removesuffix('.parquet')}.{'jsonl' if form.name == 'jsonl' else 'txt'}"
        path = output / (name + COMPRESSIONS[form.compression])
        count = 0
        with _whole(path, form.compression) as file:
            for found in _documents(corpus, shard, tables, form.lang):
                for line in _lines(found, form, first=count == 0):
                    file.write(line)
                    file.write("\n")
                count += 1
        documents, files = documents + count, files + 1
        told(name + COMPRESSIONS[form.compression], count)
    return Exported(documents, files)


def export_folder(corpus: Location, output: Path, told: Callable[[str, int], None]) -> Exported:
    """Copies what others read of a corpus, each file checked against the manifest. Raises as ``export``."""
    manifest = Manifest.load(corpus)
    _refuse_place(corpus, output)
    shards = (*manifest.train, *manifest.validation)
    known = {shard.path: (shard.sha256, shard.rows) for shard in shards}
    known |= {table.path: (table.sha256, table.rows) for table in manifest.tables.values()}
    for name, (sha256, rows) in known.items():
        _copy(corpus / name, output / name)
        if (found := file_sha256(output / name)) != sha256:
            raise ManifestError(f"{corpus / name}: found sha256 {found}, expected {sha256} by {MANIFEST_NAME}")
        told(name, rows)
    others = [name for name in PUBLISHED_FILES if (corpus / name).is_file()]
    for name in others:
        _copy(corpus / name, output / name)
    return Exported(sum(shard.rows for shard in shards), len(known) + len(others))


def _refuse_place(corpus: Location, output: Path) -> None:
    if isinstance(corpus, Path) and output.resolve().is_relative_to(corpus.resolve()):
        raise ExportError(f"{output}: lies in the corpus {corpus}, expected a folder of its own")
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise ExportError(f"{output}: found something there, expected no such folder or an empty one")


def _refuse_language(corpus: Location, manifest: Manifest, lang: str) -> None:
    languages: set[str] = set()
    for shard in (*manifest.train, *manifest.validation):
        with open_parquet(corpus / shard.path) as file:
            for batch in file.iter_batches(columns=["lang"]):
                languages.update(batch["lang"].unique().to_pylist())
                if lang in languages:
                    return
    raise ExportError(f"no document in {lang}; the corpus has: {', '.join(sorted(languages)) or 'none'}")


def _documents(corpus: Location, shard: Shard, tables: Tables, lang: str) -> Iterator[Document]:
    with open_parquet(corpus / shard.path) as file:
        for batch in file.iter_batches(_BATCH_ROWS):
            for row in batch.to_pylist():
                if not lang or row["lang"] == lang:
                    yield document(row, tables)


def _lines(found: Document, form: ExportForm, *, first: bool) -> Iterator[str]:
    if form.name == "jsonl":
        line = json.dumps(_record(found, annotations=form.annotations), ensure_ascii=False)
        yield line.translate(_LINE_ENDS)
        return
    if not first:
        yield ""
    if form.words:
        yield from _lines_of_words(found, sentences=form.sentences)
    elif form.sentences:
        yield from found.sentences
    else:
        yield from filter(str.strip, found.text.split("\n"))


def _lines_of_words(found: Document, *, sentences: bool) -> Iterator[str]:
    """Words with a space between them; a line ends where the text's does, or where a sentence does."""
    ends = accumulate(found.sentence_lengths)
    line: list[str] = []
    characters = end = sentence_end = 0
    for word in found.words:
        if sentences:
            is_new = characters >= sentence_end
            while characters >= sentence_end:
                sentence_end = next(ends)
        else:
            is_new = "\n" in found.text[end : word.start]
        if is_new and line:
            yield " ".join(line)
            line = []
        line.append(word.text)
        characters += len(word.characters)
        end = word.end
    if line:
        yield " ".join(line)


def _record(found: Document, *, annotations: bool) -> dict[str, Any]:
    names = ("text", "title", "url", "lang", "script", "source", "revision")
    record: dict[str, Any] = {"id": f"{found.uid:016x}", **{name: getattr(found, name) for name in names}}
    if annotations:
        record["words"] = [word.text for word in found.words]
        record["readings"] = [word.reading for word in found.words]
        record["pinyin"] = [character.pinyin for character in found.characters]
        record["clusters"] = "".join(character.cluster for character in found.characters)
    return record


def _copy(source: Location, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as read, target.open("wb") as written:
        shutil.copyfileobj(read, written, 1 << 20)


@contextmanager
def _whole(path: Path, compression: str) -> Iterator[IO[str]]:
    """A text file that gets its name when it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.part")
    try:
        with temporary.open("wb") as raw, _packing(raw, compression) as packed:
            text = io.TextIOWrapper(packed, encoding="utf-8", newline="\n")
            yield text
            text.flush()
            text.detach()
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _packing(raw: IO[bytes], compression: str) -> Iterator[Any]:
    if compression == "gzip":
        # Without a name and a time, so that the bytes depend on the text alone.
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
            yield packed
    elif compression == "zstd":
        with zstandard.ZstdCompressor(level=_ZSTD_LEVEL).stream_writer(raw, closefd=False) as packed:
            yield packed
    else:
        yield raw
