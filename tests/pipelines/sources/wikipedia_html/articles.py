"""Articles in Parsoid's HTML, written for the tests after its specification, and dumps of them."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"
JAPANESE = (_DATA / "japanese.html").read_text(encoding="utf-8")
CHINESE = (_DATA / "chinese.html").read_text(encoding="utf-8")
DISAMBIGUATION = '<html><body lang="ja"><p>梅</p><meta property="mw:PageProp/disambiguation" id="mwBg"/></body></html>'


def row(identifier: int, name: str, html: str, lang: str = "ja", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "identifier": identifier,
        "date_modified": "2026-02-01T03:04:05Z",
        "version": {"identifier": 7, "comment": ""},
        "url": f"https://{lang}.wikipedia.org/wiki/{name}",
        "namespace": {"name": "", "identifier": 0},
        "in_language": {"name": "", "identifier": lang},
        "is_part_of": {"name": "Wikipedia", "identifier": f"{lang}wiki"},
        "article_body": {"html": html, "wikitext": ""},
        "license": [{"name": "Creative Commons Attribution Share Alike 4.0", "identifier": "CC-BY-SA-4.0"}],
        **more,
    }


def lines(rows: Iterable[Mapping[str, Any] | bytes]) -> bytes:
    return b"".join(
        (one if isinstance(one, bytes) else json.dumps(one, ensure_ascii=False).encode()) + b"\n" for one in rows
    )


def archive(path: Path, *members: bytes) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for number, content in enumerate(members):
            info = tarfile.TarInfo(f"jawiki_namespace_0_{number}.ndjson")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path
