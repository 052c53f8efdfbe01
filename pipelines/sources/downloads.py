"""Files of a web server, one after the other over one connection at a time, taken up again where they broke off."""

from __future__ import annotations

import hashlib
import http.client
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from hanmill.pipelines.sources.http_patience import ATTEMPTS, PASSING, MayPass, delay, retry_after, user_agent
from hanmill.schemas.errors import HanmillError

_USER_AGENT = user_agent("download of dumps")
_PIECE = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9][\w.=+-]{0,200}")
_TOTAL = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})")
_ADDRESS = re.compile(r"https?://[^\s/@?#]+(?:/[^\s?#]*)?")


class DownloadError(HanmillError, OSError):
    """A file that could not be had, or is not what its server said it would be."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file to be had: its address, the name it gets, and its size and checksum (``sha1`` or ``md5``) where known."""

    address: str
    name: str
    size: int | None = None
    algorithm: str = ""
    checksum: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise DownloadError(f"{self.address}: found the name {self.name!r}, expected letters, digits and -_.=+")


@dataclass(frozen=True, slots=True)
class Downloads:
    """``pause`` is given the seconds to wait, ``timeout`` is how long a server may say nothing, in seconds."""

    pause: Callable[[float], None] = time.sleep
    timeout: float = 60.0

    def text(self, address: str, most: int) -> bytes:
        """A small file whole, ``most`` bytes of it at most. Raises DownloadError."""
        for attempt in range(ATTEMPTS):
            try:
                with _open(address, {}, self.timeout) as answer:
                    data: bytes = answer.read(most + 1)
                if len(data) > most:
                    raise DownloadError(f"{address}: found more than {most:,} bytes")
                return data
            except MayPass as error:
                self._wait(address, attempt, error)
        raise AssertionError("unreachable")

    def fetch(self, file: RemoteFile, folder: Path) -> bool:
        """Puts the file into the folder, whole or not at all; False where it is there already.

        What a broken connection left is gone on with where the server still has the same file. Server errors and too
        many requests are waited for, seven times in a row without a byte. Raises DownloadError, also where size or
        checksum are others twice.
        """
        path = folder / file.name
        if path.is_file() and not _wrong(file, path):
            return False
        part, tag = path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.part.etag")
        folder.mkdir(parents=True, exist_ok=True)
        for last in (False, True):
            self._download(file, part, tag)
            wrong = _wrong(file, part)
            if not wrong:
                part.replace(path)
                tag.unlink(missing_ok=True)
                return True
            part.unlink()
            tag.unlink(missing_ok=True)
            if last:
                raise DownloadError(f"{file.address}: {wrong}")
        raise AssertionError("unreachable")

    def _download(self, file: RemoteFile, part: Path, tag: Path) -> None:
        attempt = 0
        while True:
            before = part.stat().st_size if part.exists() else 0
            try:
                _continue(file.address, part, tag, self.timeout)
                return
            except MayPass as error:
                if part.exists() and part.stat().st_size > before:
                    attempt = 0
                self._wait(file.address, attempt, error)
                attempt += 1

    def _wait(self, address: str, attempt: int, error: MayPass) -> None:
        if attempt + 1 >= ATTEMPTS:
            raise DownloadError(f"{address}: {error} ({ATTEMPTS} times, then given up)") from error
        self.pause(delay(attempt, error.seconds))


def checked_server(address: str) -> str:
    """The address of a server without a slash at its end. Raises DownloadError for what is none of http or https."""
    if not _ADDRESS.fullmatch(address):
        raise DownloadError("server: expected http://HOST/… or https://HOST/…, without user, query and fragment")
    return address.rstrip("/")


def _continue(address: str, part: Path, tag: Path, timeout: float) -> None:
    """Appends what is missing to ``part``. Raises MayPass where that ends before the file does."""
    have = part.stat().st_size if part.exists() else 0
    known = tag.read_text(encoding="ascii", errors="replace") if tag.exists() else ""
    headers = {"Range": f"bytes={have}-"} if have else {}
    if have and known:
        headers["If-Range"] = known
    try:
        answer = _open(address, headers, timeout)
    except _Complete as complete:
        if complete.size != have:
            part.unlink()
            raise MayPass(f"found {have:,} bytes here and {complete.size} there") from None
        return
    with answer:
        if answer.status == 206:
            matches = _TOTAL.match(answer.headers.get("Content-Range", ""))
            if matches is None or int(matches[1]) != have:
                part.unlink(missing_ok=True)
                raise MayPass(f"Content-Range: found {answer.headers.get('Content-Range')!r}, expected bytes {have}-…")
            expected: int | None = int(matches[2])
        else:
            have = 0
            length = answer.headers.get("Content-Length", "")
            expected = int(length) if length.isascii() and length.isdigit() else None
        etag = answer.headers.get("ETag", "")
        # A weak tag says nothing of bytes.
        tag.write_text("" if etag.startswith("W/") else etag, encoding="ascii", errors="replace")
        with part.open("ab" if have else "wb") as file:
            have += _copy(answer, file)
    if expected is not None and have != expected:
        raise MayPass(f"found {have:,} bytes, expected {expected:,}")


def _copy(answer: Any, file: IO[bytes]) -> int:
    copied = 0
    try:
        while piece := answer.read(_PIECE):
            file.write(piece)
            copied += len(piece)
    except http.client.IncompleteRead as error:
        file.write(error.partial)
        raise MayPass("the connection broke off") from error
    except (OSError, http.client.HTTPException) as error:
        raise MayPass(f"{type(error).__name__}: {error}") from error
    return copied


class _Complete(Exception):
    """The server has nothing behind what was asked for; ``size`` is what it has, None where it does not say."""

    def __init__(self, size: int | None) -> None:
        super().__init__(size)
        self.size = size


def _open(address: str, headers: dict[str, str], timeout: float) -> Any:
    """An answer of 200 or 206. Raises MayPass, _Complete and DownloadError."""
    everywhere = {"User-Agent": _USER_AGENT, "Accept-Encoding": "identity"}
    request = urllib.request.Request(address, headers=everywhere | headers)  # noqa: S310 - checked by checked_server
    try:
        return urllib.request.urlopen(request, timeout=timeout)  # noqa: S310
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 416 and "Range" in headers:
                total = error.headers.get("Content-Range", "").rpartition("/")[2]
                raise _Complete(int(total) if total.isascii() and total.isdigit() else None) from error
            if error.code in PASSING:
                raise MayPass(f"status {error.code}", retry_after(error.headers.get("Retry-After", ""))) from error
            raise DownloadError(f"{address}: status {error.code} {error.reason}, expected 200") from error
    except (OSError, http.client.HTTPException) as error:
        raise MayPass(f"{type(error).__name__}: {error}") from error


def _wrong(file: RemoteFile, path: Path) -> str:
    """What is wrong with a downloaded file, empty where nothing is."""
    size = path.stat().st_size
    if file.size is not None and size != file.size:
        return f"found {size:,} bytes, expected {file.size:,}"
    if not file.checksum:
        return ""
    with path.open("rb") as opened:
        found = hashlib.file_digest(opened, file.algorithm).hexdigest()
    return "" if found == file.checksum.lower() else f"found {file.algorithm} {found}, expected {file.checksum}"
