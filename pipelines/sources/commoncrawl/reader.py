"""CommonCrawl: WARC, WET and ARC files as raw pages, one outcome per record."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath

from hanmill.pipelines.sources.commoncrawl.arc import is_arc, read_arc
from hanmill.pipelines.sources.commoncrawl.page_gates import (
    EAST_ASIAN_LANGUAGES,
    declared_language,
    east_asian_bytes,
    is_crawlers_own,
    is_text,
    media_type,
)
from hanmill.pipelines.sources.commoncrawl.robots import read_robots
from hanmill.pipelines.sources.commoncrawl.warc import WarcFailure, WarcRecordData, is_splittable, read_warc
from hanmill.pipelines.sources.opt_out import opt_out
from hanmill.pipelines.sources.records import (
    SNIPPET_CHARACTERS,
    UNFORESEEN,
    Dropped,
    Failed,
    RawPage,
    Record,
    Split,
    unreadable,
)
from hanmill.pipelines.sources.stored_bytes import open_stored
from hanmill.schemas.location import location
from hanmill.schemas.recipe import CommonCrawlRecipe

SOURCE = "commoncrawl"
_PAGE_TYPES = frozenset({"response", "resource", "conversion"})
#: Codes of WARC-Identified-Content-Language (ISO 639-3) as the rest of the program names languages.
_LANGUAGE_CODES = {"zho": "zh", "jpn": "ja", "kor": "ko", "eng": "en", "yue": "yue", "lzh": "lzh"}


def plan_splits(path: str, target_bytes: int) -> list[Split]:
    """Cuts a file into splits of about ``target_bytes``; a file that is one long member stays whole.

    A record belongs to the split in which it begins. Raises OSError where the file cannot be opened.
    """
    place = location(path)
    size = place.stat().st_size
    with open_stored(place) as file:
        if size <= target_bytes or is_arc(file) or not is_splittable(file):
            return [Split(SOURCE, path, 0, size, "whole")]
    number = max(1, round(size / target_bytes))
    edges = [size * place // number for place in range(number + 1)]
    return [Split(SOURCE, path, start, end, "members") for start, end in pairwise(edges)]


def read_split(split: Split, settings: CommonCrawlRecipe) -> Iterator[Record]:
    """One RawPage, Dropped or Failed per record, and a Failed per stretch that holds no readable one."""
    name = PurePosixPath(split.path).name
    with open_stored(location(split.path), split.end) as file:
        limit = settings.max_record_bytes
        records = read_arc(file, limit) if is_arc(file) else read_warc(file, limit, split.start, split.end)
        last, nth = -1, 0
        for record in records:
            # Several records of one compressed member begin at its offset; each needs a place of its own.
            last, nth = record.offset, nth + 1 if record.offset == last else 0
            place = f"{name}:{record.offset}+{nth}" if nth else f"{name}:{record.offset}"
            if isinstance(record, WarcFailure):
                yield Failed(SOURCE, place, record.kind, place, record.message, record.bytes_lost)
            else:
                yield read_page(record, place, settings)


def read_page(record: WarcRecordData, place: str, settings: CommonCrawlRecipe) -> Record:
    """What becomes of one record."""
    try:
        return _read_page(record, place, settings)
    except UNFORESEEN as error:
        return unreadable(SOURCE, _document_id(record, place), place, error, len(record.body))


def _read_page(record: WarcRecordData, place: str, settings: CommonCrawlRecipe) -> Record:
    if record.type not in _PAGE_TYPES:
        return _dropped(record, place, "record_type@1", None, None, record.type)
    if is_crawlers_own(record.url):
        return _dropped(record, place, "record_type@1", None, None, record.url)
    if record.status and not 200 <= record.status < 300:
        return _dropped(record, place, "http_status@1", float(record.status), 299.0, "")
    kind = media_type(record.content_type, record.identified_type, record.body)
    if not is_text(kind):
        return _dropped(record, place, "media_type@1", None, None, kind)
    if settings.min_cjk_bytes and declared_language(record.body) not in EAST_ASIAN_LANGUAGES:
        found = east_asian_bytes(record.body)
        if found < settings.min_cjk_bytes:
            return _dropped(record, place, "cjk_bytes@1", float(found), float(settings.min_cjk_bytes), "")
    language = record.language.split(",")[0]
    return RawPage(
        source=SOURCE,
        document_id=_document_id(record, place),
        form="text" if kind == "text/plain" else "html",
        content=record.body,
        place=place,
        size=len(record.body),
        url=record.url,
        lang=_LANGUAGE_CODES.get(language, language),
        revision=record.date,
        timestamp=record.date,
        # Text of a WET file is UTF-8 whatever its page was.
        content_type="charset=utf-8" if record.type == "conversion" else record.content_type,
        flags=(*(("truncated",) if record.truncated else ()), *record.warnings),
        opt_out=_opt_out(record, settings),
    )


def _opt_out(record: WarcRecordData, settings: CommonCrawlRecipe) -> bool | None:
    said = opt_out(record.robots, record.reservation)
    if said is not True and settings.robots:
        return True if read_robots(settings.robots, settings.robots_agents).refuses(record.url) else said
    return said


def _document_id(record: WarcRecordData, place: str) -> str:
    return record.record_id or (f"{record.url} {record.date}" if record.url else place)


def _dropped(
    record: WarcRecordData, place: str, rule: str, measured: float | None, threshold: float | None, snippet: str
) -> Dropped:
    return Dropped(
        source=SOURCE,
        document_id=_document_id(record, place),
        rule=rule,
        measured=measured,
        threshold=threshold,
        title="",
        url=record.url,
        place=place,
        snippet=snippet[:SNIPPET_CHARACTERS],
    )
