"""The records that pass between sources, extraction and cleaning.

Every record a source reads becomes exactly one Document, Dropped or Failed.
"""

from __future__ import annotations

from dataclasses import dataclass

SNIPPET_CHARACTERS = 160
#: What code raises on content that nobody foresaw: the record has failed, the build goes on. OSError and MemoryError
#: are not among them, for they tell of the machine, and the next try may read the record.
UNFORESEEN = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading given by the source itself (ruby, a reading template) for ``text[start:end]``, in code points."""

    start: int
    end: int
    reading: str


@dataclass(frozen=True, slots=True)
class Document:
    """Extracted text with what attribution needs.

    ``document_id`` is stable within ``source`` (``jawiki:123`` or a page's address and capture time). ``lang``
    is what the source declares (``ja``, ``zh``, ``zh-TW``; empty where nothing is declared). ``place`` says
    where the record stood, for messages: file and offset. ``link_characters`` counts the characters of ``text``
    inside links, for the link-share rule. ``charset`` and ``charset_from`` are set for web pages. ``flags`` hold
    what the source says of the page's kind (``disambiguation``, ``list``, ``stub``). ``timestamp`` is the time of the
    revision or of the capture (ISO 8601, UTC), empty where the source has none.
    """

    source: str
    document_id: str
    lang: str
    title: str
    url: str
    revision: str
    text: str
    place: str
    readings: tuple[Reading, ...] = ()
    link_characters: int = 0
    charset: str = ""
    charset_from: str = ""
    flags: tuple[str, ...] = ()
    timestamp: str = ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A record that a rule refused: ``rule`` is its versioned name, such as ``namespace@1``."""

    source: str
    document_id: str
    rule: str
    measured: float | None
    threshold: float | None
    title: str
    url: str
    place: str
    snippet: str


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


Record = Document | Dropped | Failed


def unreadable(source: str, document_id: str, place: str, error: Exception, size: int) -> Failed:
    """The record of ``size`` bytes on which an error of UNFORESEEN was raised."""
    message = f"{type(error).__name__}: {error}"[:SNIPPET_CHARACTERS]
    return Failed(source, document_id, "extraction_error", place, message, size)


@dataclass(frozen=True, slots=True)
class Split:
    """A piece of one input file that one worker reads: bytes [start, end) of the file as stored.

    ``reader`` names how (``multistream``, ``whole``); a record belongs to the split in which it begins. Of a split of
    single records (``reader`` is ``records``) ``path`` is where the archives lie, ``records`` holds each archive's name
    there with offset and length of every record, and ``start`` and ``end`` count records.
    """

    source: str
    path: str
    start: int
    end: int
    reader: str
    records: tuple[tuple[str, tuple[tuple[int, int], ...]], ...] = ()
