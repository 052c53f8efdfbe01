"""An object store on loopback that speaks as much of the S3 and Google Cloud Storage protocols as Arrow uses.

It holds objects in memory and counts the bytes it sends. Written from the public protocol descriptions (S3 REST API;
Cloud Storage JSON API). ``python object_server.py`` prints its address and serves until its standard input ends: a
process of its own, because Arrow's Google client waits for the server without letting other threads run.
``/control/…`` is for the tests.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import threading
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

_PIECE = 1 << 15


@dataclass
class Stored:
    """One object; ``changed`` in seconds since 1970."""

    content: bytes
    changed: float


@dataclass
class Store:
    """What the server holds and has done. Names are ``bucket/key``."""

    address: str = ""
    objects: dict[str, Stored] = field(default_factory=dict)
    #: Object to bytes of its content sent.
    served: dict[str, int] = field(default_factory=dict)
    #: (method, object, status) of every request.
    requests: list[tuple[str, str, int]] = field(default_factory=list)
    uploads: dict[str, tuple[str, dict[int, bytes]]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, name: str, content: bytes) -> None:
        with self.lock:
            self.objects[name] = Stored(content, time.time())

    def forget(self) -> None:
        """Starts counting again."""
        with self.lock:
            self.served.clear()
            self.requests.clear()


def _handler(store: Store) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16
        disable_nagle_algorithm = True

        def handle_expect_100(self) -> bool:
            going_on = super().handle_expect_100()
            self.wfile.flush()
            return going_on

        def log_message(self, *arguments: object) -> None:
            pass

        def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            with store.lock:
                store.requests.append((self.command, unquote(self.path), status))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            if "Content_Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                content = self._chunks(self.rfile.readline, self.rfile.read)
            else:
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if "aws-chunked" in self.headers.get("Content-Encoding", ""):
                content = _unsigned_chunks(content)
            return content

        @staticmethod
        def _chunks(readline, read) -> bytes:
            parts = []
            while size := int(readline().split(b";")[0], 16):
                parts.append(read(size))
                readline()
            readline()
            return b"".join(parts)

        def content(self, name: str, **headers: str) -> None:
            """The object, or the range of it that is asked for."""
            with store.lock:
                found = store.objects.get(name)
            if found is None:
                self.missing()
                return
            data, total, status = found.content, len(found.content), 200
            headers |= {
                "Last_Modified": formatdate(found.changed, usegmt=True),
                "ETag": f'"{hashlib.md5(data).hexdigest()}"',
                "Accept_Ranges": "bytes",
            }
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if asked:
                first, last = int(asked[1]), min(int(asked[2] or total), total - 1)
                if first >= total:
                    self.answer(416, Content_Range=f"bytes */{total}")
                    return
                data, status = data[first : last + 1], 206
                headers["Content_Range"] = f"bytes {first}-{last}/{total}"
            self.answer(status, Content_Length=str(len(data)), **headers)
            for start in range(0, len(data) if self.command == "GET" else 0, _PIECE):
                piece = data[start : start + _PIECE]
                try:
                    self.wfile.write(piece)
                except ConnectionError:
                    # Arrow's Google client begins to read every object it opens, and leaves off.
                    self.close_connection = True
                    return
                with store.lock:
                    store.served[name] = store.served.get(name, 0) + len(piece)

        def missing(self) -> None:
            if self.path.startswith("/storage/"):
                self.answer(404, b'{"error": {"code": 404, "message": "not found"}}', Content_Type="application/json")
            else:
                self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>", Content_Type="application/xml")

        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            if parts.path.startswith("/control/"):
                _control(self, store, parts.path.removeprefix("/control/"))
            elif parts.path.startswith(("/storage/v1/", "/upload/storage/v1/", "/download/storage/v1/")):
                _google(self, store, parts.path, query)
            else:
                _amazon(self, store, unquote(parts.path).lstrip("/"), query)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any

    return Handler


def _control(handler, store: Store, action: str) -> None:
    if action == "state":
        with store.lock:
            state = {"served": store.served, "requests": store.requests, "objects": sorted(store.objects)}
            text = json.dumps(state)
        return handler.answer(200, text.encode())
    with store.lock:
        store.served.clear()
        store.requests.clear()
        if action == "empty":
            store.objects.clear()
    return handler.answer(204)


def _unsigned_chunks(content: bytes) -> bytes:
    """``aws-chunked``: size in hexadecimal, data, … and trailers."""
    parts, position = [], 0
    while True:
        end = content.index(b"\r\n", position)
        size = int(content[position:end].split(b";")[0], 16)
        if not size:
            return b"".join(parts)
        parts.append(content[end + 2 : end + 2 + size])
        position = end + 2 + size + 2


def _listing(store: Store, bucket: str, prefix: str, delimiter: str) -> tuple[list[tuple[str, Stored]], list[str]]:
    keys, folders = [], set()
    with store.lock:
        for name in sorted(store.objects):
            key = name.removeprefix(f"{bucket}/")
            if key == name or not key.startswith(prefix):
                continue
            rest = key[len(prefix) :]
            if delimiter and delimiter in rest:
                folders.add(prefix + rest.partition(delimiter)[0] + delimiter)
            else:
                keys.append((key, store.objects[name]))
    return keys, sorted(folders)


def _amazon(handler, store: Store, name: str, query: dict[str, str]) -> None:
    method = handler.command
    bucket, _, key = name.partition("/")
    if method == "GET" and not key:
        return _list_objects(handler, store, bucket, query)
    if method in ("GET", "HEAD"):
        if not key:
            return handler.answer(200, x_amz_bucket_region="us-east-1")
        return handler.content(name)
    if method == "PUT":
        content = handler.body()
        if "uploadId" in query:
            store.uploads[query["uploadId"]][1][int(query["partNumber"])] = content
        else:
            store.put(name, content)
        return handler.answer(200, ETag=f'"{hashlib.md5(content).hexdigest()}"')
    if method == "POST" and "uploads" in query:
        handler.body()
        upload = f"upload-{len(store.uploads)}"
        store.uploads[upload] = (name, {})
        found = f"<Bucket>{bucket}</Bucket><Key>{escape(key)}</Key><UploadId>{upload}</UploadId>"
        return handler.answer(200, _xml("InitiateMultipartUploadResult", found))
    if method == "POST" and "uploadId" in query:
        handler.body()
        parts = store.uploads.pop(query["uploadId"])[1]
        store.put(name, b"".join(parts[number] for number in sorted(parts)))
        return handler.answer(200, _xml("CompleteMultipartUploadResult", f'<ETag>"{len(parts)}"</ETag>'))
    if method == "POST" and "delete" in query:
        for found in re.findall(rb"<Key>(.*?)</Key>", handler.body()):
            store.objects.pop(f"{bucket}/{found.decode()}", None)
        return handler.answer(200, _xml("DeleteResult", ""))
    if method == "DELETE":
        store.objects.pop(name, None)
        return handler.answer(204)
    return handler.answer(501)


def _list_objects(handler, store: Store, bucket: str, query: dict[str, str]) -> None:
    keys, folders = _listing(store, bucket, query.get("prefix", ""), query.get("delimiter", ""))
    limit, after = int(query.get("max-keys", 1000)), query.get("continuation-token", "")
    keys = [(key, found) for key, found in keys if key > after]
    cut, keys = len(keys) > limit, keys[:limit]
    items = "".join(
        f"<Contents><Key>{escape(key)}</Key><Size>{len(found.content)}</Size><LastModified>"
        f"{time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime(found.changed))}</LastModified></Contents>"
        for key, found in keys
    )
    items += "".join(f"<CommonPrefixes><Prefix>{escape(folder)}</Prefix></CommonPrefixes>" for folder in folders)
    items += f"<IsTruncated>{str(cut).lower()}</IsTruncated><KeyCount>{len(keys) + len(folders)}</KeyCount>"
    items += f"<NextContinuationToken>{escape(keys[-1][0])}</NextContinuationToken>" if cut else ""
    handler.answer(200, _xml("ListBucketResult", f"<Name>{bucket}</Name>{items}"))


def _xml(name: str, inner: str) -> bytes:
    return f'<?xml version="1.0"?><{name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{inner}</{name}>'.encode()


def _google(handler, store: Store, path: str, query: dict[str, str]) -> None:
    match = re.fullmatch(r"/(upload/|download/)?storage/v1/b/([^/]+)(?:/o(?:/(.*))?)?", path)
    if match is None:
        return handler.answer(501)
    bucket, key = unquote(match[2]), unquote(match[3] or "")
    name, method = f"{bucket}/{key}", handler.command
    if match[1] == "upload/":
        return _google_upload(handler, store, bucket, query)
    if method == "GET" and key:
        if query.get("alt") == "media":
            return handler.content(name, x_goog_generation="1")
        found = store.objects.get(name)
        return handler.missing() if found is None else handler.answer(200, _metadata(bucket, key, found))
    if method == "GET" and "/o" in path:
        keys, folders = _listing(store, bucket, query.get("prefix", ""), query.get("delimiter", ""))
        after = query.get("pageToken", "")
        keys = [(key, found) for key, found in keys if key > after]
        shown = keys[: int(query.get("maxResults", 1000))]
        listed = {"items": [json.loads(_metadata(bucket, key, found)) for key, found in shown], "prefixes": folders}
        if len(shown) < len(keys):
            listed["nextPageToken"] = shown[-1][0]
        return handler.answer(200, json.dumps(listed).encode())
    if method == "GET":
        return handler.answer(200, json.dumps({"name": bucket, "id": bucket, "kind": "storage#bucket"}).encode())
    if method == "DELETE":
        return handler.missing() if store.objects.pop(name, None) is None else handler.answer(204)
    return handler.answer(501)


def _google_upload(handler, store: Store, bucket: str, query: dict[str, str]) -> None:
    content = handler.body()
    if "upload_id" in query:
        name, parts = store.uploads[query["upload_id"]]
        total = handler.headers.get("Content-Range", "").rpartition("/")[2]
        parts[len(parts)] = content
        held = b"".join(parts.values())
        if not total.isdigit() or len(held) < int(total):
            headers = {"Range": f"bytes=0-{len(held) - 1}"} if held else {}
            return handler.answer(308, **headers)
        content = held
        key = name.removeprefix(f"{bucket}/")
    elif query.get("uploadType") == "resumable":
        key = query.get("name") or json.loads(content)["name"]
        upload = f"upload-{len(store.uploads)}"
        store.uploads[upload] = (f"{bucket}/{key}", {})
        place = f"{store.address}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={upload}"
        return handler.answer(200, Location=place)
    elif query.get("uploadType") == "multipart":
        boundary = handler.headers["Content-Type"].partition("boundary=")[2].strip('"').encode()
        _, first, second, _ = content.split(b"--" + boundary)
        key = query.get("name") or json.loads(first.partition(b"\r\n\r\n")[2])["name"]
        content = second.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
    else:
        key = query["name"]
    store.put(f"{bucket}/{key}", content)
    return handler.answer(200, _metadata(bucket, key, store.objects[f"{bucket}/{key}"]))


def _metadata(bucket: str, key: str, found: Stored) -> bytes:
    changed = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(found.changed))
    digest = base64.b64encode(hashlib.md5(found.content).digest()).decode()
    value = {"kind": "storage#object", "id": f"{bucket}/{key}/1", "name": key, "bucket": bucket, "generation": "1"}
    value |= {"size": str(len(found.content)), "updated": changed, "timeCreated": changed, "md5Hash": digest}
    return json.dumps(value).encode()


def main() -> None:
    """Serves until standard input ends, however the test process ends."""
    store = Store()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(store))
    server.daemon_threads = True
    server.handle_error = lambda request, address: None
    store.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    print(store.address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
