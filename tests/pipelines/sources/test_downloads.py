"""Downloads from a server of our own that breaks off, refuses, and says what is not so."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from hanmill.pipelines.commands.fetch import fetch
from hanmill.pipelines.sources.downloads import DownloadError, Downloads, RemoteFile, checked_server
from hanmill.pipelines.sources.http_patience import retry_after

CONTENT = bytes(range(256)) * 4096


@dataclass
class Server:
    """Files by path; answers as scripted first: a status with headers, or after how many bytes to break off."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    script: list[int | tuple[int, dict[str, str]]] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    tag: str = '"1"'
    ranges: bool = True


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            server.asked.append((self.path, wanted, self.headers["User-Agent"]))
            step = server.script.pop(0) if server.script else None
            if isinstance(step, tuple):
                self._answer(step[0], step[1], b"later")
                return
            body = server.files.get(self.path)
            if body is None:
                self._answer(404, {}, b"")
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-") or 0) if wanted else 0
            if self.headers.get("If-Range", server.tag) != server.tag or not server.ranges:
                start, wanted = 0, ""
            if wanted and start >= len(body):
                self._answer(416, {"Content-Range": f"bytes */{len(body)}"}, b"")
                return
            headers = {"ETag": server.tag}
            if wanted:
                headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            self._answer(206 if wanted else 200, headers, body[start:], step)

        def _answer(self, status: int, headers: dict[str, str], body: bytes, most: int | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body if most is None else body[:most])

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.address = f"http://127.0.0.1:{running.server_port}"
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    running.shutdown()
    running.server_close()


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def downloads(waited: list[float]) -> Downloads:
    return Downloads(pause=waited.append, timeout=10)


def remote(server: Server, **more: object) -> RemoteFile:
    server.files["/d/a.bz2"] = CONTENT
    known = {"size": len(CONTENT), "algorithm": "sha1", "checksum": hashlib.sha1(CONTENT).hexdigest()} | more
    return RemoteFile(f"{server.address}/d/a.bz2", "a.bz2", **known)  # type: ignore[arg-type]


def test_a_file_is_fetched_once(server: Server, downloads: Downloads, tmp_path: Path) -> None:
    file = remote(server)
    assert downloads.fetch(file, tmp_path)
    assert (tmp_path / "a.bz2").read_bytes() == CONTENT
    assert not downloads.fetch(file, tmp_path)
    assert len(server.asked) == 1
    assert server.asked[0][2].startswith("hanmill/")
    assert [path.name for path in tmp_path.iterdir()] == ["a.bz2"]


def test_a_broken_connection_is_gone_on_with(
    server: Server, downloads: Downloads, waited: list[float], tmp_path: Path
) -> None:
    # More breaks than tries in a row, but each brings some bytes.
    server.script = [100_000] * 9
    assert downloads.fetch(remote(server), tmp_path)
    assert (tmp_path / "a.bz2").read_bytes() == CONTENT
    assert [wanted for _, wanted, _ in server.asked][:3] == ["", "bytes=100000-", "bytes=200000-"]
    assert len(waited) == 9


def test_a_killed_program_goes_on(server: Server, downloads: Downloads, tmp_path: Path) -> None:
    (tmp_path / "a.bz2.part").write_bytes(CONTENT[:5000])
    (tmp_path / "a.bz2.part.etag").write_text('"1"')
    assert downloads.fetch(remote(server), tmp_path)
    assert server.asked[0][1] == "bytes=5000-"
    (tmp_path / "a.bz2").rename(tmp_path / "a.bz2.part")
    assert downloads.fetch(remote(server), tmp_path)
    assert (tmp_path / "a.bz2").read_bytes() == CONTENT


@pytest.mark.parametrize("ranges", [True, False])
def test_another_file_under_the_same_name_is_fetched_anew(
    server: Server, downloads: Downloads, tmp_path: Path, ranges: bool
) -> None:
    server.ranges = ranges
    (tmp_path / "a.bz2.part").write_bytes(b"x" * 5000)
    (tmp_path / "a.bz2.part.etag").write_text('"0"' if ranges else "")
    assert downloads.fetch(remote(server), tmp_path)
    assert (tmp_path / "a.bz2").read_bytes() == CONTENT


def test_what_was_left_and_is_longer_than_the_file(server: Server, downloads: Downloads, tmp_path: Path) -> None:
    (tmp_path / "a.bz2.part").write_bytes(CONTENT + b"more")
    assert downloads.fetch(remote(server, checksum="", algorithm=""), tmp_path)
    assert (tmp_path / "a.bz2").read_bytes() == CONTENT


def test_a_wrong_checksum_is_tried_again_and_then_told(server: Server, downloads: Downloads, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"found sha1 [0-9a-f]{40}, expected 0000"):
        downloads.fetch(remote(server, checksum="0" * 40), tmp_path)
    assert len(server.asked) == 2
    assert not list(tmp_path.iterdir())
    with pytest.raises(DownloadError, match="found 1,048,576 bytes, expected 7"):
        downloads.fetch(remote(server, size=7), tmp_path)
    # What is damaged on the way from an earlier break is fetched anew, and right.
    (tmp_path / "a.bz2.part").write_bytes(b"\0" * 5000)
    assert downloads.fetch(remote(server), tmp_path)


def test_a_throttled_server_is_waited_for(
    server: Server, downloads: Downloads, waited: list[float], tmp_path: Path
) -> None:
    date = {"Retry-After": formatdate(4_000_000_000, usegmt=True)}
    server.script = [(503, {"Retry-After": "30"}), (429, {}), (403, {"Retry-After": "nonsense"}), (500, date)]
    assert downloads.fetch(remote(server), tmp_path)
    assert waited[0] == 30
    assert 2 <= waited[1] <= 3
    assert 4 <= waited[2] <= 6
    assert waited[3] == 120


def test_patience_ends(server: Server, downloads: Downloads, waited: list[float], tmp_path: Path) -> None:
    server.script = [(403, {})] * 20
    with pytest.raises(DownloadError, match=r"/d/a\.bz2: status 403 \(7 times, then given up\)"):
        downloads.fetch(remote(server), tmp_path)
    assert len(waited) == 6
    server.script = []
    with pytest.raises(DownloadError, match="status 404"):
        downloads.fetch(RemoteFile(f"{server.address}/none", "none"), tmp_path)


def test_what_a_server_asks_for() -> None:
    assert retry_after("12") == 12
    assert retry_after("") == retry_after("soon") == retry_after(formatdate(0, usegmt=True)) == 0


@pytest.mark.parametrize("name", ["../x", "a/b", ".x", "", "a\nb", "\x1b[2J"])
def test_names_that_lead_elsewhere(name: str) -> None:
    with pytest.raises(DownloadError, match="found the name"):
        RemoteFile("http://x/y", name)


@pytest.mark.parametrize("server", ["file:///etc", "ftp://x", "http://u:p@x", "https://x/?q", "x"])
def test_servers_that_are_none(server: str) -> None:
    with pytest.raises(DownloadError, match="server: expected"):
        checked_server(server)


def status(**jobs: object) -> bytes:
    return json.dumps({"version": "0.8", "jobs": jobs}).encode()


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(fetch, arguments)
    return result.exit_code, result.output + str(result.exception or "")


def test_a_dump(server: Server, tmp_path: Path) -> None:
    files = {}
    for part in (1, 2):
        name = f"jawiki-20261101-pages-articles-multistream{part}.xml.bz2"
        server.files[f"/jawiki/20261101/{name}"] = body = CONTENT[: part * 1000]
        files[name] = {
            "size": len(body),
            "url": f"/jawiki/20261101/{name}",
            "md5": hashlib.md5(body).hexdigest(),
            "sha1": hashlib.sha1(body).hexdigest(),
        }
    done = {"status": "done", "files": files}
    server.files["/jawiki/20261101/dumpstatus.json"] = status(
        articlesmultistreamdump=done, xmlstubsdump={"status": "done"}, metahistorybz2dump={"status": "in-progress"}
    )
    known = ("wikipedia", "jawiki", "20261101", "--server", server.address)
    code, output = run(*known, "--list")
    assert code == 0
    assert output.splitlines()[0].split()[0] == "1,000"
    code, output = run(*known, "--output", str(tmp_path))
    assert code == 0, output
    assert [path.stat().st_size for path in sorted(tmp_path.iterdir())] == [1000, 2000]
    code, output = run(*known, "--output", str(tmp_path))
    assert output.count("(there already)") == 2
    assert run(*known)[0] == 2
    _, output = run(*known, "--list", "--job", "metahistorybz2dump")
    assert "found job metahistorybz2dump in-progress; done: articlesmultistreamdump, xmlstubsdump" in output
    assert "expected a wiki and a date" in run("wikipedia", "../x", "20261101", "--list", "--server", server.address)[1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>", "expected JSON with jobs"),
        (b"[]", "expected JSON with jobs"),
        (status(articlesmultistreamdump={"status": "done"}), "expected files with url"),
        (status(articlesmultistreamdump={"status": "done", "files": {"a": {}}}), "expected files with url"),
        (
            status(articlesmultistreamdump={"status": "done", "files": {"a": {"url": "/../x", "size": 1}}}),
            "expected a path on the server",
        ),
        (
            status(articlesmultistreamdump={"status": "done", "files": {"../a": {"url": "/x", "size": 1}}}),
            "found the name",
        ),
    ],
)
def test_a_status_that_is_none(server: Server, content: bytes, message: str) -> None:
    server.files["/jawiki/20261101/dumpstatus.json"] = content
    code, output = run("wikipedia", "jawiki", "20261101", "--server", server.address, "--list")
    assert code != 0
    assert message in output


def test_paths_of_a_crawl(server: Server, tmp_path: Path) -> None:
    paths = [f"crawl-data/CC-MAIN-2026-10/segments/1/warc/{number}.warc.gz" for number in range(9)]
    server.files["/crawl-data/CC-MAIN-2026-10/warc.paths.gz"] = gzip.compress("\n".join(paths).encode())
    server.files |= {f"/{path}": CONTENT[:number] for number, path in enumerate(paths, 1)}
    known: Callable[..., tuple[int, str]] = lambda *more: run(  # noqa: E731
        "commoncrawl", "CC-MAIN-2026-10", "--server", server.address, *more
    )
    code, output = known("--first", "3", "--list")
    assert code == 0
    assert len(output.splitlines()) == 3
    code, output = known("--first", "2", "--output", str(tmp_path))
    assert code == 0, output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.warc.gz", "1.warc.gz"]
    table = ["cc-index/t/subset=robotstxt/part-0.parquet", "cc-index/t/subset=warc/part-1.parquet"]
    server.files["/crawl-data/CC-MAIN-2026-10/cc-index-table.paths.gz"] = gzip.compress("\n".join(table).encode())
    assert known("--kind", "cc-index-table", "--first", "5", "--list")[1].split() == [f"{server.address}/{table[1]}"]
    server.files["/crawl-data/CC-MAIN-2026-10/wet.paths.gz"] = b"no gzip"
    assert "expected a gzip file" in known("--kind", "wet", "--list")[1]
    server.files["/crawl-data/CC-MAIN-2026-10/wet.paths.gz"] = gzip.compress(b"../../etc/passwd\n")
    assert "expected a path on the server" in known("--kind", "wet", "--list")[1]
    assert "expected a name such as" in run("commoncrawl", "latest", "--list", "--server", server.address)[1]
