"""Every file and setting that bytes depend on is in an address, and in those of no other part."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from hanmill.pipelines.annotate.chinese.pointwise_model import SHIPPED_MODEL as WORD_MODEL
from hanmill.pipelines.annotate.pinyin.context_model import SHIPPED_MODEL as PINYIN_MODEL
from hanmill.pipelines.build import source_closure
from hanmill.pipelines.build.content_address import NamedFileError
from hanmill.pipelines.build.dependencies import ingest_ingredients
from hanmill.pipelines.build.plan import Plan
from hanmill.pipelines.build.stages import BuildState
from hanmill.pipelines.sources.records import Split
from hanmill.pipelines.sources.source import PlannedSplit
from hanmill.schemas.recipe import (
    CommonCrawlIndexRecipe,
    DecontaminateRecipe,
    GlyphsRecipe,
    GlyphStyle,
    Recipe,
    RuleSetting,
    SegmentRecipe,
)

PLAN = Plan((), tuple(PlannedSplit(Split(s, f"/{s}", 0, 9, "whole"), s) for s in ("commoncrawl", "wikipedia")))
FACE = "package:pylopdf_fonts_jp/NotoSansJP-Regular.otf"


def addresses(recipe: Recipe) -> dict[str, str]:
    """Part to what it is made from, as text; ingest by source."""
    state = BuildState(recipe, PLAN, Path("corpus"))
    found = {part: str(made_from) for part, made_from in state.made_from.items() if part != "ingest"}
    return found | {f"ingest {source}": str(made_from) for source, made_from in state.of_sources.items()}


def changed(before: Recipe, after: Recipe) -> set[str]:
    first, second = addresses(before), addresses(after)
    return {part for part in first if first[part] != second[part]}


BOTH = {"ingest commoncrawl", "ingest wikipedia"}
RULE = RuleSetting("characters@1", min=40)


def with_words(recipe: Recipe) -> Recipe:
    return replace(recipe, vocabulary=replace(recipe.vocabulary, words=100))


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (lambda r: replace(r, clean=replace(r.clean, rules=(RULE,))), BOTH),
        (lambda r: replace(r, clean=replace(r.clean, mask_personal_data=True)), BOTH),
        (lambda r: replace(r, clean=replace(r.clean, max_failed_share=0.1)), set()),
        (lambda r: replace(r, normalize=replace(r.normalize, form="NFKC")), BOTH),
        (
            lambda r: replace(r, sources=replace(r.sources, wikipedia=replace(r.sources.wikipedia, tables=True))),
            {"ingest wikipedia"},
        ),
        (
            lambda r: replace(
                r, sources=replace(r.sources, commoncrawl=replace(r.sources.commoncrawl, min_cjk_bytes=9))
            ),
            {"ingest commoncrawl"},
        ),
        (lambda r: replace(r, sources=replace(r.sources, split_bytes=2048)), set()),
        (
            lambda r: replace(
                r,
                sources=replace(
                    r.sources,
                    commoncrawl=replace(r.sources.commoncrawl, index=CommonCrawlIndexRecipe(requests_per_second=9.0)),
                ),
            ),
            set(),
        ),
        (lambda r: replace(r, deduplicate=replace(r.deduplicate, jaccard=0.7)), {"deduplicate"}),
        (lambda r: replace(r, deduplicate=replace(r.deduplicate, lines=9)), {"deduplicate", *BOTH}),
        (lambda r: replace(r, vocabulary=replace(r.vocabulary, min_count=3)), {"tables"}),
        (with_words, {"vocabulary", "tables"}),
        (lambda r: replace(r, unihan=replace(r.unihan, max_cluster_size=3)), {"tables"}),
        (lambda r: replace(r, glyphs=GlyphsRecipe((GlyphStyle("hei", (FACE,)),) * 3)), {"tables"}),
        (lambda r: replace(r, segment=replace(r.segment, glue=False)), {"annotate"}),
        (lambda r: replace(r, segment=replace(r.segment, chinese="rjieba")), {"annotate"}),
        (lambda r: replace(r, readings=replace(r.readings, romaji=False)), {"annotate"}),
        (lambda r: replace(r, output=replace(r.output, validation_share=0.3)), {"annotate"}),
        (lambda r: replace(r, output=replace(r.output, row_group_rows=9)), {"annotate", *BOTH}),
        (lambda r: replace(r, output=replace(r.output, dropped_text=True)), BOTH),
        (lambda r: replace(r, clean=replace(r.clean, measure_all=True)), BOTH),
        (lambda r: replace(r, for_model="mom"), set()),
    ],
)
def test_a_setting_touches_the_parts_it_decides(change: Callable[[Recipe], Recipe], parts: set[str]) -> None:
    recipe = Recipe("語料")
    assert changed(recipe, change(recipe)) == parts


def test_words_that_are_counted_depend_on_the_segmenter() -> None:
    recipe = with_words(Recipe("語料"))
    assert changed(recipe, replace(recipe, segment=SegmentRecipe(glue=False))) == {"vocabulary", "annotate"}


def model_file(recipe: Recipe, path: Path) -> Recipe:
    return replace(recipe, segment=SegmentRecipe("ltp", str(path)))


def hub(recipe: Recipe, path: Path) -> Recipe:
    return replace(recipe, segment=SegmentRecipe("ltp", "hub"))


FILES = {
    "a word list": (
        lambda r, path: replace(
            r, clean=replace(r.clean, rules=(RuleSetting("listed_words@1", max=5, file=str(path)),))
        ),
        BOTH,
    ),
    "an evaluation file": (
        lambda r, path: replace(r, clean=replace(r.clean, decontaminate=DecontaminateRecipe((str(path),)))),
        BOTH,
    ),
    "conversion groups": (
        lambda r, path: replace(
            r, sources=replace(r.sources, wikipedia=replace(r.sources.wikipedia, groups=str(path)))
        ),
        {"ingest wikipedia"},
    ),
    "a Unihan file": (lambda r, path: replace(r, unihan=replace(r.unihan, file=str(path))), {"tables"}),
    "a vocabulary": (lambda r, path: replace(r, vocabulary=replace(r.vocabulary, characters=str(path))), {"tables"}),
    "a font": (lambda r, path: replace(r, glyphs=GlyphsRecipe((GlyphStyle("宋", (str(path),)),) * 3)), {"tables"}),
    "segmenter weights": (
        lambda r, path: replace(r, segment=replace(r.segment, chinese_model=str(path))),
        {"annotate"},
    ),
    "LTP weights": (model_file, {"annotate"}),
    "LTP weights in a folder": (lambda r, path: model_file(r, path.parent), {"annotate"}),
    "LTP weights of the hub": (hub, {"annotate"}),
    "readings weights": (
        lambda r, path: replace(r, readings=replace(r.readings, chinese="context", chinese_model=str(path))),
        {"annotate"},
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_touches_the_parts_that_read_it(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its content: the folder it lies in is nothing to a shard."""
    use, parts = FILES[kind]

    def written(folder: str, content: str) -> dict[str, str]:
        path = tmp_path / folder / "cws_model.bin"
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
        library = ModuleType("huggingface_hub")
        library.hf_hub_download = lambda repository, name: str(path)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "huggingface_hub", library)
        return addresses(use(Recipe("語料"), path))

    before, after = written("一", "甲"), written("一", "乙")
    assert {part for part in before if before[part] != after[part]} == parts
    # A folder of weights counts by the file in it; its own name is part of the setting.
    if "folder" not in kind:
        assert written("二", "甲") == before


@pytest.mark.parametrize(
    ("model", "use", "parts"),
    [
        (WORD_MODEL, lambda r: r, {"annotate"}),
        (WORD_MODEL, with_words, {"annotate", "vocabulary"}),
        (WORD_MODEL, lambda r: replace(r, segment=replace(r.segment, chinese="rjieba")), set()),
        (PINYIN_MODEL, lambda r: replace(r, readings=replace(r.readings, chinese="context")), {"annotate"}),
        (PINYIN_MODEL, lambda r: replace(r, readings=replace(r.readings, chinese="pypinyin")), set()),
    ],
)
def test_models_trained_again_touch_who_uses_them(
    model: Path, use: Callable[[Recipe], Recipe], parts: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = use(Recipe("語料"))
    before = addresses(recipe)
    digest = source_closure._file_digest
    monkeypatch.setattr(source_closure, "_file_digest", lambda path: "新" if path == model.resolve() else digest(path))
    source_closure.source_closure.cache_clear()
    after = addresses(recipe)
    monkeypatch.undo()
    source_closure.source_closure.cache_clear()
    assert {part for part in before if before[part] != after[part]} == parts


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    recipe = Recipe("語料")
    lost = replace(recipe, vocabulary=replace(recipe.vocabulary, characters=str(tmp_path / "失.txt")))
    with pytest.raises(NamedFileError, match=r"失\.txt: named in the recipe, cannot be read"):
        addresses(lost)


def test_a_source_hears_of_its_own_settings_alone() -> None:
    names = ingest_ingredients(Recipe("語料"), ["wikipedia"])
    assert "recipe sources.wikipedia.variant" in names
    assert not [name for name in names if "commoncrawl" in name]
