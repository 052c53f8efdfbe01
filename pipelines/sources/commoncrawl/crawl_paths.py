"""The files of a crawl of CommonCrawl, by the lists of paths that it publishes with each."""

from __future__ import annotations

import gzip
import io
import re
import zlib

from hanmill.pipelines.sources.downloads import DownloadError, Downloads, RemoteFile

SERVER = "https://data.commoncrawl.org"
#: Kinds of files, as the lists are named.
KINDS = ("warc", "wet", "wat", "robotstxt", "non200responses", "cc-index-table")
_MOST_STORED, _MOST_DECODED = 64 << 20, 512 << 20
_CRAWL = re.compile(r"CC-(?:MAIN|NEWS)-20\d\d-\d\d(?:-\d\d)?")
_PATH = re.compile(r"[A-Za-z0-9][\w.=/+-]{0,400}")


def files_of_crawl(server: str, crawl: str, kind: str, first: int, downloads: Downloads) -> list[RemoteFile]:
    """The first files of a kind in the order of the list; of the index only those of ``subset=warc``.

    Sizes and checksums are not in the list. Raises DownloadError.
    """
    if not _CRAWL.fullmatch(crawl):
        raise DownloadError(f"found crawl {crawl}, expected a name such as CC-MAIN-2026-10")
    address = f"{server}/crawl-data/{crawl}/{kind}.paths.gz"
    stored = downloads.text(address, _MOST_STORED)
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(stored)) as opened:
            decoded = opened.read(_MOST_DECODED).decode("ascii")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise DownloadError(f"{address}: expected a gzip file with a path a line: {error}") from error
    found: list[RemoteFile] = []
    for path in decoded.split():
        if len(found) == first:
            break
        if not _PATH.fullmatch(path) or ".." in path:
            raise DownloadError(f"{address}: found {path[:80]!r}, expected a path on the server")
        if kind != "cc-index-table" or "/subset=warc/" in path:
            found.append(RemoteFile(f"{server}/{path}", path.rpartition("/")[2]))
    return found
