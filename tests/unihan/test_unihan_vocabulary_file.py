from __future__ import annotations

from pathlib import Path

import pytest

from hanmill.unihan.errors import VocabularyError
from hanmill.unihan.vocabulary_file import read_vocabulary


def write(folder: Path, text: str) -> Path:
    path = folder / "vocab.txt"
    path.write_bytes(text.encode())
    return path


def test_tokens_alone(tmp_path: Path) -> None:
    read = read_vocabulary(write(tmp_path, "[PAD]\n気\r\n\n##氣\n\u2028\n　\n"))
    assert read.tokens == ("[PAD]", "気", "##氣", "\u2028", "　")
    assert read.counts is None


def test_tokens_with_counts(tmp_path: Path) -> None:
    read = read_vocabulary(write(tmp_path, "の 1203\n気\t45\n"))
    assert read.counts == {"の": 1203, "気": 45}


def test_counts_on_some_lines_are_no_counts(tmp_path: Path) -> None:
    assert read_vocabulary(write(tmp_path, "の 1203\n気\n")).counts is None
    assert read_vocabulary(write(tmp_path, f"の 1203\n気 {'9' * 5000}\n")).counts is None


def test_repeat(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"vocab\.txt, line 3: '気' stands in line 1 already"):
        read_vocabulary(write(tmp_path, "気\n氣\n気\n"))


def test_empty_and_undecodable(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="no token"):
        read_vocabulary(write(tmp_path, "\n\n"))
    (tmp_path / "sjis.txt").write_bytes("気".encode("cp932"))
    with pytest.raises(VocabularyError, match="not UTF-8 at byte 0"):
        read_vocabulary(tmp_path / "sjis.txt")


def test_real_vocabularies(shared_data: Path) -> None:
    assert len(read_vocabulary(shared_data / "vocab/bert-base-chinese-vocab.txt").tokens) == 21_128
    assert len(read_vocabulary(shared_data / "unihan/unihanlm-han-vocabulary.txt").tokens) == 8_500
