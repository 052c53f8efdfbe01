from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hanmill.pipelines.annotate.pinyin.context_model import ReadingsModelError
from hanmill.pipelines.annotate.pinyin.neural_reader import (
    REACH,
    SHIPPED_SECOND,
    NeuralReader,
    SecondReader,
    neural_reader,
    quantised,
    read_second,
    write_second,
)
from hanmill.pipelines.annotate.pinyin.text_reader import spread, text_starts
from hanmill.schemas.hashing import file_sha256

_ASKED = ["位于直隶蔚州。", "札萨克图汗被杀害，", "他经过水泊梁山", "高句丽王派使者来。"]
_PLACES = [4, 4, 4, 2]
_READINGS = [("wei4", "yu4"), ("han4", "han2"), ("po1", "bo2"), ("li4", "li2")]


def scores(reader: NeuralReader, texts: list[str], places: list[int]) -> NDArray[np.int32]:
    candidates = np.array([[reader.readings[one] for one in each] for each in _READINGS[: len(texts)]])
    return reader.scores(spread(texts), text_starts(texts) + np.array(places), candidates)


def some_second(**changes: object) -> SecondReader:
    """One unit, two characters, two readings; every weight .5."""
    half = {name: quantised(np.full(shape, 0.5)) for name, shape in _SHAPES.items()}
    fields: dict[str, object] = {
        "arrays": half, "characters": "行长", "readings": ("hang2", "xing2"), "asked": "行", "made_from": {},
    }  # fmt: skip
    return SecondReader(**{**fields, **changes})  # type: ignore[arg-type]


_SHAPES = {
    "embedding": (5, 2), "input": (4, 2), "recurrent": (4, 1), "bias": (1, 4), "input_back": (4, 2),
    "recurrent_back": (4, 1), "bias_back": (1, 4), "hidden": (3, 2), "hidden_bias": (1, 3), "output": (2, 3),
    "output_bias": (1, 2),
}  # fmt: skip


def test_reads_what_an_encyclopaedia_holds() -> None:
    found = scores(neural_reader(), _ASKED, _PLACES)
    assert found.argmax(axis=1).tolist() == [1, 1, 1, 1]
    assert found.max(axis=1).tolist() == [0, 0, 0, 0]


def test_the_answer_is_pinned() -> None:
    """Whole numbers: the same everywhere."""
    assert file_sha256(SHIPPED_SECOND) == "5de879f4d5905e95efaa41185e0bb17c9bf7b73198bb22cd948a196867d0f319"
    assert scores(neural_reader(), _ASKED, _PLACES).tolist() == [[-512, 0], [-464, 0], [-83, 0], [-512, 0]]


def test_a_sentence_is_read_the_same_alone_and_among_others() -> None:
    reader = neural_reader()
    together = scores(reader, _ASKED, _PLACES)
    for number, text in enumerate(_ASKED):
        candidates = np.array([[reader.readings[one] for one in _READINGS[number]]])
        for around in (text, f"前面。\n{text}\n后面", f"前面。{text}"):
            place = text_starts([around]) + around.index(text) + _PLACES[number]
            assert reader.scores(spread([around]), place, candidates)[0].tolist() == together[number].tolist()


def test_characters_beyond_its_reach_do_not_matter() -> None:
    reader = neural_reader()
    candidates = np.array([[reader.readings["wei4"], reader.readings["yu4"]]])
    found = []
    for far in ("", "天地玄黄"):
        text = far + "一二三四五六七八九十百千"[-REACH:] + "蔚" + "州人千百十九八七六五四三"[:REACH] + far
        found.append(reader.scores(spread([text]), text_starts([text]) + text.index("蔚"), candidates)[0].tolist())
    assert len("一二三四五六七八九十百千") == REACH
    # Only the signs of a sentence's begin and end are missed.
    assert np.argmax(found[0]) == np.argmax(found[1])


def test_unknown_readings_are_ruled_out() -> None:
    reader = neural_reader()
    codes, place = spread(["蔚州"]), text_starts(["蔚州"])
    found = reader.scores(codes, place, np.array([[reader.readings["yu4"], -1, reader.readings["wei4"], -1]]))
    assert found[0, [1, 3]].tolist() == [-512, -512]
    assert (reader.scores(codes, place, np.array([[-1, -1]])) == -512).all()
    assert reader.scores(codes, place[:0], np.zeros((0, 2), dtype=np.int64)).shape == (0, 2)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = some_second()
    write_second(tmp_path / "m", written)
    found = read_second(tmp_path / "m")
    assert (found.characters, found.readings, found.asked) == (written.characters, written.readings, written.asked)
    assert all((found.arrays[name] == written.arrays[name]).all() for name in _SHAPES)
    # Every reading has the same weights.
    assert NeuralReader(found).scores(spread(["银行"]), text_starts(["银行"]) + 1, np.array([[0, 1]])).tolist() == [
        [0, 0]
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"characters": "行"}, r"embedding has the shape \(5, 2\), expected \(4, 2\)"),
        ({"readings": ("hang2",)}, r"output has the shape \(2, 3\), expected \(1, 3\)"),
        (
            {"arrays": some_second().arrays | {"recurrent": np.full((4, 1), 1 << 14, dtype=np.int16)}},
            "16384 together, expected below 16384",
        ),
        ({"arrays": some_second().arrays | {"bias": np.ones((1, 3), dtype=np.int16)}}, "bias has the shape"),
    ],
)
def test_arrays_of_other_shapes_are_refused(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    write_second(tmp_path / "m", some_second(**changes))
    with pytest.raises(ReadingsModelError, match=message):
        read_second(tmp_path / "m")


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"PAR1")
    with pytest.raises(ReadingsModelError, match="second reader"):
        read_second(tmp_path / "m")
