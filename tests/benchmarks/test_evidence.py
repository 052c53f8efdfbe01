"""The evidence: a comparison from files to tables in seconds, and words that follow from the numbers."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from benchmarks import evidence
from benchmarks.evidence_plan import BUDGETS
from benchmarks.evidence_results import Result
from benchmarks.evidence_sentences import left_out, sentences
from benchmarks.evidence_sources import SOURCES
from benchmarks.evidence_summary import summary, write_into
from benchmarks.evidence_tables import moves, render, section
from benchmarks.evidence_work import Work, table

FIGURES = "evidence_paper.tsv"


def result(differences: dict[str, float], noise: float = 0.001, loss: float = 4.0, budget: str = "small") -> dict:
    """A comparison of three seeds with these differences from its control."""
    rows = []
    for seed in (1, 2, 3):
        for variant, difference in {"control": 0.0, **differences}.items():
            common = {"variant": variant, "seed": seed, "share": 1.0}
            shift = noise * (seed - 2) * (variant != "control")
            rows.append({**common, "task": "words", "file": "dev", "measure": "f1",
                         "value": 0.5 + 0.1 * seed + difference + shift})  # fmt: skip
            # Each variant has targets of its own.
            unigram = 6.5 + 0.001 * ["control", *differences].index(variant)
            for measure, value in (("loss", loss), ("unigram", unigram)):
                rows.append({**common, "task": "pretraining", "file": "validation", "measure": measure, "value": value})
    about = {"commit": "c" * 40, "made_by": ["c" * 40], "corpora": {}, "characters": {}, "hardware": "none",
             "budget": {"name": budget, "steps": 3, "tokens": 8, "seeds": 3}}  # fmt: skip
    return {"name": "some", "title": "Some", "paper": "nobody", "control": "control", "note": "",
            "settings": ["steps", "seeds"], "about": about, "missing": [], "rows": rows}  # fmt: skip


def test_differences_are_paired_by_seed() -> None:
    found = Result(result({"other": 0.02})).difference("other", ("words", 1.0, "dev"))
    # Seeds differ by .1 and the pairs by .001: t(2) · .001 / √3.
    assert found is not None
    assert found.mean == pytest.approx(0.02)
    assert found.half == pytest.approx(4.303 * 0.001 / 3**0.5)


def test_words_follow_from_numbers() -> None:
    said = " ".join(sentences(Result(result({"better": 0.02, "equal": 0.0002, "worse": -0.03}))))
    assert "2 of 3 differences" in said
    assert "better: +0.020 ± 0.002, better than the control, in words on dev (100%)" in said
    assert "worse: -0.030 ± 0.002, worse than the control" in said
    assert "equal:" not in said
    assert "All have learnt order." in said


def test_models_that_have_hardly_learnt_are_called_so() -> None:
    said = " ".join(sentences(Result(result({"other": 0.02}, loss=5.6))))
    assert "These models are hardly trained" in said
    assert "have learnt order" not in said


def test_a_variant_that_has_hardly_learnt_is_named() -> None:
    value = result({"other": 0.02})
    for row in value["rows"]:
        if (row["variant"], row["measure"]) == ("other", "loss"):
            row["value"] = 5.6
    assert "Hardly trained: other." in " ".join(sentences(Result(value)))


def test_of_losses_less_is_better() -> None:
    value = result({"other": -0.02})
    for row in value["rows"]:
        if row["task"] == "words":
            row.update(task="masked characters", measure="loss")
    found = Result(value)
    assert "other: -0.020 ± 0.002, better than the control" in " ".join(sentences(found))
    assert "nats of masked characters (dev), fewer are better" in section(found)


def test_losses_of_pretraining_are_compared_on_the_same_targets_alone() -> None:
    value = result({"same": 0.02, "other": 0.02})
    for row in value["rows"]:
        if row["variant"] != "control" and row["measure"] == "loss":
            row["value"] -= 0.25
        if row["variant"] == "same" and row["measure"] == "unigram":
            row["value"] = 6.5
    found, column = Result(value), ("pretraining", 1.0, "validation")
    difference = found.difference("same", column)
    assert difference is not None
    assert difference.mean == pytest.approx(-0.25)
    assert found.difference("other", column) is None
    assert column in found.columns


def test_models_above_a_unigram_are_said_to_be_above() -> None:
    assert "costs 0.25 to 0.25 nats more than by a unigram" in " ".join(
        sentences(Result(result({"a": 0.1}, loss=6.75)))
    )


def test_what_was_not_measured_is_said() -> None:
    value = result({"other": 0.02})
    missing = [("other", 2, "words"), ("other", 3, "words"), ("third", 1, "words"), ("other", 1, "entities")]
    value["missing"] = [{"variant": v, "seed": seed, "task": task, "share": 1.0} for v, seed, task in missing]
    assert left_out(value) == [
        "Not measured at this budget: entities.",
        "Not measured at this budget: third.",
        "Not measured with seeds 2, 3: words (100%) of other.",
    ]
    assert sentences(Result(value))[:3] == left_out(value)


def test_one_seed_gives_no_difference() -> None:
    value = result({"other": 0.02})
    value["rows"] = [row for row in value["rows"] if row["seed"] == 1]
    assert "No differences: two seeds at least are needed." in sentences(Result(value))


def test_budgets_of_one_comparison_stand_beside_each_other() -> None:
    small, full = (Result(result({"other": value}, budget=name)) for name, value in (("small", 0.02), ("full", 0.05)))
    said = "\n".join(moves([small, full]))
    assert "small, 100%: +0.020 ± 0.002; full, 100%: +0.050 ± 0.002" in said
    assert moves([small]) == []


def test_the_same_numbers_give_the_same_pages(tmp_path: Path) -> None:
    pages = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "some.small.json").write_text(json.dumps(result({"other": 0.02})), encoding="utf-8")
        render(folder)
        pages.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert pages[0] == pages[1]
    assert set(pages[0]) == {"README.md", "some.small.json", "some.small.svg"}


def test_papers_figures_are_of_variants_that_there_are() -> None:
    budget = BUDGETS["full"]
    names = {
        name: {variant.name for variant in evidence.STUDIES[name](budget).variants}  # type: ignore[attr-defined]
        for name in ("unihanlm", "chinesebert")
    }
    for study, variant, *_ in table(FIGURES):
        assert variant in names.get(study, {variant}), (study, variant)


def test_every_corpus_and_source_says_where_it_comes_from() -> None:
    assert all(source.licence and len(source.sha256) == 64 for sources in SOURCES.values() for source in sources)
    recipes = Path(evidence.__file__).parent
    assert all((recipes / recipe).is_file() for _, _, recipe, _ in table("evidence_corpora.tsv"))


def column_file(number: int, language: str) -> str:
    """Sentences of three words, the middle one a person or a place."""
    names = {"en": (("Anna", "PER"), ("Rome", "LOC")), "ja": (("太郎", "PERSON"), ("東京", "LOCATION"))}[language]
    before, after = {"en": ("en:saw", "en:today"), "ja": ("今日", "行く")}[language]
    prefix = "en:" if language == "en" else ""
    parts = []
    for place in range(number):
        name, kind = names[place % 2]
        parts.append(f"{before}\tO\n{prefix}{name}\tB-{kind}\n{after}\tO\n")
    return "\n".join(parts)


def test_a_comparison_runs_and_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, work = tmp_path / "data", tmp_path / "work"
    for name, path, *_ in table("evidence_tasks.tsv"):
        language = {"en-entities-train": "en", "en-entities-dev": "en", "ja-wikipedia-train": "ja",
                    "ja-wikipedia-dev": "ja"}.get(name)  # fmt: skip
        if language:
            (data / path).parent.mkdir(parents=True, exist_ok=True)
            number = 830 if name == "ja-wikipedia-train" else 30
            (data / path).write_bytes(lzma.compress(column_file(number, language).encode()))
    given = ["--work", str(work), "--data", str(data), "--budget", "test", "--only", "mom"]
    evidence.main([*given, "--output", str(tmp_path / "out")])
    found = json.loads((tmp_path / "out" / "mom.test.json").read_text(encoding="utf-8"))
    assert {row["share"] for row in found["rows"]} == {0.1, 0.3, 1.0}
    assert {row["seed"] for row in found["rows"]} == {1, 2}
    assert "MOM: layers of an English tagger" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")

    def nothing(arguments: list[str]) -> None:
        raise AssertionError(f"made again: {arguments}")

    monkeypatch.setattr("benchmarks.evidence_words.hanmill", nothing)
    fewer = [*given, "--seeds", "3", "--made"]
    evidence.main([*fewer, "--output", str(tmp_path / "fewer")])
    some = json.loads((tmp_path / "fewer" / "mom.test.json").read_text(encoding="utf-8"))
    assert some["rows"] == found["rows"]
    assert {row["seed"] for row in some["missing"]} == {3}
    evidence.main([*given, "--output", str(tmp_path / "again")])
    again = json.loads((tmp_path / "again" / "mom.test.json").read_text(encoding="utf-8"))
    assert again["rows"] == found["rows"]


def test_a_labelled_file_that_is_missing_is_named(tmp_path: Path) -> None:
    from benchmarks.evidence_words import sentences as some

    with pytest.raises(FileNotFoundError, match="wikiann-en"):
        some(Work(tmp_path, tmp_path, BUDGETS["test"]), "en-entities-train", 0, 1)


def test_a_page_takes_what_was_found(tmp_path: Path) -> None:
    (tmp_path / "some.small.json").write_text(json.dumps(result({"other": 0.02})), encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- evidence -->\nold\n<!-- end of evidence -->\nafter\n", encoding="utf-8")
    write_into(page, summary(tmp_path))
    text = page.read_text(encoding="utf-8")
    assert "other: words on dev (100%): +0.020 ± 0.002" in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="found no <!-- evidence -->"):
        write_into(page, "")


def test_what_is_committed_is_what_its_numbers_give(repository: Path, tmp_path: Path) -> None:
    for path in (repository / "evidence").glob("*.json"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    render(tmp_path)
    assert (tmp_path / "README.md").read_text("utf-8") == (repository / "evidence" / "README.md").read_text("utf-8")
    assert summary(tmp_path) in (repository / "docs" / "tasks.md").read_text("utf-8")
