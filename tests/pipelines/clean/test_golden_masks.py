"""The numbers by which masks decide: a changed one changes what is masked, and this."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from hanmill.pipelines.clean.masks import context, host_addresses, identity_numbers, mail_addresses, telephones

SCORES = {
    "9.9.9.9": -11.0,
    "甲乙 8.8.4.4 丙丁": -3.0,
    "甲乙 31.32.99.100 丙丁": 1.0,
    "甲乙 99.100.101.33 丙丁": 3.0,
    "甲乙 8.0.0.0 丙丁": -4.0,
    "甲乙 8.4.0.0 丙丁": -4.0,
    "甲乙 8.4.4.0 丙丁": -3.0,
    "99.8.8.8 概要": -10.0,
    "100.8.8.8 概要": -1.0,
    "http://8.8.4.4/": 8.0,
    "甲乙 8.8.4.4:53": 2.0,
    "甲乙 8.8.4.0/24": 2.0,
    "Foo 8.8.4.4 丙丁": -5.0,
    "服务器地址是 8.8.4.4 端口 53": 10.0,
    "第 8.8.4.4 节": -19.0,
    "服务器经过多次变更以后成为 8.8.4.4 丙丁": -0.5,
}


def score(text: str) -> float:
    match = host_addresses._IPV4.search(text)
    assert match is not None
    return round(host_addresses._score(text, match.start(), match.end()), 3)


@pytest.mark.parametrize("text", SCORES)
def test_scores_of_addresses(text: str) -> None:
    assert score(text) == SCORES[text]


def test_numbers_that_decide() -> None:
    assert (context.WINDOW, context._NEAR) == (32, 8)
    assert (host_addresses._LONGEST, host_addresses._SECTIONS) == (48, 100)
    assert (telephones._INTERNATIONAL, telephones._ANYWHERE_WEIGHT, telephones._ROUND_WEIGHT) == (2.0, -1.0, -3.0)
    assert telephones._BEHIND_RUN == 3
    assert [(found.start, found.stop) for found in (telephones._ANYWHERE_DIGITS, identity_numbers._CARD_DIGITS)] == [
        (8, 16),
        (13, 20),
    ]


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("context_words.tsv", "5ed051c55fa783d9"),
        ("telephone_plans.tsv", "e16dff7f92e1775c"),
        ("file_endings.tsv", "b5619f5511337288"),
    ],
)
def test_tables(name: str, digest: str) -> None:
    """A word, a weight or a plan more or less: the gold lines say what it is worth, this that it was meant."""
    path = Path(mail_addresses.__file__).parent / "data" / name
    assert hashlib.sha256(path.read_bytes()).hexdigest()[:16] == digest
