"""Rules that ask a model."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from hanmill.pipelines.build.dependencies import ingest_ingredients
from hanmill.pipelines.clean.language import bundled_model
from hanmill.pipelines.clean.measures import models
from hanmill.pipelines.clean.measures.models import ModelFileError
from hanmill.pipelines.clean.profile import profile
from hanmill.pipelines.clean.rules import RuleError, judge, measure_name, open_models
from hanmill.pipelines.extract.document import Document
from hanmill.schemas.recipe import CleanRecipe, Recipe, RuleSetting

MODEL = str(bundled_model())
JAPANESE = "日本国憲法は、日本の現行の\n憲法である。\x00"
CHINESE = "著作權法是保護著作的法律，這裡說甚麼？"


def document(text: str) -> Document:
    return Document("tables", "1", "", "題", "", "", text, "a:1")


def measured(text: str, *settings: RuleSetting) -> dict[str, float]:
    (one,) = judge([document(text)], [profile(text)], settings)
    return dict(one.measures)


def test_probability_of_a_label() -> None:
    japanese = RuleSetting("fasttext@1", min=0.5, file=MODEL, label="ja")
    chinese = replace(japanese, label="__label__zh", min=None, max=1.0)
    found = measured(JAPANESE, japanese, chinese)
    assert found.keys() == {"fasttext@1 lid.176.ftz ja", "fasttext@1 lid.176.ftz __label__zh"}
    assert found[measure_name(japanese)] > 0.9 > 0.1 > found[measure_name(chinese)]
    assert measured(CHINESE, chinese)[measure_name(chinese)] > 0.5 > measured(CHINESE, japanese)[measure_name(japanese)]
    (refused,) = judge([document(CHINESE)], [profile(CHINESE)], [japanese])
    assert refused.refusal is not None
    assert (refused.refusal.rule, refused.refusal.threshold) == ("fasttext@1", 0.5)
    assert measured("", japanese)[measure_name(japanese)] <= 0.5
    assert 0 <= measured("\ud800壊", japanese)[measure_name(japanese)] <= 1


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (RuleSetting("fasttext@1", min=0.5, label="ja"), "fasttext@1: expected a file, found none"),
        (RuleSetting("fasttext@1", min=0.5, file=MODEL), "fasttext@1: expected a label, found none"),
        (RuleSetting("characters@1", min=5, label="x"), "characters@1: expected no label, found x"),
        (RuleSetting("fasttext@1", min=0.5, file="/nowhere.bin", label="x"), "/nowhere.bin: expected a fastText class"),
        (RuleSetting("fasttext@1", min=0.5, file=__file__, label="x"), "expected a fastText classifier"),
        (RuleSetting("fasttext@1", min=0.5, file=MODEL, label="kanbun"), "lid.176.ftz: found labels af, als, am, an,"),
    ],
)
def test_what_is_wrong_with_a_model_is_said_first(setting: RuleSetting, message: str) -> None:
    with pytest.raises((RuleError, ModelFileError)) as caught:
        open_models([setting])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_perplexity_of_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool, bool]] = []

    class Model:
        def __init__(self, path: str) -> None:
            if path.endswith(".py"):
                raise OSError("Cannot read model")

        def score(self, text: str, bos: bool, eos: bool) -> float:
            asked.append((text, bos, eos))
            return -2.0 * (len(text.split()) + 1)

    monkeypatch.setitem(sys.modules, "kenlm", SimpleNamespace(Model=Model))
    models._language_model.cache_clear()
    setting = RuleSetting("perplexity@1", max=50, file="ja.binary")
    found = measured("漢字 かな\n\n終", setting)
    assert math.isclose(found["perplexity@1 ja.binary"], 100.0)
    assert asked == [("漢 字 か な", True, True), ("終", True, True)]
    assert measured(" \n", setting) == {"perplexity@1 ja.binary": 0.0}
    with pytest.raises(ModelFileError, match="expected a model of KenLM: Cannot read model"):
        open_models([replace(setting, file=__file__)])
    models._language_model.cache_clear()


def test_without_the_library_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kenlm", None)
    models._language_model.cache_clear()
    with pytest.raises(ModelFileError, match=r"perplexity@1 with ja\.binary: expected the package kenlm, which is not"):
        open_models([RuleSetting("perplexity@1", max=50, file="ja.binary")])


def test_the_file_and_the_label_are_in_the_address(tmp_path: Path) -> None:
    path = tmp_path / "m.bin"
    found = []
    for content, label in ((b"1", "a"), (b"2", "a"), (b"2", "b")):
        path.write_bytes(content)
        clean = CleanRecipe(rules=(RuleSetting("fasttext@1", min=0.5, file=str(path), label=label),))
        found.append(str(ingest_ingredients(Recipe("r", clean=clean), ["tables"])))
    assert len(set(found)) == 3
