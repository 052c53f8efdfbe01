from __future__ import annotations

import struct
import zlib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hanmill.pipelines.annotate.glyphs.bitmaps import render
from hanmill.pipelines.annotate.glyphs.contact_sheet import contact_sheet, coverage
from hanmill.pipelines.annotate.glyphs.faces import FaceError, find_face
from hanmill.schemas.recipe import GlyphStyle

SONG = GlyphStyle("song", ("package:pylopdf_fonts_zh_cn/NotoSerifSC-Regular.otf",))
HEI = GlyphStyle("hei", ("package:pylopdf_fonts_zh_cn/NotoSansSC-Regular.otf",))
MINCHO = GlyphStyle("mincho", ("package:pylopdf_fonts_jp/NotoSerifJP-Regular.otf",))


def codes(text: str) -> np.ndarray:
    return np.array([ord(character) for character in text], dtype=np.uint32)


def test_shape_and_ink() -> None:
    table = render(codes("猫河湖"), (SONG, HEI, MINCHO))
    assert table.bitmaps.shape == (3, 3, 24, 24)
    assert table.bitmaps.dtype == np.uint8
    assert table.missing.shape == (3, 3)
    assert not table.missing.any()
    assert len({glyph.tobytes() for glyph in table.bitmaps[:, :2].reshape(-1, 24, 24)}) == 6
    assert table.bitmaps.max() > 200


def test_missing_is_told_by_ink() -> None:
    absent = np.array([0, 0x3000, 0xD800, 0x1F363, 0xAC00, 0x10FFFF, ord("口")], dtype=np.uint32)
    table = render(absent, (SONG, HEI, MINCHO))
    assert table.missing[:6].all()
    assert not table.missing[6].any()
    assert not table.bitmaps[:6].any()


def test_a_chain_falls_back_character_by_character() -> None:
    lacking = 0x9FFB
    assert render(np.array([lacking], np.uint32), (HEI,) * 3).missing.all()
    chain = GlyphStyle("both", (*HEI.faces, *SONG.faces))
    table = render(codes("中" + chr(lacking)), (chain, SONG, HEI))
    assert not table.missing[:, 0].any()
    assert (table.bitmaps[0, 0] == table.bitmaps[0, 2]).all()
    assert (table.bitmaps[1, 0] == table.bitmaps[1, 1]).all()


def test_characters_keep_their_place_in_the_em_box() -> None:
    table = render(codes("一丶、。国"), (SONG, SONG, SONG))

    def middle(index: int) -> tuple[float, float]:
        rows, columns = np.nonzero(table.bitmaps[index, 0] > 64)
        return float(rows.mean()), float(columns.mean())

    assert middle(0)[0] == pytest.approx(11, abs=2)
    for index in (2, 3):
        row, column = middle(index)
        assert row > 15
        assert column < 9
    assert middle(4) == pytest.approx((11.5, 11.5), abs=1)


def test_no_stroke_of_a_common_character_is_cut_off() -> None:
    bitmaps = render(np.arange(0x4E00, 0x4F00, dtype=np.uint32), (SONG, HEI, MINCHO)).bitmaps
    border = np.concatenate([bitmaps[..., 0, :], bitmaps[..., -1, :], bitmaps[..., 0], bitmaps[..., -1]], axis=-1)
    assert border.sum() < 0.001 * bitmaps.sum(dtype=np.int64)


def test_a_character_looks_the_same_in_any_company() -> None:
    table = render(codes("猫河猫﷽猫"), (SONG, HEI, MINCHO))
    assert (table.bitmaps[0] == table.bitmaps[2]).all()
    assert (table.bitmaps[0] == table.bitmaps[4]).all()
    assert (table.bitmaps[0] == render(codes("猫"), (SONG, HEI, MINCHO)).bitmaps[0]).all()


def test_fonts_are_described() -> None:
    fonts = render(codes("猫"), (SONG, HEI, MINCHO)).fonts
    assert [font["style"] for font in fonts] == ["song", "hei", "mincho"]
    assert fonts[0]["font"] == "Noto Serif SC"
    assert fonts[0]["file"] == "NotoSerifSC-Regular.otf"
    assert len(fonts[0]["sha256"]) == 64
    assert "Open Font License" in fonts[0]["licence"]


def test_a_collection_face(tmp_path: Path) -> None:
    """A collection of one face, made from a font: header, then the font with its tables moved behind it."""
    font = (files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf").read_bytes()
    header = b"ttcf\0\1\0\0" + (1).to_bytes(4, "big") + (16).to_bytes(4, "big")
    count = int.from_bytes(font[4:6], "big")
    moved = bytearray(font)
    for place in range(12 + 8, 12 + 16 * count, 16):
        offset = int.from_bytes(font[place : place + 4], "big") + len(header)
        moved[place : place + 4] = offset.to_bytes(4, "big")
    path = tmp_path / "sans.ttc"
    path.write_bytes(header + moved)
    collection = GlyphStyle("hei", (f"{path}#0",))
    table = render(codes("猫"), (collection, HEI, HEI))
    assert (table.bitmaps[0, 0] == table.bitmaps[0, 1]).all()
    assert table.fonts[0]["font"] == "Noto Sans SC"
    assert table.fonts[0]["name"] == "sans.ttc#0"
    with pytest.raises(FaceError, match="#1"):
        render(codes("猫"), (GlyphStyle("hei", (f"{path}#1",)), HEI, HEI))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere.otf", "no file nowhere.otf there"),
        ("package:no_such_fonts/a.otf", "package 'no_such_fonts' is not installed"),
        ("package:pylopdf_fonts_jp/none.otf", "no file none.otf there"),
        ("a.ttc#x", "found 'x' after '#', expected the number of a face"),
    ],
)
def test_faces_that_are_not_there(name: str, message: str) -> None:
    with pytest.raises(FaceError, match=message):
        find_face(name)


def test_what_is_no_font(tmp_path: Path) -> None:
    path = tmp_path / "text.otf"
    path.write_bytes("これはフォントではない".encode())
    with pytest.raises(FaceError, match=r"text\.otf"):
        render(codes("猫"), (GlyphStyle("none", (str(path),)), SONG, HEI))


def test_contact_sheet_wraps_and_greys_what_is_missing() -> None:
    table = render(codes("猫河湖\U0010ffff"), (SONG, HEI, MINCHO))
    sheet = contact_sheet(table, columns=2, scale=1)
    assert sheet.size == (2 * 26 + 2, 2 * 3 * 26 + 2)
    pixels = np.array(sheet)
    assert (pixels[2:26, 2:26] == 255 - table.bitmaps[0, 0]).all()
    assert (pixels[80:, 28:] == 208).all()
    assert isinstance(contact_sheet(table, scale=3), Image.Image)


def test_coverage_by_block() -> None:
    missing = np.array([[False, True], [False, False], [True, True]])
    rows = coverage(codes("あ中字"), missing, ["song", "hei"])
    assert [(row.block, row.style, row.characters, row.drawn, row.examples) for row in rows] == [
        ("hiragana", "song", 1, 1, ""),
        ("hiragana", "hei", 1, 0, "あ"),
        ("CJK unified", "song", 2, 1, "字"),
        ("CJK unified", "hei", 2, 1, "字"),
    ]


@pytest.mark.parametrize("compressed", [True, False])
def test_a_web_font_states_its_licence(tmp_path: Path, compressed: bool) -> None:
    text = ("SIL Open Font License " * 4).encode("utf-16-be")
    names = struct.pack(">HHHHHHHHH", 0, 1, 18, 3, 1, 0x409, 13, len(text), 0) + text
    stored = zlib.compress(names) if compressed else names
    header = b"wOFF" + struct.pack(">IIHH", 0x00010000, 64 + len(stored), 1, 0) + bytes(28)
    path = tmp_path / "web.woff"
    path.write_bytes(header + struct.pack(">4sIIII", b"name", 64, len(stored), len(names), 0) + stored)
    assert find_face(str(path)).description()["licence"].startswith("SIL Open Font License SIL")
    path.write_bytes(header + struct.pack(">4sIIII", b"name", 64, 9, len(names), 0) + b"no stream")
    with pytest.raises(FaceError, match="not a TrueType or OpenType font"):
        find_face(str(path)).description()
