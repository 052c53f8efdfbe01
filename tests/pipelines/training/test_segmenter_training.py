from __future__ import annotations

import bz2
import lzma
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.commands.segmenter import segmenter
from hanmill.pipelines.text.character_conversion import narrow
from hanmill.pipelines.training.segmented_text import SegmentedTextError, read_segmented
from hanmill.pipelines.training.segmenter_score import Score, common_words, score
from hanmill.pipelines.training.segmenter_training import train_ltp, train_pointwise

CONLLU = """\
# text = Vámonos al mar
1-2\tVámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tVamos\tir\tVERB\t_\t_\t0\troot\t_\t_
2\tnos\tnosotros\tPRON\t_\t_\t1\tobj\t_\t_
3-4\tal\t_\t_\t_\t_\t_\t_\t_\t_
3\ta\ta\tADP\t_\t_\t5\tcase\t_\t_
4\tel\tel\tDET\t_\t_\t5\tdet\t_\t_
5\tmar\tmar\tNOUN\t_\t_\t1\tobl\t_\t_
5.1\tnada\t_\t_\t_\t_\t_\t_\t_\t_

1\t我\t我\tPRON\t_\t_\t2\tnsubj\t_\t_
2\t來\t來\tVERB\t_\t_\t0\troot\t_\t_
"""


def test_words_with_spaces_between(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("\ufeff我们  在 北京\r\n\n　中国\u3000人 \n", encoding="utf-8")
    assert read_segmented(path) == [["我们", "在", "北京"], ["中国", "人"]]


@pytest.mark.parametrize(("suffix", "compress"), [(".conllu", bytes), (".xz", lzma.compress), (".bz2", bz2.compress)])
def test_conllu_with_multiword_tokens(tmp_path: Path, suffix: str, compress: type) -> None:
    path = tmp_path / f"text{suffix}"
    path.write_bytes(compress(CONLLU.encode()))
    assert read_segmented(path) == [["Vámonos", "al", "mar"], ["我", "來"]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "found no sentence"),
        ("1\t我".encode() + b"\t_" * 8 + b"\n2\tx\n", "line 2: found 2 columns, expected 10"),
        (b"x\ty" + b"\t_" * 8, "line 1: found id 'x', expected a number or a range"),
        ("²\ty".encode() + b"\t_" * 8, "line 1: found id '²', expected a number or a range"),
        (b"9" * 5000 + b"\ty" + b"\t_" * 8, "expected a number or a range"),
        (b"\xff\xfe\x00", "cannot be read as UTF-8"),
        (b"a" * (1 << 20), "line 1: over 1,048,576 characters"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(data)
    with pytest.raises(SegmentedTextError, match=message):
        read_segmented(path)


def test_a_cut_archive_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "text.xz"
    path.write_bytes(lzma.compress(("我 们\n" * 5_000).encode())[:-20])
    with pytest.raises(SegmentedTextError, match=r"text\.xz: cannot be read"):
        read_segmented(path)


def test_real_treebanks(shared_data: Path) -> None:
    folder = shared_data / "segmentation"
    assert len(read_segmented(folder / "zh_gsd-ud-dev.conllu.xz")) == 500
    assert len(read_segmented(folder / "zh_gsd-ud-train.r1.4.conllu.xz")) == 3997
    assert len(read_segmented(folder / "ja_gsd-ud-dev.conllu.xz")) == 507


def test_scores() -> None:
    truth = [["我们", "在", "北京", "大学"], ["好"]]
    found = [["我们", "在", "北京大学"], ["好"]]
    result = score(truth, found, {"我们", "在"})
    assert result == Score(truth=5, found=4, correct=3, unseen=3, unseen_correct=1)
    assert (result.precision, result.recall) == (0.75, 0.6)
    assert result.f == pytest.approx(2 / 3)
    assert (result.unseen_rate, result.unseen_recall, result.seen_recall) == (0.6, pytest.approx(1 / 3), 1.0)
    assert score([], [], ()).f == 0


def test_a_word_counts_by_alignment_not_by_place() -> None:
    assert score([["了", "一", "了"]], [["了一", "了"]], ()).correct == 1
    assert score([["ab", "c"]], [["a", "b", "c"]], ()).correct == 1


_words = st.lists(st.sampled_from("的了我中国"), max_size=12)


@given(_words, _words)
def test_common_words_are_a_longest_common_subsequence(first: list[str], second: list[str]) -> None:
    common = common_words(first, second)
    table = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i, left in enumerate(first):
        for j, right in enumerate(second):
            table[i + 1][j + 1] = table[i][j] + 1 if left == right else max(table[i][j + 1], table[i + 1][j])
    assert len(common) == table[-1][-1]
    for words in (first, second):
        rest = iter(words)
        assert all(word in rest for word in common)


@pytest.mark.skipif(shutil.which("diff") is None, reason="no diff program here")
def test_as_many_words_are_common_as_diff_says(tmp_path: Path) -> None:
    choose = random.Random(5)
    for _ in range(60):
        first = choose.choices("天地玄黄宇宙洪荒", k=choose.randint(0, 30))
        second = [word for word in first if choose.random() > 0.3] + choose.choices("天地", k=choose.randint(0, 3))
        for name, words in (("first", first), ("second", second)):
            (tmp_path / name).write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
        command = ["diff", "--old-line-format=", "--new-line-format=", "--unchanged-line-format=%L", "first", "second"]
        output = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
        assert len(output.split()) == len(common_words(first, second))


def test_two_trainings_cut_alike() -> None:
    sentences = [["我们", "在", "北京", "大學"], ["他们", "在", "上海"], ["中文", "很", "好"]] * 30
    first, second = train_ltp(sentences, sentences, 2), train_ltp(sentences, sentences, 2)
    for text in ("我们在北京大学", "他们很好", "北京中文大学在上海"):
        assert first.predict(text) == second.predict(text)
    assert first.predict("我们在北京大学") == ["我们", "在", "北京", "大学"]


def test_wide_digits_are_learnt_as_they_are_cut() -> None:
    wide = [["１２月", "３１日", "，", "增长", "２．５％"], ["近", "３００", "名", "學生"]] * 20
    narrowed = [[narrow(word) for word in sentence] for sentence in wide]
    first, second = train_pointwise(wide, 2, {}), train_pointwise(narrowed, 2, {})
    assert first.rows.tolist() == second.rows.tolist()
    assert first.weights.tolist() == second.weights.tolist()


@pytest.mark.parametrize(("kind", "least"), [("pointwise", 0.92), ("ltp", 0.88)])
def test_the_command_beats_rjieba_on_its_own_standard(
    shared_data: Path, tmp_path: Path, kind: str, least: float
) -> None:
    folder = shared_data / "segmentation"
    model = tmp_path / "new" / "weights"
    arguments = ["train", "--kind", kind, "--epochs", "2", "--train", str(folder / "zh_gsd-ud-train.r1.4.conllu.xz")]
    arguments += ["--dev", str(folder / "zh_gsd-ud-dev.conllu.xz"), "--model", str(model)]
    result = CliRunner().invoke(segmenter, arguments)
    assert result.exit_code == 0, result.output
    rows = [line.split("\t") for line in result.stdout.splitlines() if "\t" in line]
    assert rows[0][:4] == ["segmenter", "precision", "recall", "F"]
    measured = {row[0]: float(row[3]) for row in rows[1:]}
    assert measured[kind] > least > 0.80 > measured["rjieba"]
    assert model.stat().st_size > 100_000


def test_the_command_says_what_it_cannot_read(tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    result = CliRunner().invoke(
        segmenter, ["train", "--train", str(empty), "--dev", str(empty), "--model", str(tmp_path / "m")]
    )
    assert result.exit_code == 1
    assert "empty.txt: found no sentence" in result.output
