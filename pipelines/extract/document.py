"""Extracted text: what passes from extraction to cleaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading given by the source itself (ruby, a reading template) for ``text[start:end]``, in code points."""

    start: int
    end: int
    reading: str


class Document(NamedTuple):
    """Extracted text with what attribution needs (``hanmill.pipelines.sources.records.RawPage``).

    ``link_characters`` counts the characters of ``text`` inside links, for the link-share rule. ``charset`` and
    ``charset_from`` are set for pages that came as bytes. ``flags`` hold what kind of page it is (``disambiguation``,
    ``list``, ``stub``, ``truncated``). ``licence`` and ``opt_out`` are what page and source say of its use.
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
    licence: str = ""
    opt_out: bool | None = None
    columns: tuple[tuple[str, str], ...] = ()
