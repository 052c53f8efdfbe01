"""Ranges over HTTP: what is asked for, what is checked, what is tried again, and how fast."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hanmill.pipelines.sources.commoncrawl.http_ranges import FetchError, HttpRanges

CONTENT = bytes(range(256)) * 64
#: One answer: status, headers, and the body; "cut" breaks the connection after half of it.
Answer = tuple[int, dict[str, str], bytes]
Script = Callable[[int, int], Answer]


def right(start: int, end: int) -> Answer:
    body = CONTENT[start:end]
    return 206, {"Content-Range": f"bytes {start}-{start + len(body) - 1}/{len(CONTENT)}"}, body


def failing(status: int, **headers: str) -> Script:
    return lambda start, end: (status, {name.replace("_", "-"): value for name, value in headers.items()}, b"later")


def claiming(content_range: str) -> Script:
    return lambda start, end: (206, {"Content-Range": content_range}, CONTENT[start:end])


def cut(start: int, end: int) -> Answer:
    status, headers, body = right(start, end)
    return status, headers | {"Content-Length": str(len(body))}, body[: len(body) // 2]


@dataclass
class Server:
    """Answers as scripted, then rightly; notes what it was asked."""

    address: str = ""
    script: list[Script] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            asked = self.headers["Range"]
            server.asked.append((self.path, asked, self.headers["User-Agent"]))
            start, last = asked.removeprefix("bytes=").split("-")
            status, headers, body = (server.script.pop(0) if server.script else right)(int(start), int(last) + 1)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.address = f"http://127.0.0.1:{running.server_port}/crawl/"
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def ranges(server: Server, pauses: list[float]) -> HttpRanges:
    return HttpRanges(server.address, per_second=1000.0, timeout=20.0, pause=pauses.append)


def test_a_range_is_asked_for_by_name_and_bytes(server: Server, ranges: HttpRanges) -> None:
    assert ranges.read("CC-MAIN-2026/warc/網頁 1.warc.gz", 100, 300) == CONTENT[100:300]
    ((path, asked, agent),) = server.asked
    assert path == "/crawl/CC-MAIN-2026/warc/%E7%B6%B2%E9%A0%81%201.warc.gz"
    assert asked == "bytes=100-299"
    assert agent.startswith("hanmill/")


def test_a_file_may_end_inside_the_range_or_before_it(server: Server, ranges: HttpRanges) -> None:
    size = len(CONTENT)
    assert ranges.read("a", size - 10, size + 10) == CONTENT[-10:]
    server.script = [failing(416, Content_Range=f"bytes */{size}")]
    assert ranges.read("a", size + 10, size + 20) == b""
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "script",
    [
        [failing(503), failing(500)],
        [failing(429), failing(502)],
        [failing(403), failing(403)],
        [claiming("bytes 0-199/16384"), claiming("nonsense")],
        [claiming("bytes 100-299"), claiming("")],
        [claiming(f"bytes 100-{'9' * 5000}/*"), claiming(f"bytes 100-299/{'9' * 5000}")],
        # Shorter than asked for, and not because the file ends.
        [claiming("bytes 100-250/16384"), claiming("bytes 100-250/*")],
        [cut, cut],
    ],
)
def test_what_may_pass_is_tried_again_ever_later(
    server: Server, ranges: HttpRanges, pauses: list[float], script: list[Script]
) -> None:
    server.script = list(script)
    assert ranges.read("a", 100, 300) == CONTENT[100:300]
    assert len(server.asked) == 3
    waited = [pause for pause in pauses if pause >= 0.5]
    assert len(waited) == 2
    assert 1 <= waited[0] <= 1.5
    assert 2 <= waited[1] <= 3


def test_the_server_says_when_to_come_back(server: Server, ranges: HttpRanges, pauses: list[float]) -> None:
    server.script = [failing(429, Retry_After="30"), failing(503, Retry_After="86400")]
    assert ranges.read("a", 0, 5) == CONTENT[:5]
    assert [pause for pause in pauses if pause >= 0.5] == [30.0, 120.0]


def test_a_server_that_never_recovers_is_given_up(server: Server, ranges: HttpRanges, pauses: list[float]) -> None:
    server.script = [failing(503)] * 20
    with pytest.raises(FetchError, match=r"/crawl/a bytes 5-9: status 503 \(7 times, then given up\)"):
        ranges.read("a", 5, 9)
    assert len(server.asked) == 7
    assert sum(pause >= 0.5 for pause in pauses) == 6


def test_a_server_that_ignores_range_is_not_read(server: Server, ranges: HttpRanges) -> None:
    server.script = [lambda start, end: (200, {}, CONTENT)]
    with pytest.raises(FetchError, match="status 200, expected 206: the server ignores Range"):
        ranges.read("a", 5, 9)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [401, 404, 410])
def test_what_will_not_pass_is_not_tried_again(server: Server, ranges: HttpRanges, status: int) -> None:
    server.script = [failing(status)]
    with pytest.raises(FetchError, match=f"status {status}"):
        ranges.read("a", 5, 9)
    assert len(server.asked) == 1


def test_nobody_there(pauses: list[float]) -> None:
    with pytest.raises(FetchError, match="7 times, then given up"):
        HttpRanges("http://127.0.0.1:9/", 1000.0, timeout=5.0, pause=pauses.append).read("a", 0, 1)


def test_the_rate_is_kept(server: Server, pauses: list[float]) -> None:
    ranges = HttpRanges(server.address, per_second=0.01, pause=pauses.append)
    for _ in range(3):
        ranges.read("a", 0, 1)
    assert len(pauses) == 2
    assert 90 < pauses[0] <= 100
    assert 190 < pauses[1] <= 200
