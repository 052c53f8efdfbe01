"""Chunks as conlleval finds them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.trainer.tagging.chunks import chunks, score


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("O B-PER I-PER O B-LOC", [("PER", 1, 3), ("LOC", 4, 5)]),
        # IOB1: I begins a chunk, B only where one follows another of its kind.
        ("I-PER I-PER O I-LOC B-LOC", [("PER", 0, 2), ("LOC", 3, 4), ("LOC", 4, 5)]),
        ("B-PER I-LOC I-LOC", [("PER", 0, 1), ("LOC", 1, 3)]),
        ("O I-ORG I-ORG", [("ORG", 1, 3)]),
        ("B-PER B-PER", [("PER", 0, 1), ("PER", 1, 2)]),
        ("B-W I-W B-W B-W I-W I-W", [("W", 0, 2), ("W", 2, 3), ("W", 3, 6)]),
        ("S-LOC B-PER E-PER S-LOC", [("LOC", 0, 1), ("PER", 1, 3), ("LOC", 3, 4)]),
        ("B-GPE M-GPE E-GPE O S-PER", [("GPE", 0, 3), ("PER", 4, 5)]),
        ("E-PER E-PER", [("PER", 0, 1), ("PER", 1, 2)]),
        ("B-creative-work I-creative-work", [("creative-work", 0, 2)]),
        ("O O", []),
        ("", []),
    ],
)
def test_chunks(tags: str, found: list) -> None:
    assert chunks(tags.split()) == found


def test_score() -> None:
    gold = [["B-PER", "I-PER", "O", "B-LOC"], ["B-ORG", "O"]]
    predicted = [["B-PER", "O", "O", "B-LOC"], ["O", "B-ORG"]]
    found = score(gold, predicted)
    assert (found.gold, found.found, found.right) == (3, 3, 1)
    assert (found.right_tokens, found.tokens) == (3, 6)
    assert found.precision == found.recall == found.f1 == pytest.approx(1 / 3)
    assert found.accuracy == 0.5
    assert score([["O"]], [["O"]]).f1 == 0
    with pytest.raises(ValueError, match="zip"):
        score([["O", "O"]], [["O"]])


@given(st.lists(st.sampled_from(["O", "B-X", "I-X", "B-Y", "I-Y"]), max_size=12))
def test_iob2_equals_a_pattern(tags: list[str]) -> None:
    """In IOB2 a chunk is a B and the I of its kind after it, or Is that follow something else."""
    letters = "".join({"O": "o", "B-X": "B", "I-X": "b", "B-Y": "C", "I-Y": "c"}[tag] for tag in tags)
    wanted = [
        ("X" if match[0][0] in "Bb" else "Y", match.start(), match.end())
        for match in re.finditer("Bb*|b+|Cc*|c+", letters)
    ]
    assert chunks(tags) == wanted
