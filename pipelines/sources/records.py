"""What sources give: every record they read becomes exactly one RawPage, Dropped or Failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

SNIPPET_CHARACTERS = 160
#: What code raises on content that nobody foresaw: the record has failed, the build goes on. OSError and MemoryError
#: are not among them, for they tell of the machine, and the next try may read the record.
UNFORESEEN = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

#: What a raw page is written in; each has its extractor in ``hanmill.pipelines.extract.forms``.
Form = Literal["wikitext", "html", "wiki_html", "text"]


@dataclass(frozen=True, slots=True)
class Site:
    """What a wiki's pages have in common and their extraction needs: names of namespaces, number to names."""

    namespaces: tuple[tuple[int, str], ...] = ()


class RawPage(NamedTuple):
    """A page or text as its source holds it, with what attribution needs.

    ``document_id`` is stable within ``source`` (``jawiki:123`` or a page's address and capture time). ``lang`` is what
    the source declares (``ja``, ``zh``, ``zh-TW``; empty where nothing is declared). ``place`` says where the record
    stood, for messages: file and offset. ``content`` is text, or bytes whose charset extraction finds out, with
    ``content_type`` as a hint. ``size`` is what is lost, in bytes, where the page cannot be extracted. ``flags`` hold
    what the source says of the page (``redirect``, ``truncated``). ``timestamp`` is the time of the revision or of the
    capture (ISO 8601, UTC), empty where the source has none. ``licence`` is what the source says the text is under,
    ``opt_out`` whether its server refuses use for training (None where nothing is said);
    ``columns`` are names and values that go along with the document as they are.
    """

    source: str
    document_id: str
    form: Form
    content: str | bytes
    place: str
    size: int
    title: str = ""
    url: str = ""
    lang: str = ""
    revision: str = ""
    timestamp: str = ""
    content_type: str = ""
    flags: tuple[str, ...] = ()
    site: Site = Site()
    licence: str = ""
    opt_out: bool | None = None
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """A record that a rule refused: ``rule`` is its versioned name, such as ``namespace@1``.

    What was extracted and measured before has its ``text``, language, script and ``measures`` (name and value).
    """

    source: str
    document_id: str
    rule: str
    measured: float | None
    threshold: float | None
    title: str
    url: str
    place: str
    snippet: str
    lang: str = ""
    script: str = ""
    text: str = ""
    measures: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A record that could not be read: ``kind`` is a short stable name, ``message`` says what was found.

    ``bytes_lost`` is how much of the input gave nothing for it: as stored where a stretch does not decompress, else
    decompressed; 0 where the source cannot tell.
    """

    source: str
    document_id: str
    kind: str
    place: str
    message: str
    bytes_lost: int = 0


Record = RawPage | Dropped | Failed


def unreadable(source: str, document_id: str, place: str, error: Exception, size: int) -> Failed:
    """The record of ``size`` bytes on which an error of UNFORESEEN was raised."""
    message = f"{type(error).__name__}: {error}"[:SNIPPET_CHARACTERS]
    return Failed(source, document_id, "extraction_error", place, message, size)


@dataclass(frozen=True, slots=True)
class Split:
    """A piece of one input file that one worker reads: bytes [start, end) of the file as stored.

    ``reader`` names how (``multistream``, ``whole``); a record belongs to the split in which it begins. Of a Parquet
    file (``row_groups``) ``start`` and ``end`` count row groups. Of a split of
    single records (``reader`` is ``records``) ``path`` is where the archives lie, ``records`` holds each archive's name
    there with offset and length of every record, and ``start`` and ``end`` count records.
    """

    source: str
    path: str
    start: int
    end: int
    reader: str
    records: tuple[tuple[str, tuple[tuple[int, int], ...]], ...] = ()
