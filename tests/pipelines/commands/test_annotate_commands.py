from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

from hanmill.pipelines.annotate.line_annotator import LineAnnotator
from hanmill.pipelines.commands.annotate import annotate
from hanmill.pipelines.commands.glyphs import glyphs
from hanmill.schemas.recipe import NormalizeRecipe, Recipe


def run(text: str | bytes, *arguments: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(annotate, ["-", *arguments], input=text)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_object_per_line_whatever_it_holds() -> None:
    lines = run(
        "银行行长，来自重庆。\r\n\n東京へは行った\nHello, world, this is a sentence in English.\n", "--lang", "auto"
    )
    assert [line["lang"] for line in lines] == ["zh", "und", "ja", "en"]
    assert "".join(character["char"] for character in lines[0]["chars"]) == "银行行长，来自重庆。"
    assert [character["pinyin"] for character in lines[0]["chars"]][:5] == ["yin2", "hang2", "hang2", "zhang3", None]
    assert lines[1] == {"lang": "und", "text": "", "chars": [], "words": []}
    assert [(word["word"], word["reading"], word["romaji"]) for word in lines[2]["words"]] == [
        ("東京", "トウキョウ", "toukyou"),
        ("へ", "ヘ", "he"),
        ("は", "ハ", "ha"),
        ("行った", "イッタ", "itta"),
    ]
    assert all(character["pinyin"] is None for character in lines[2]["chars"])
    assert [word["word"] for word in lines[3]["words"]][:4] == ["Hello", ",", "world", ","]


def test_a_segmenter_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    recipe = tmp_path / "ltp.yaml"
    recipe.write_text("name: ltp\nsegment: {chinese: ltp}\n", encoding="utf-8")
    result = CliRunner().invoke(annotate, ["-", "--lang", "zh", "--recipe", str(recipe)], input="银行\n")
    assert result.exit_code == 1
    assert "segment.chinese_model: found ''" in result.output
    assert "Traceback" not in result.output


def test_offsets_count_the_raw_line() -> None:
    (line,) = run(" ｶﾞｷﾞ 氣\n", "--lang", "ja")
    assert line["text"] == " ガギ 氣"
    assert [(c["char"], c["offset"]) for c in line["chars"]] == [("ガ", 1), ("ギ", 3), ("氣", 6)]


def test_variants_share_a_representative() -> None:
    (line,) = run("氣気气，あ\n", "--lang", "zh")
    representatives = [character["cluster"] for character in line["chars"]]
    assert len(set(representatives[:3])) == 1
    assert representatives[3:] == ["，", "あ"]


def test_a_recipe_that_converts() -> None:
    recipe = Recipe(name="taiwan", normalize=NormalizeRecipe(opencc="s2twp"))
    (line,) = LineAnnotator(recipe).annotate(["内存很大"], ["zh"])
    assert line["text"] == "記憶體很大"
    assert line["chars"][3]["offset"] == 2


@pytest.mark.parametrize(
    ("data", "arguments", "message"),
    [
        ("好\n".encode() + b"\xff\n", [], "line 2: byte 0xff at 0 is not UTF-8"),
        (b"", ["--recipe", "nothing"], "nothing"),
    ],
)
def test_errors_say_what_and_where(data: bytes, arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(annotate, ["-", "--lang", "zh", *arguments], input=data)
    assert result.exit_code == 1
    assert message in result.output


def test_contact_sheet_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    result = CliRunner().invoke(glyphs, ["sheet", "--text", "猫河 湖液説说颱台風", "--png", str(path)])
    assert result.exit_code == 0, result.output
    assert "9 characters, styles song, hei, mincho" in result.output
    with Image.open(path) as picture:
        assert picture.size == ((9 * 26 + 2) * 2, (3 * 26 + 2) * 2)


def test_coverage_of_a_vocabulary(tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.txt"
    path.write_text("[CLS]\n中\nあ\n한\n##国\n", encoding="utf-8")
    result = CliRunner().invoke(glyphs, ["coverage", "--characters", str(path)])
    assert result.exit_code == 0, result.output
    rows = [line.split("\t") for line in result.output.splitlines() if "\t" in line]
    assert ["CJK unified", "song", "1", "1", ""] in rows
    assert ["hangul", "hei", "1", "0", "한"] in rows
    assert "SIL Open Font License" in result.output


def test_a_recipe_without_styles_draws_nothing(tmp_path: Path) -> None:
    for arguments in (["coverage"], ["sheet", "--text", "猫", "--png", str(tmp_path / "a.png")]):
        result = CliRunner().invoke(glyphs, [*arguments, "--recipe", "mlma"])
        assert result.exit_code == 1
        assert "glyphs.styles is empty" in result.output
