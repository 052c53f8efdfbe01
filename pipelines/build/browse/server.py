"""A server for one person on this machine: it listens on the loopback address alone."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

import pyarrow as pa

from hanmill.pipelines.build.browse.marks import Marks
from hanmill.pipelines.build.browse.pages import Pages, readings_of, style
from hanmill.pipelines.build.browse.search import BrowseError, Place, Query
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.location import Location

ADDRESS = "127.0.0.1"
#: Nothing from elsewhere is fetched or run, and no other page may hold these in a frame.
_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_MOST_BYTES = 1 << 16
_QUERY = ("state", "text", "address", "rule", "lang", "source", "uid")


class BrowseServer(ThreadingHTTPServer):
    """Serves the pages of one corpus. ``server_port`` is the one it got where 0 was asked for."""

    daemon_threads = True

    def __init__(self, corpus: Location, marks: Marks, port: int) -> None:
        """Raises ManifestError where there is no finished corpus, BrowseError where the port is taken."""
        self.token = secrets.token_urlsafe(16)
        self.pages = Pages(corpus, marks, self.token)
        self.marks = marks
        try:
            super().__init__((ADDRESS, port), _Handler)
        except OSError as error:
            raise BrowseError(f"port {port}: {error.strerror}; another one by --port") from error

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in the middle of an answer is no event; a fault of the program is told."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: BrowseServer
    server_version, sys_version = "hanmill", ""
    timeout = 60

    def do_GET(self) -> None:
        """Answers with a page."""
        self._answer(self._get)

    def do_POST(self) -> None:
        """Takes a mark or a reading."""
        self._answer(self._post)

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing: the addresses asked for hold text of the web."""

    def _answer(self, work: Callable[[], None]) -> None:
        # Browsers leave the port out where it is 80.
        host = (self.headers.get("Host") or "").partition(":")[0].lower()
        if host not in (ADDRESS, "localhost"):
            # A name of another site that leads here (DNS rebinding).
            self._send(HTTPStatus.FORBIDDEN, self.server.pages.refusal("only for 127.0.0.1 and localhost"))
            return
        try:
            work()
        except HanmillError as error:
            self._send(HTTPStatus.BAD_REQUEST, self.server.pages.refusal(str(error)))
        except (ConnectionError, TimeoutError):
            raise
        except (OSError, pa.ArrowException) as error:
            # A folder of marks that cannot be written, a shard that is damaged or gone since.
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, self.server.pages.refusal(str(error)))

    def _get(self) -> None:
        address = _split(self.path)
        asked = _values(address.query)
        pages = self.server.pages
        if address.path == "/":
            query = Query(**{name: asked[name].strip() for name in _QUERY if asked.get(name)})
            self._send(HTTPStatus.OK, pages.results(query, _place(asked) if "shard" in asked else None))
        elif address.path == "/document":
            self._send(HTTPStatus.OK, pages.document(_place(asked), whole="whole" in asked))
        elif address.path == "/reading":
            self._send(HTTPStatus.OK, pages.readings(_place(asked), _number(asked, "offset")))
        elif address.path == "/style.css":
            self._send(HTTPStatus.OK, style(), "text/css")
        else:
            self._send(HTTPStatus.NOT_FOUND, pages.refusal("no such page"))

    def _post(self) -> None:
        size = self.headers.get("Content-Length", "")
        if not _is_number(size) or int(size) > _MOST_BYTES:
            raise BrowseError(f"form: found {size[:20]!r} bytes, expected at most {_MOST_BYTES:,}")
        asked = _values(self.rfile.read(int(size)).decode("utf-8", "replace"))
        if not secrets.compare_digest(asked.get("token", "").encode(), self.server.token.encode()):
            raise BrowseError("form: of another page or an earlier server; open the document again")
        place = _place(asked)
        if self.path == "/mark":
            row = self.server.pages.row(place)
            self.server.marks.set(f"{row['uid']:016x}", asked.get("mark", ""), row)
        elif self.path == "/reading":
            before, character, after = self.server.pages.context(place, _number(asked, "offset"))
            syllable = asked.get("syllable", "")
            if syllable not in readings_of(character):
                raise BrowseError(
                    f"reading: found {syllable[:20]!r}, expected one of {', '.join(readings_of(character))}"
                )
            self.server.marks.add_reading(before, character, after, syllable)
        else:
            raise BrowseError("no such form")
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", "/document?" + urlencode({"shard": place.shard, "row": place.row}))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, status: HTTPStatus, body: str, kind: str = "text/html") -> None:
        data = body.encode("utf-8", "replace")
        self.send_response(status)
        for name, value in (
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(data))),
            ("Content-Security-Policy", _POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def _split(path: str) -> SplitResult:
    try:
        return urlsplit(path)
    except ValueError as error:
        raise BrowseError(f"address: {error}") from error


def _values(query: str) -> Mapping[str, str]:
    try:
        return {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True, max_num_fields=20).items()}
    except ValueError as error:
        raise BrowseError(f"address: {error}") from error


def _place(asked: Mapping[str, str]) -> Place:
    return Place(asked.get("shard", ""), _number(asked, "row"))


def _number(asked: Mapping[str, str], name: str) -> int:
    written = asked.get(name, "")
    if not _is_number(written):
        raise BrowseError(f"{name}: found {written[:20]!r}, expected a number")
    return int(written)


def _is_number(written: str) -> bool:
    return written.isascii() and written.isdecimal() and len(written) < 16
