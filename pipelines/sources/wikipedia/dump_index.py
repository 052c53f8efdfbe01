"""The index of a multistream dump: ``offset:page id:title`` a line, the offset that of the page's stream."""

from __future__ import annotations

import bz2
import re

from hanmill.schemas.location import Location

#: A title is at most 255 bytes long; a longer line is none of an index.
_LONGEST_LINE = 4096
_MAX_DIGITS = 18
_NAME = re.compile(r"^(.*-multistream)(\d*)\.xml(.*)$")


def index_path(dump: Location) -> Location | None:
    """The index beside a dump, by Wikimedia's naming; None where there is none.

    ``jawiki-20260101-pages-articles-multistream1.xml-p1p100.bz2`` has
    ``jawiki-20260101-pages-articles-multistream-index1.txt-p1p100.bz2``.
    """
    match = _NAME.match(dump.name)
    if match is None:
        return None
    index = dump.with_name(f"{match.group(1)}-index{match.group(2)}.txt{match.group(3)}")
    return index if index.is_file() else None


def indexed_streams(index: Location) -> list[int]:
    """Offsets of streams in rising order; empty where the index cannot be read or is none."""
    offsets: list[int] = []
    try:
        with index.open("rb") as stored, bz2.open(stored, "rb") as lines:
            while line := lines.readline(_LONGEST_LINE):
                offset = line.partition(b":")[0]
                if not offset.isdigit() or len(offset) > _MAX_DIGITS or len(line) == _LONGEST_LINE:
                    return []
                if not offsets or int(offset) > offsets[-1]:
                    offsets.append(int(offset))
    except (OSError, EOFError):
        return []
    return offsets
