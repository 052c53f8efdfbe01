"""An object store for the tests: object_server.py as a process of its own, and the environment that leads to it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

#: Credentials that must never be written or printed.
SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIASECRETOFTHETEST",
    "AWS_SECRET_ACCESS_KEY": "secret/of+the/test0123456789abcdefghij",
    "AWS_SESSION_TOKEN": "session-token-of-the-test",
}


@dataclass(frozen=True)
class Store:
    """The server, spoken to beside the protocols under test. Names are ``bucket/key``."""

    address: str

    def put(self, name: str, content: bytes) -> None:
        self._send("PUT", quote(name), content)

    def get(self, name: str) -> bytes:
        return self._send("GET", quote(name))

    def names(self, prefix: str = "") -> list[str]:
        """Objects below a prefix, folder markers left out."""
        return [name for name in self._state()["objects"] if name.startswith(prefix) and not name.endswith("/")]

    def served(self) -> dict[str, int]:
        """Object to bytes of its content sent since counting began."""
        return self._state()["served"]

    def requests(self) -> list[tuple[str, str, int]]:
        """Method, address and status of every request since counting began."""
        return [tuple(request) for request in self._state()["requests"] if "/control/" not in request[1]]

    def count_anew(self) -> None:
        self._send("POST", "control/count", b"")

    def _state(self) -> dict[str, Any]:
        return json.loads(self._send("GET", "control/state"))

    def _send(self, method: str, path: str, content: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"{self.address}/{path}", content, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()


@pytest.fixture(scope="session")
def object_server() -> Iterator[str]:
    """The address of the server, one for all tests of a process."""
    command = [sys.executable, str(Path(__file__).with_name("object_server.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def store(object_server: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store, and the environment that leads to it."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", object_server)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", object_server)
    found = Store(object_server)
    found._send("POST", "control/empty", b"")
    return found


@pytest.fixture(params=["s3", "gs"])
def scheme(request: pytest.FixtureRequest) -> str:
    """Both protocols."""
    return request.param


@pytest.fixture
def secrets() -> tuple[str, ...]:
    """What must never be written or printed."""
    return tuple(SECRETS.values())
