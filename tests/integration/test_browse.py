"""``hanmill browse``: what its pages show, what its forms write, and whom it refuses."""

from __future__ import annotations

import json
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pyarrow.parquet as pq
import pytest

from hanmill.pipelines.build.browse.marks import Marks, MarksError
from hanmill.pipelines.build.browse.search import BrowseError, CorpusSearch, Place, Query
from hanmill.pipelines.build.browse.server import BrowseServer
from hanmill.pipelines.training.marked_polyphones import read_marked
from hanmill.schemas.manifest import Manifest, ManifestError


@pytest.fixture
def server(demo_corpus: Path, tmp_path: Path) -> Iterator[BrowseServer]:
    with BrowseServer(demo_corpus, Marks(tmp_path / "marks"), 0) as found:
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def ask(
    server: BrowseServer, path: str, form: dict[str, str] | None = None, host: str = ""
) -> tuple[int, dict[str, str], str]:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    headers = {"Host": host or f"127.0.0.1:{server.server_port}"}
    body = None if form is None else urlencode(form)
    connection.request("GET" if form is None else "POST", path, body, headers)
    answer = connection.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read().decode()
    connection.close()
    return found


def address_of(page: str, title: str) -> str:
    found = re.search(rf'<a href="([^"]*)"><span[^>]*>{title}</span>', page)
    assert found is not None, page
    return unescape(found[1])


def test_every_document_is_found_once_page_by_page(demo_corpus: Path) -> None:
    search, manifest = CorpusSearch(demo_corpus), Manifest.load(demo_corpus)
    seen: list[Place] = []
    start: Place | None = None
    while True:
        hits, start = search.find(Query(state="all"), start, 7)
        seen += [hit.place for hit in hits]
        if start is None:
            break
    assert len(seen) == len(set(seen))
    duplicates = sum(count for rule, count in manifest.accounting.dropped.items() if "duplicate" in rule)
    assert len(seen) == manifest.accounting.read - duplicates


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        (Query(text="臺北的雨"), {"臺北的雨"}),
        (Query(state="refused", rule="disambiguation@1"), {"Tea (disambiguation)"}),
        (Query(lang="lzh"), {"西園記"}),
        (Query(text="nothing like this"), set()),
        (Query(lang="ja", text="猫", source="wikipedia"), {"猫"}),
    ],
)
def test_queries(demo_corpus: Path, query: Query, titles: set[str]) -> None:
    hits, after = CorpusSearch(demo_corpus).find(query, None, 50)
    assert {hit.title for hit in hits} >= titles
    assert bool(hits) == bool(titles)
    assert after is None
    if hits:
        (one,) = CorpusSearch(demo_corpus).find(Query(state="all", uid=f"{hits[0].uid:016x}"), None, 5)[0]
        assert one.place == hits[0].place


def test_no_such_uid_place_or_corpus(demo_corpus: Path, tmp_path: Path) -> None:
    search = CorpusSearch(demo_corpus)
    with pytest.raises(BrowseError, match="uid: found 'x', expected up to 16 hexadecimal"):
        search.find(Query(uid="x"), None, 1)
    with pytest.raises(BrowseError, match="expected one of the corpus"):
        search.row(Place("../manifest.json", 0))
    with pytest.raises(ManifestError, match="no finished corpus"):
        CorpusSearch(tmp_path)


def test_annotations_stand_at_their_characters(server: BrowseServer) -> None:
    listed = ask(server, "/?" + urlencode({"text": "臺北的雨"}))[2]
    status, headers, page = ask(server, address_of(listed, "臺北的雨"))
    assert status == 200
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert re.search(r'<span class="v" title="[^"]*台[^"]*">臺</span><rt>tai2</rt>', page)
    listed = ask(server, "/?" + urlencode({"lang": "ja", "text": "猫"}))[2]
    page = ask(server, address_of(listed, "猫"))[2]
    assert re.search(r"<ruby>(<span[^>]*>)?猫(</span>)?<rt>neko</rt></ruby>", page)


def test_marks_are_written_and_taken_back(server: BrowseServer, tmp_path: Path) -> None:
    address = address_of(ask(server, "/?" + urlencode({"text": "臺北的雨"}))[2], "臺北的雨")
    place = dict(pair.split("=") for pair in address.partition("?")[2].split("&"))
    form = {"token": server.token, "shard": place["shard"].replace("%2F", "/"), "row": place["row"]}
    status, headers, _ = ask(server, "/mark", {**form, "mark": "good"})
    assert (status, headers["Location"]) == (303, address)
    (line,) = (tmp_path / "marks" / "good.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["title"] == "臺北的雨"
    assert 'value="" aria-pressed="true">good' in ask(server, address)[2]
    assert ask(server, "/mark", {**form, "mark": "bad"})[0] == 303
    assert (tmp_path / "marks" / "good.jsonl").read_text() == ""
    assert Marks(tmp_path / "marks").counts() == {"good": 0, "bad": 1}
    assert ask(server, "/mark", {**form, "mark": ""})[0] == 303
    assert Marks(tmp_path / "marks").counts() == {"good": 0, "bad": 0}
    assert "found &#x27;best&#x27;" in ask(server, "/mark", {**form, "mark": "best"})[2]


def test_a_reading_put_right_is_marked_text(server: BrowseServer, demo_corpus: Path, tmp_path: Path) -> None:
    hits, _ = CorpusSearch(demo_corpus).find(Query(lang="zh", text="的"), None, 1)
    place = hits[0].place
    row = pq.read_table(demo_corpus / place.shard)["text"][place.row].as_py()
    offset = row.index("的")
    where = {"shard": place.shard, "row": str(place.row), "offset": str(offset)}
    page = ask(server, "/reading?" + urlencode(where))[2]
    assert "<mark>的</mark>" in page
    assert 'value="di4"' in page
    form = {**where, "token": server.token, "syllable": "di4"}
    assert ask(server, "/reading", form)[0] == 303
    (marked,) = read_marked(tmp_path / "marks" / "readings.sent", tmp_path / "marks" / "readings.lb")
    assert (marked.character, marked.reading) == ("的", "di4")
    assert marked.text in "".join(row.split())
    assert ask(server, "/reading", {**form, "syllable": "ma1"})[0] == 400


def test_other_sites_and_other_pages_are_refused(server: BrowseServer) -> None:
    assert ask(server, "/", host="example.org:80")[0] == 403
    assert ask(server, "/", host=f"localhost:{server.server_port}")[0] == 200
    status, _, page = ask(server, "/mark", {"shard": "x", "row": "0", "mark": "good"})
    assert status == 400
    assert "of another page" in page
    assert ask(server, "/document?shard=..%2Fmanifest.json&row=0")[0] == 400
    assert ask(server, "/document?shard=x&row=-1")[0] == 400
    assert ask(server, "/manifest.json")[0] == 404
    assert server.server_address[0] == "127.0.0.1"


def test_text_of_the_web_is_text(server: BrowseServer) -> None:
    page = ask(server, "/?" + urlencode({"text": '"><script>alert(1)</script>'}))[2]
    assert "<script" not in page


def test_two_programs_mark_in_one_folder(tmp_path: Path) -> None:
    row = {"text": "日本語の文書。", "source": "web", "lang": "ja", "script": "Jpan", "title": "", "url": ""}
    one, other = Marks(tmp_path), Marks(tmp_path)
    one.set("a", "good", row)
    other.set("b", "bad", row)
    one.set("c", "good", row)
    other.set("a", "", row)
    assert [(other.of(uid), Marks(tmp_path).of(uid)) for uid in "abc"] == [("", ""), ("bad", "bad"), ("good", "good")]


def test_a_file_of_marks_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"id": "1"}\n[]\n', encoding="utf-8")
    with pytest.raises(MarksError, match=r"bad\.jsonl, line 2: found '\[\]'"):
        Marks(tmp_path)


def test_a_file_of_marks_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").write_bytes(b"{\xff}\n")
    with pytest.raises(MarksError, match=r"good\.jsonl: found a byte that is no UTF-8 at 1"):
        Marks(tmp_path)


def test_a_mark_that_cannot_be_written_is_said_and_is_not_there(server: BrowseServer, tmp_path: Path) -> None:
    address = address_of(ask(server, "/?" + urlencode({"text": "臺北的雨"}))[2], "臺北的雨")
    place = dict(pair.split("=") for pair in address.partition("?")[2].split("&"))
    form = {"token": server.token, "shard": place["shard"].replace("%2F", "/"), "row": place["row"], "mark": "good"}
    (tmp_path / "marks").write_text("a file where the folder should be")
    status, _, page = ask(server, "/mark", form)
    assert (status, "marks" in page) == (500, True)
    assert server.marks.counts() == {"good": 0, "bad": 0}
    (tmp_path / "marks").unlink()
    assert ask(server, "/mark", form)[0] == 303
    assert server.marks.counts() == {"good": 1, "bad": 0}


def test_a_shard_that_went_away_is_said(demo_corpus: Path, tmp_path: Path) -> None:
    corpus = shutil.copytree(demo_corpus, tmp_path / "corpus")
    with BrowseServer(corpus, Marks(tmp_path / "marks"), 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        (first, *_) = Manifest.load(corpus).train
        (corpus / first.path).write_bytes(b"PAR1 no more PAR1")
        damaged = ask(server, "/")
        (corpus / first.path).unlink()
        gone = ask(server, "/")
        server.shutdown()
        thread.join()
    assert damaged[0] == gone[0] == 500
    assert Path(first.path).name in gone[2]


@pytest.mark.parametrize(
    ("request_line", "headers", "status"),
    [
        ("GET http://[x/", "", 400),
        ("POST /mark", f"Content-Length: {'9' * 5000}\r\n", 400),
        ("POST /mark", "Content-Length: -1\r\n", 400),
        ("POST /mark", "", 400),
    ],
)
def test_every_request_has_an_answer(server: BrowseServer, request_line: str, headers: str, status: int) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), 30) as connection:
        # Without a port, as browsers ask where it is 80.
        connection.sendall(f"{request_line} HTTP/1.0\r\nHost: localhost\r\n{headers}\r\n".encode())
        assert connection.recv(64).startswith(f"HTTP/1.0 {status} ".encode())


def test_a_corpus_without_its_build_shows_what_it_holds(demo_corpus: Path, tmp_path: Path) -> None:
    published = shutil.copytree(
        demo_corpus, tmp_path / "hf", ignore=shutil.ignore_patterns("needed.parquet", "dropped")
    )
    search = CorpusSearch(published)
    assert search.find(Query(), None, 1)[0]
    assert search.find(Query(state="refused"), None, 1) == ([], None)


@pytest.mark.parametrize("width", [390, 1280])
def test_in_a_browser(driver, tab, server: BrowseServer, width: int, tmp_path: Path) -> None:
    tab.complaints.clear()
    tab.open(f"http://127.0.0.1:{server.server_port}/?lang=zh", width)
    assert tab.value("document.documentElement.scrollWidth") <= width
    tab.value("document.querySelector('.hits a').click()")
    tab.until("document.querySelectorAll('.text ruby').length > 10")
    assert tab.value("document.documentElement.scrollWidth") <= width
    tab.value("document.querySelector('button[value=good]').click()")
    tab.until("!!document.querySelector('button[aria-pressed=true]')")
    assert (tmp_path / "marks" / "good.jsonl").stat().st_size > 0
    assert tab.complaints == []
