"""hanmill quality: what it prints, and a build by what it trained."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Hanmill = Callable[..., Result]


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    for number in range(2):
        good = [
            f"{name}是第{n}座{thing}，人们常常到那里去，说起许多旧事。"
            for n in range(20)
            for name in ("东山", "西湖")
            for thing in ("桥", "塔")
        ]
        bad = [f"首页 下载 注册 {word}{n} 登录 价格 {number}" for n in range(20) for word in ("商城", "论坛", "加盟")]
        (folder / f"good{number}.txt").write_text("\n".join(good[number::2]) + "\n", encoding="utf-8")
        lines = (json.dumps({"body": one}, ensure_ascii=False) for one in bad)
        (folder / f"bad{number}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_train_score_and_build(hanmill: Hanmill, texts: Path, tmp_path: Path) -> None:
    model = tmp_path / "mine.parquet"
    files = [word for n in range(2) for word in ("--good", texts / f"good{n}.txt", "--bad", texts / f"bad{n}.jsonl")]
    result = hanmill("quality", "train", *files, "--text", "body", "--model", model, "--folds", "2", "--top", "3")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].split() == ["side", "texts", "25%", "50%", "75%", "right", "file"]
    assert [line.split()[-1] for line in lines[1:5]] == ["good0.txt", "good1.txt", "bad0.jsonl", "bad1.jsonl"]
    assert "area under the ROC curve 1.0000" in result.output
    assert "speaks for: " in result.output
    result = hanmill("quality", "score", "--model", model, "--text", "body", "-n", "2", texts / "bad0.jsonl")
    assert result.exit_code == 0, result.output
    assert all(float(line.split()[0]) < 0.5 for line in result.output.splitlines())
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(
        "name: mine\nsources: {tables: {lines: true}}\n"
        "clean: {rules: [{rule: quality@1, min: 0.5, file: mine.parquet}], languages: []}\n",
        encoding="utf-8",
    )
    inputs = [f"--input=tables={texts}/good0.txt", f"--input=tables={texts}/bad.txt"]
    rows = [json.loads(line)["body"] for line in (texts / "bad0.jsonl").read_text(encoding="utf-8").splitlines()]
    (texts / "bad.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    result = hanmill("build", recipe, *inputs, "--output", tmp_path / "corpus", "--workers", "1")
    assert result.exit_code == 0, result.output
    dropped = json.loads((tmp_path / "corpus/manifest.json").read_text(encoding="utf-8"))["accounting"]["dropped"]
    assert dropped["quality@1"] == len(rows)


def test_what_cannot_be_trained_is_one_line(hanmill: Hanmill, texts: Path, tmp_path: Path) -> None:
    model = tmp_path / "x.parquet"
    one = ("--good", texts / "good0.txt", "--bad", texts / "bad0.jsonl", "--model", model)
    result = hanmill("quality", "train", *one)
    assert result.exit_code == 2
    assert "bad0.jsonl: found columns body, expected text" in result.output
    assert not model.exists()
    result = hanmill("quality", "train", *one, "--text", "body", "--top", "1")
    assert result.exit_code == 0, result.output
    assert "no cross-validation: it takes two files of each side" in result.output
    result = hanmill("quality", "score", "--model", texts / "good0.txt", texts / "good0.txt")
    assert result.exit_code == 2
    assert "not a readable quality model" in result.output


def test_a_place_for_the_model_that_is_none_is_told_before_training(
    hanmill: Hanmill, texts: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    files = [word for n in range(2) for word in ("--good", texts / f"good{n}.txt", "--bad", texts / f"bad{n}.jsonl")]
    result = hanmill("quality", "train", *files, "--text", "body", "--model", tmp_path / "file" / "mine.parquet")
    assert result.exit_code == 2
    assert "area under" not in result.output
    assert result.output.count("\n") == 1
