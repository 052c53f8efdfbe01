"""Dumps of articles as HTML (Wikimedia Enterprise): a line of JSON an article, in a compressed archive or plain.

``jawiki-NS0-20240220-ENTERPRISE-HTML.json.tar.gz`` holds files of such lines. Source of the fields: Wikimedia
Enterprise, "Data dictionary", article. Decoding is bounded: a line at a time, never a whole file.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from hanmill.pipelines.sources.bounded_lines import bounded_line
from hanmill.pipelines.sources.records import Dropped, Failed, RawPage, Record, Split
from hanmill.pipelines.sources.tables.files import DAMAGE, compression, is_compressed, is_damage, open_decoded
from hanmill.schemas.location import location
from hanmill.schemas.recipe import WikipediaRecipe

SOURCE = "wikipedia-html"
#: How a split is read: the files of an archive, or lines of a plain file.
ARCHIVE, LINES = "archive", "lines"
#: The longest articles have some ten million bytes of HTML.
MAX_LINE_BYTES = 64 << 20
_TAR_MAGIC, _TAR_MAGIC_AT = b"ustar", 257
_CREATIVE_COMMONS = re.compile(r"CC-((?:BY|0)(?:-[A-Z]+)*)-(\d\.\d)", re.IGNORECASE)
#: A line as it stands, and its whole length with its end.


def is_html_dump(stored: bytes, decoded: bytes) -> bool:
    """Whether a file that begins like this may be such a dump; what does not decode this far may be one."""
    if not decoded:
        return bool(compression(stored))
    return is_archive(decoded) or decoded.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b'{"')


def is_archive(decoded: bytes) -> bool:
    """Whether decoded bytes are the beginning of a tar archive."""
    return decoded[_TAR_MAGIC_AT : _TAR_MAGIC_AT + len(_TAR_MAGIC)] == _TAR_MAGIC


def plan_splits(path: str, target_bytes: int) -> list[Split]:
    """Splits of about ``target_bytes`` of a plain file of lines; an archive and any compressed file is one."""
    place = location(path)
    size = place.stat().st_size
    with place.open("rb") as file:
        stored = file.read(8)
    with open_decoded(place) as decoded:
        archive = _begins_as_archive(decoded)
    if archive or compression(stored):
        return [Split(SOURCE, path, 0, size, ARCHIVE if archive else LINES)]
    number = max(1, round(size / target_bytes))
    return [
        Split(SOURCE, path, *edges, LINES) for edges in pairwise(size * part // number for part in range(number + 1))
    ]


def read_split(split: Split, settings: WikipediaRecipe) -> Iterator[Record]:
    """One record for every line that begins in the split, and a Failed where the stream breaks."""
    name = PurePosixPath(split.path).name
    where = name
    try:
        for where, line, length in _lines(split, name):
            if length > MAX_LINE_BYTES:
                message = f"found a line of {length:,} bytes, expected up to {MAX_LINE_BYTES:,}"
                yield Failed(SOURCE, where, "row_too_long", where, message, length)
            elif line.strip():
                yield article_record(line, where, settings)
    except (OSError, tarfile.TarError, *DAMAGE) as error:
        if not isinstance(error, tarfile.TarError) and not is_damage(error):
            raise
        message = f"found the stream broken behind this line: {error}"
        yield Failed(SOURCE, f"{name}:@broken", "truncated_stream", where, message, 0)


def article_record(line: bytes, place: str, settings: WikipediaRecipe) -> Record:
    """The record of a line of JSON."""
    size = len(line)
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        return _failed("bad_utf8", place, f"{error.reason} at byte {error.start:,} of the line, expected UTF-8", size)
    except (ValueError, RecursionError) as error:
        return _failed("bad_json", place, f"found no JSON: {error or type(error).__name__}", size)
    if not isinstance(row, dict):
        return _failed("bad_row", place, f"found JSON of type {type(row).__name__}, expected an object", size)
    html = _inside(row, "article_body", "html")
    title, identifier = row.get("name"), row.get("identifier")
    wiki, namespace = _inside(row, "is_part_of", "identifier"), _inside(row, "namespace", "identifier")
    if not isinstance(title, str) or not isinstance(identifier, int) or not isinstance(html, str | None):
        known = ", ".join(list(row)[:8])
        return _failed("bad_row", place, f"found fields {known}, expected name, identifier and article_body.html", size)
    lang = _text(_inside(row, "in_language", "identifier"))
    document_id = f"{wiki or lang}:{identifier}"
    url = _text(row.get("url"))
    if namespace is not None and namespace not in settings.namespaces:
        return Dropped(SOURCE, document_id, "namespace@1", None, None, title, url, place, title)
    if not html:
        return Dropped(SOURCE, document_id, "no_text@1", 0.0, 1.0, title, url, place, title)
    return RawPage(
        source=SOURCE,
        document_id=document_id,
        form="wiki_html",
        content=html,
        place=place,
        size=size,
        title=title,
        url=url,
        lang=lang,
        revision=_text(_inside(row, "version", "identifier")),
        timestamp=_text(row.get("date_modified")),
        licence=_licence(row.get("license")),
    )


def _lines(split: Split, name: str) -> Iterator[tuple[str, bytes, int]]:
    """Place, bytes and length of every line that begins in the split."""
    with open_decoded(location(split.path)) as decoded:
        if split.reader == ARCHIVE:
            with tarfile.open(fileobj=decoded, mode="r|") as archive:
                for member in archive:
                    file = archive.extractfile(member) if member.isfile() else None
                    if file is not None:
                        for position, line, length in _lines_of(file, 0, member.size):
                            yield f"{name}:{PurePosixPath(member.name).name}:{position}", line, length
            return
        whole = is_compressed(split.path)
        start = split.start
        if start:
            decoded.seek(start - 1)
            start += bounded_line(decoded, MAX_LINE_BYTES)[1] - 1
        for position, line, length in _lines_of(decoded, start, 1 << 62 if whole else split.end):
            yield f"{name}:{position}", line, length


def _lines_of(file: io.BufferedIOBase | Any, position: int, end: int) -> Iterator[tuple[int, bytes, int]]:
    while position < end:
        line, length = bounded_line(file, MAX_LINE_BYTES)
        if not length:
            return
        yield position, line, length
        position += length


def _begins_as_archive(decoded: io.BufferedReader) -> bool:
    try:
        return is_archive(decoded.read(512))
    except (OSError, *DAMAGE) as error:
        if not is_damage(error):
            raise
        return True


def _inside(row: Mapping[str, Any], name: str, key: str) -> Any:
    value = row.get(name)
    return value.get(key) if isinstance(value, dict) else None


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) else ""


def _licence(value: Any) -> str:
    """Short names of Creative Commons licences as pages' marks have them, others as they are given."""
    listed = value if isinstance(value, list) else [value]
    names = [_text(one.get("identifier")) or _text(one.get("name")) for one in listed if isinstance(one, dict)]
    short = (f"CC {found[1].upper()} {found[2]}" if (found := _CREATIVE_COMMONS.fullmatch(n)) else n for n in names)
    return " | ".join(dict.fromkeys(name for name in short if name))


def _failed(kind: str, place: str, message: str, size: int) -> Failed:
    return Failed(SOURCE, place, kind, place, message, size)
