from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from hanmill.pipelines.commands.extract_html import html


def test_one_line_a_file(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes('<html lang="ja"><title>題</title><p><ruby>春<rt>はる</rt></ruby>が来ました。</p>'.encode("cp932"))
    missing = tmp_path / "missing.html"
    result = CliRunner().invoke(html, [str(page), str(missing)])
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert lines[0] == {
        "file": str(page),
        "title": "題",
        "charset": "shift_jis",
        "charset_from": "detector",
        "lang": "ja",
        "text": "春が来ました。",
        "readings": [[0, 1, "はる"]],
    }
    assert lines[1]["file"] == str(missing)
    assert "error" in lines[1]
    assert "text" not in lines[1]
