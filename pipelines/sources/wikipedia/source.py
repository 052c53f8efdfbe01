"""Wikipedia dumps as a source."""

from __future__ import annotations

from operator import attrgetter

from hanmill.pipelines.sources.source import Source
from hanmill.pipelines.sources.wikipedia.dump_format import foreign_format
from hanmill.pipelines.sources.wikipedia.reader import SOURCE, plan_splits, read_split


def is_dump(stored: bytes, decoded: bytes) -> bool:
    """Whether a file that begins like this may be a MediaWiki XML dump."""
    if not decoded:
        return True
    return decoded.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") and not foreign_format(decoded)


WIKIPEDIA = Source(
    name=SOURCE,
    expected="a MediaWiki XML dump in UTF-8 (plain, bz2, gz, zst), no abstract dump",
    licence="CC BY-SA 4.0 and GFDL; attribution by `title`, `url` and `revision` of every row",
    rank=0,
    recognise=is_dump,
    split=lambda path, target_bytes, settings: plan_splits(path, target_bytes),
    read=read_split,
    settings=attrgetter("wikipedia"),
    declares_language=True,
)
