"""How text is taken out of packages, on packages made here."""

from __future__ import annotations

import gettext
import io
import json
import re
import shutil
import struct
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.segmenter_sources import CUT_TEXTS, DICTIONARIES, TEXTS
from benchmarks.segmenter_texts import fetch, sentences_of, words_in_contexts
from hanmill.schemas.hashing import file_sha256

BY_NAME = {source.name: source for source in (*TEXTS, *CUT_TEXTS, *DICTIONARIES)}


def wheel(path: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, content)
    return path


def catalogue(entries: dict[str, str]) -> bytes:
    """A compiled catalogue as GNU gettext writes it: two tables of lengths and places, and the strings."""
    keys = sorted(entries)
    strings = [key.encode() for key in keys] + [entries[key].encode() for key in keys]
    start = 28 + 16 * len(keys)
    tables, data = b"", b""
    for string in strings:
        tables += struct.pack("<2I", len(string), start + len(data))
        data += string + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, 0) + tables + data


def test_lines_are_simplified_narrow_once_and_mostly_han() -> None:
    lines = [
        "學習歷史２０年的人\n学习历史20年的人",
        "  两个\u3000词语  在这里 ",
        "中文",
        "Latin letters 中文中文中文",
    ]
    source = replace(BY_NAME["hsk"], least_han=6, read=lambda _: lines)
    assert sentences_of(source, Path()) == ["学习历史20年的人", "两个 词语 在这里"]
    assert sentences_of(replace(source, least_han=2), Path())[-1] == "中文"


def test_opinions_are_two_pieces_in_five(tmp_path: Path) -> None:
    paragraphs = ["一。" * 150, "二。", "三。", "四。"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as inner:
        inner.writestr("new/1.json", json.dumps({"documents": [{"text": "\n".join(paragraphs)}]}))
        inner.writestr("old/2.json", json.dumps({"documents": [{"text": "五。\n六。"}, {"text": "七。"}]}))
    path = wheel(tmp_path / "w.whl", "mcp_server/data/opinions.zip", archive.getvalue())
    assert list(BY_NAME["opinions"].read(path)) == ["一。" * 100, "二。", "五。", "七。"]


def test_sentences_and_words(tmp_path: Path) -> None:
    table = "\ufeff1\t我喜歡狗。\t2\tI like dogs.\n3\t他睡了。\t4\tHe slept.\n"
    path = wheel(tmp_path / "t.whl", "assets/tatoeba.tsv", table.encode())
    assert list(BY_NAME["tatoeba"].read(path)) == ["我喜歡狗。", "他睡了。"]
    words = "# CC-CEDICT\n圖書館 图书馆 [tu2 shu1 guan3] /library/\n"
    path = wheel(tmp_path / "c.whl", "assets/cedict_ts.u8", words.encode())
    assert list(BY_NAME["cedict"].read(path)) == ["图书馆"]


def test_talk_keeps_its_transcribers_words(tmp_path: Path) -> None:
    talk = "@Begin\n*XXA:\t佢 琴日 去 咗 旺角 .\n%mor:\tr|keoi5 t|kam4jat6\n*XXB:\t係 啊 .\n"
    path = wheel(tmp_path / "p.whl", "pycantonese/data/hkcancor/FC-001.cha", talk.encode())
    assert sentences_of(BY_NAME["cantonese"], path) == ["佢 琴日 去 咗 旺角 ."]


def test_words_stand_once_in_each_context() -> None:
    words = ["高速公路", "解放思想", "书", "对外开放", "石头", "河流", "大海", "天空", "老虎", "长江", "雪山", "牛"]
    lines = words_in_contexts([*words, "书"])
    lists, of, equal = lines[:3], lines[3:9], lines[9:]
    assert sorted(word for line in lists for word in line.split("、")) == sorted(words)
    assert sorted(word for line in of for word in line.removesuffix("，").split("的")) == sorted(words)
    assert sorted(word for line in equal for word in re.split("[和是]", line.removesuffix("。"))) == sorted(words)
    assert words_in_contexts(reversed(words)) == lines


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="no dpkg-deb here")
def test_translations_of_a_game(tmp_path: Path) -> None:
    translated = catalogue(
        {
            "": "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=n!=1;\n",
            "cat\0cats": "<color_red>一只猫</color>\0两只猫",
            "dog": "狗",
        }
    )
    assert gettext.GNUTranslations(io.BytesIO(translated)).ngettext("cat", "cats", 2) == "两只猫"
    for name in ("zh_CN", "zh_TW"):
        folder = tmp_path / "tree" / "usr" / "share" / "locale" / name / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "cataclysm-dda.mo").write_bytes(translated)
    control = tmp_path / "tree" / "DEBIAN" / "control"
    control.parent.mkdir()
    control.write_text("Package: game\nVersion: 1\nArchitecture: all\nMaintainer: A <a@b.c>\nDescription: game\n")
    command = ["dpkg-deb", "--root-owner-group", "--build", str(tmp_path / "tree"), str(tmp_path / "game.deb")]
    subprocess.run(command, check=True, capture_output=True)
    assert list(BY_NAME["game"].read(tmp_path / "game.deb")) == ["一只猫\n两只猫", "狗"] * 2
    (tmp_path / "tree" / "usr" / "share" / "locale" / "zh_TW" / "LC_MESSAGES" / "cataclysm-dda.mo").unlink()
    subprocess.run(command, check=True, capture_output=True)
    with pytest.raises(FileNotFoundError, match=r"game\.deb: found no .*zh_TW"):
        list(BY_NAME["game"].read(tmp_path / "game.deb"))


def test_what_was_fetched_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = wheel(tmp_path / "a.whl", "a", b"")
    source = replace(BY_NAME["hsk"], file="a.whl", sha256=file_sha256(path))
    monkeypatch.setattr(subprocess, "run", _refuse)
    assert fetch(source, tmp_path) == path


def test_other_bytes_than_named_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = wheel(tmp_path / "a.deb", "a", b"")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: None)
    with pytest.raises(ValueError, match=rf"a\.deb: found SHA-256 {file_sha256(path)}, expected cd0c09"):
        fetch(replace(BY_NAME["game"], file="a.deb"), tmp_path)


def _refuse(*_: object, **__: object) -> None:
    raise AssertionError("a package client was run")
