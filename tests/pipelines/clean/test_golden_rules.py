"""What every rule measures on fixed texts, to the last digit.

A failure here means that a rule measures something else than under the same name before: give it a new version and new
rows, made by ``python -m tests.pipelines.clean.test_golden_rules`` from the repository root.
"""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from hanmill.pipelines.clean import rules
from hanmill.pipelines.clean.language import bundled_model
from hanmill.pipelines.clean.measures.registry import RULES, Page
from hanmill.pipelines.clean.profile import Profile, profile
from hanmill.pipelines.extract.document import Document
from tests.pipelines.clean.golden_texts import TEXTS

DATA = Path(__file__).parent / "data"
GOLDEN = DATA / "golden_rules.tsv"
LISTS = {
    "listed_words@1": DATA / "listed_words.txt",
    "listed_address@1": DATA / "listed_addresses.txt",
    "fasttext@1": bundled_model(),
    "perplexity@1": Path("counts.binary"),
}
LABELS = {"fasttext@1": "ja"}
URLS = {"page": "https://forum.example/adult/3", "chinese": "https://www.bad.example/"}


class CountingModel:
    """Stands for KenLM: a score by the code points alone."""

    def __init__(self, path: str) -> None:
        assert path == "counts.binary"

    def score(self, text: str, bos: bool, eos: bool) -> float:
        return -sum(1 + ord(unit) % 7 / 4 for unit in text.split()) - bos - eos


@cache
def pages() -> dict[str, tuple[Document, Profile]]:
    return {
        name: (Document("commoncrawl", "1", "", "", URLS.get(name, ""), "", text, "", link_characters=7), profile(text))
        for name, text in TEXTS.items()
    }


def measured(rule: str, text: str) -> str:
    """What ``rule`` measures on a text of TEXTS, as Python writes the number."""
    document, counted = pages()[text]
    file = str(LISTS[rule]) if RULES[rule].reads_list else ""
    with patch.dict(sys.modules, kenlm=SimpleNamespace(Model=CountingModel)):
        value = RULES[rule].measure(Page(document, counted, file, LABELS.get(rule, "")))
    # Processors add single-precision numbers in different orders.
    return repr(round(value, 5) if RULES[rule].opens else value)


def read_golden() -> dict[tuple[str, str], str]:
    rows = [line.split("\t") for line in GOLDEN.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {(rule, text): value for rule, text, value in rows}


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_rule_measures_what_its_version_says(rule: str) -> None:
    golden = {text: value for (name, text), value in read_golden().items() if name == rule}
    assert golden, f"{rule}: no row in {GOLDEN.name}"
    found = {text: measured(rule, text) for text in golden}
    assert found == golden, f"{rule} measures something else than before: that is a new version"


def test_every_row_is_of_a_rule_and_every_text_is_measured() -> None:
    golden = read_golden()
    assert {rule for rule, _ in golden} == set(RULES)
    assert len(golden) == len(RULES) * len(TEXTS)


def test_words_behind_a_version() -> None:
    """page_noise@1 counts these words: one more or less is page_noise@2."""
    words = (Path(rules.lines.__file__).parent / "data" / "noise_words.tsv").read_bytes()
    assert hashlib.sha256(words.split(b"\n", 1)[1]).hexdigest()[:16] == "b358ca2454ecd7be"


if __name__ == "__main__":
    rows = (f"{rule}\t{text}\t{measured(rule, text)}" for rule in sorted(RULES) for text in TEXTS)
    head = "# What each rule measures on each text of golden_texts.py. Columns: rule, text, value. Made by its test."
    GOLDEN.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
