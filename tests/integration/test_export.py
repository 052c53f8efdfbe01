"""``hanmill export`` and ``hanmill push``: what other programs get."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import zstandard
from click.testing import Result

import hanmill as hm
from hanmill.schemas.manifest import Manifest

Hanmill = Callable[..., Result]


def read(folder: Path, corpus: Path, suffix: str) -> list[str]:
    """The files in the order of the corpus's shards."""
    manifest = Manifest.load(corpus)
    shards = [shard.path.removesuffix(".parquet") for shard in (*manifest.train, *manifest.validation)]
    return [(folder / f"{shard}{suffix}").read_text(encoding="utf-8") for shard in shards]


def test_json_lines_hold_every_document(hanmill: Hanmill, demo_corpus: Path, tmp_path: Path) -> None:
    result = hanmill("export", demo_corpus, "--to", "jsonl", "--annotations", "--output", tmp_path / "out")
    assert result.exit_code == 0, result.output
    records = {
        r["id"]: r for text in read(tmp_path / "out", demo_corpus, ".jsonl") for r in map(json.loads, text.splitlines())
    }
    documents = list(hm.read_documents(demo_corpus))
    assert len(records) == len(documents)
    for found in documents:
        record = records[f"{found.uid:016x}"]
        assert record["text"] == found.text
        assert "".join(record["words"]) == "".join(found.text.split())
        assert len(record["readings"]) == len(record["words"])
        assert len(record["pinyin"]) == len(record["clusters"]) == len(found.characters)


@pytest.mark.parametrize(("how", "suffix"), [("gzip", ".gz"), ("zstd", ".zst")])
def test_compressed_files_hold_the_same_and_have_the_same_bytes(
    hanmill: Hanmill, demo_corpus: Path, tmp_path: Path, how: str, suffix: str
) -> None:
    for name, more in (("plain", ()), ("one", ("--compress", how)), ("two", ("--compress", how))):
        assert hanmill("export", demo_corpus, "--to", "jsonl", *more, "--output", tmp_path / name).exit_code == 0
    for path in (tmp_path / "plain" / "train").iterdir():
        packed = (tmp_path / "one" / "train" / f"{path.name}{suffix}").read_bytes()
        assert packed == (tmp_path / "two" / "train" / f"{path.name}{suffix}").read_bytes()
        plain = (
            gzip.decompress(packed)
            if how == "gzip"
            else zstandard.ZstdDecompressor().decompressobj().decompress(packed)
        )
        assert plain == path.read_bytes()


def test_plain_text(hanmill: Hanmill, demo_corpus: Path, tmp_path: Path) -> None:
    options = {"text": (), "sentences": ("--sentences",), "words": ("--words",), "both": ("--sentences", "--words")}
    for name, more in options.items():
        arguments = ("export", demo_corpus, "--to", "text", "--lang", "ja", *more, "--output", tmp_path / name)
        assert hanmill(*arguments).exit_code == 0
    found = {name: "\n\n".join(filter(None, read(tmp_path / name, demo_corpus, ".txt"))) for name in options}
    documents = list(hm.read_documents(demo_corpus, lang="ja"))
    for text in found.values():
        assert "".join(text.split()) == "".join("".join(d.text.split()) for d in documents)
    assert "猫は古くから" in found["text"] or "猫" in found["text"]
    sentences = [line for line in found["sentences"].split("\n") if line]
    assert len(sentences) == sum(len(d.sentence_lengths) for d in documents)
    both = [line for line in found["both"].split("\n") if line]
    assert ["".join(line.split()) for line in both] == ["".join(line.split()) for line in sentences]
    assert sum(len(line.split(" ")) for line in both) == sum(len(d.words) for d in documents)
    lines = [line for d in documents for line in d.text.split("\n") if line.strip()]
    words = [line for line in found["words"].split("\n") if line]
    assert ["".join(line.split()) for line in words] == ["".join(line.split()) for line in lines]


def test_a_language_that_is_not_there_leaves_nothing_behind(
    hanmill: Hanmill, demo_corpus: Path, tmp_path: Path
) -> None:
    result = hanmill("export", demo_corpus, "--to", "text", "--lang", "xx", "--output", tmp_path / "out")
    assert (result.exit_code, "no document in xx; the corpus has: " in result.output) == (2, True)
    assert not (tmp_path / "out").exists()


def test_a_document_is_one_line_for_every_reader(hanmill: Hanmill, tmp_path: Path) -> None:
    texts = [f"江心渡口{end}恢复夜航第{ord(end)}次，入秋以后水位回落。" for end in "\u2028\u2029\x0b\x1e"]
    lines = (json.dumps({"id": str(number), "text": text}) + "\n" for number, text in enumerate(texts))
    (tmp_path / "texts.jsonl").write_text("".join(lines))
    (tmp_path / "own.yaml").write_text("extends: demo\nname: own\nclean: {rules: []}\n")
    corpus = tmp_path / "corpus"
    tables = f"tables={tmp_path / 'texts.jsonl'}"
    built = hanmill("build", tmp_path / "own.yaml", "--input", tables, "--output", corpus)
    assert built.exit_code == 0, built.output
    assert hanmill("export", corpus, "--to", "jsonl", "--output", tmp_path / "out").exit_code == 0
    files = read(tmp_path / "out", corpus, ".jsonl")
    found = [json.loads(line)["text"] for text in files for line in text.splitlines()]
    assert sorted(found) == sorted(document.text for document in hm.read_documents(corpus))


@pytest.mark.parametrize("form", ["jsonl", "hf"])
def test_nothing_is_written_into_the_corpus(hanmill: Hanmill, demo_corpus: Path, form: str) -> None:
    result = hanmill("export", demo_corpus, "--to", form, "--output", demo_corpus / "out")
    assert (result.exit_code, "lies in the corpus" in result.output) == (2, True)
    assert not (demo_corpus / "out").exists()


def test_a_place_that_cannot_be_written_is_one_line(hanmill: Hanmill, demo_corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = hanmill("export", demo_corpus, "--to", "jsonl", "--output", tmp_path / "file" / "out")
    assert result.exit_code == 2
    assert "Not a directory" in result.output
    assert "Traceback" not in result.output


def test_options_that_do_not_belong_and_folders_that_are_taken(
    hanmill: Hanmill, demo_corpus: Path, tmp_path: Path
) -> None:
    result = hanmill("export", demo_corpus, "--to", "hf", "--lang", "zh", "--output", tmp_path / "out")
    assert (result.exit_code, "not for --to hf" in result.output) == (2, True)
    assert hanmill("export", demo_corpus, "--to", "jsonl", "--words", "--output", tmp_path / "out").exit_code == 2
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("")
    result = hanmill("export", demo_corpus, "--to", "text", "--output", tmp_path / "out")
    assert (result.exit_code, "expected no such folder or an empty one" in result.output) == (2, True)
    result = hanmill("export", tmp_path, "--to", "text", "--output", tmp_path / "other")
    assert (result.exit_code, (tmp_path / "other").exists()) == (2, False)


def test_a_folder_for_the_hub_is_a_corpus(hanmill: Hanmill, demo_corpus: Path, tmp_path: Path) -> None:
    assert hanmill("export", demo_corpus, "--to", "hf", "--output", tmp_path / "out").exit_code == 0
    assert not (tmp_path / "out" / "documents").exists()
    assert list(hm.read_documents(tmp_path / "out")) == list(hm.read_documents(demo_corpus))
    damaged = tmp_path / "damaged"
    shutil.copytree(tmp_path / "out", damaged)
    shard = next((damaged / "train").iterdir())
    shard.write_bytes(shard.read_bytes()[:-1] + b"x")
    result = hanmill("export", damaged, "--to", "hf", "--output", tmp_path / "again")
    assert result.exit_code == 2
    assert "expected" in result.output


class Hub(BaseHTTPRequestHandler):
    """The Hub's part of making a repository and of one commit, every file small enough to stand in it."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        taken: Taken = self.server.taken  # type: ignore[attr-defined]
        taken.tokens.add(self.headers.get("Authorization"))
        host = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]
        if self.path == "/api/repos/create":
            taken.repositories.append(json.loads(body))
            answer: object = {"url": f"{host}/datasets/me/demo", "name": "me/demo"}
        elif self.path == "/api/validate-yaml":
            answer = {"errors": [], "warnings": []}
        elif "/preupload/" in self.path:
            files = json.loads(body)["files"]
            answer = {"files": [{"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in files]}
        elif "/commit/" in self.path:
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    taken.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
                elif line["key"] == "header":
                    taken.messages.append(line["value"]["summary"])
            answer = {"commitUrl": f"{host}/datasets/me/demo/commit/1", "commitOid": "1", "success": True}
        else:
            self.send_error(404)
            return
        self._send(answer)

    def do_GET(self) -> None:
        if "/revision/" in self.path or self.path == "/api/datasets/me/demo":
            self._send({"id": "me/demo", "sha": "0", "siblings": [], "private": True})
        else:
            self.send_error(404)

    def log_message(self, format: str, *arguments: object) -> None:
        pass

    def _send(self, answer: object) -> None:
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Taken:
    def __init__(self) -> None:
        self.repositories: list[dict[str, object]] = []
        self.files: dict[str, bytes] = {}
        self.messages: list[str] = []
        self.tokens: set[str | None] = set()


@pytest.fixture
def hub() -> Iterator[tuple[str, Taken]]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        taken = server.taken = Taken()  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", taken
        server.shutdown()
        thread.join()


def push(endpoint: str, home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    program = "from hanmill.pipelines.commands.main import main; main()"
    environment = {
        **os.environ,
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(home),
        "HF_TOKEN": "hf_for_this_test",
        "HF_HUB_OFFLINE": "0",
    }
    command = [sys.executable, "-c", program, "push", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_push_takes_a_folder_of_this_machine(hanmill: Hanmill) -> None:
    result = hanmill("push", "s3://bucket/corpus", "me/demo")
    assert result.exit_code == 2
    assert "s3://bucket/corpus: found an object store, expected a folder of this machine" in result.output


def test_push_sends_what_others_read(hub: tuple[str, Taken], demo_corpus: Path, tmp_path: Path) -> None:
    endpoint, taken = hub
    done = push(endpoint, tmp_path, demo_corpus, "me/demo", "--private", "--message", "第一版")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("/datasets/me/demo/commit/1")
    assert taken.repositories[0]["visibility"] == "private"
    assert taken.messages == ["第一版"]
    assert taken.tokens == {"Bearer hf_for_this_test"}
    names = {path.relative_to(demo_corpus).as_posix() for path in demo_corpus.rglob("*.parquet")}
    published = {name for name in names if name.split("/")[0] in ("train", "validation", "tables")}
    assert published < set(taken.files)
    assert not [name for name in taken.files if name.startswith(("documents", "dropped"))]
    assert {"README.md", "manifest.json"} <= set(taken.files)
    for name, data in taken.files.items():
        assert hashlib.sha256(data).digest() == hashlib.sha256((demo_corpus / name).read_bytes()).digest()


def test_a_hub_that_refuses_is_one_line(demo_corpus: Path, tmp_path: Path) -> None:
    done = push("http://127.0.0.1:9", tmp_path, demo_corpus, "me/demo")
    assert done.returncode == 2
    assert done.stderr.startswith("hanmill: me/demo: ")
    assert done.stderr.count("\n") == 1
    assert push("http://127.0.0.1:9", tmp_path, tmp_path, "me/demo").returncode == 2
