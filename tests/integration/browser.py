"""A headless Chromium over its DevTools protocol: enough to open a page, click, and hear what it says."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_SECONDS = 30.0
_COMPLAINTS = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")


class Browser:
    """One tab. ``complaints`` are console lines, exceptions and refusals; ``requests`` the addresses asked for."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._number, self._buffer = connection, 0, b""
        self.complaints: list[dict[str, Any]] = []
        self.requests: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def open(self, page: Path | str, width: int, *, dark: bool = False) -> None:
        """A file, or an address."""
        address = page if isinstance(page, str) else page.as_uri()
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=scheme)
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=True)
        self.call("Page.navigate", url=address)
        self.until("document.readyState === 'complete' && location.protocol !== 'about:'")

    def value(self, expression: str) -> Any:
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    def until(self, expression: str) -> None:
        end = time.monotonic() + _SECONDS
        while not self.value(expression):
            assert time.monotonic() < end, f"not within {_SECONDS} s: {expression}"
            time.sleep(0.05)

    def click(self, x: float, y: float) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        self._send(json.dumps({"id": self._number, "method": method, "params": parameters}).encode())
        while True:
            message = self._receive()
            if message.get("id") == self._number:
                assert "error" not in message, (method, message)
                return dict(message["result"])
            if message.get("method") in _COMPLAINTS:
                self.complaints.append(message)
            if message.get("method") == "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])

    def _send(self, data: bytes) -> None:
        mask = os.urandom(4)
        length = bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0xFE]) + struct.pack(">H", len(data))
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
        self._connection.sendall(b"\x81" + length + mask + masked)

    def _receive(self) -> dict[str, Any]:
        length = self._exactly(2)[1] & 127
        if length > 125:
            form, size = (">H", 2) if length == 126 else (">Q", 8)
            length = struct.unpack(form, self._exactly(size))[0]
        message: dict[str, Any] = json.loads(self._exactly(length))
        return message

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            received = self._connection.recv(1 << 16)
            assert received, "the browser went away"
            self._buffer += received
        found, self._buffer = self._buffer[:size], self._buffer[size:]
        return found


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A browser of its own with an empty profile; it ends with the block."""
    assert CHROMIUM is not None
    options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")
    command = [CHROMIUM, *options, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        told = profile / "DevToolsActivePort"
        end = time.monotonic() + _SECONDS
        while not (told.is_file() and told.read_text().count("\n")):
            assert process.poll() is None, f"{CHROMIUM} ended with {process.returncode}"
            assert time.monotonic() < end, f"{CHROMIUM} opened no port within {_SECONDS} s"
            time.sleep(0.05)
        port = int(told.read_text().split("\n")[0])
        with socket.create_connection(("127.0.0.1", port), timeout=_SECONDS) as connection:
            _shake_hands(connection, port, _tab(port, end))
            yield Browser(connection)
    finally:
        process.terminate()
        process.wait(timeout=_SECONDS)


def _tab(port: int, end: float) -> str:
    """The path of the first page's socket."""
    while True:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=_SECONDS) as answer:
            tabs = json.load(answer)
        for tab in tabs:
            if tab["type"] == "page":
                return "/" + str(tab["webSocketDebuggerUrl"]).split("/", 3)[3]
        assert time.monotonic() < end, "the browser has no tab"
        time.sleep(0.05)


def _shake_hands(connection: socket.socket, port: int, path: str) -> None:
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    assert head.startswith(b"HTTP/1.1 101"), head
