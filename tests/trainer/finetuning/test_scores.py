"""Scores against the canonical programs' own rules."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import numpy as np
import pytest

from hanmill.trainer.finetuning.scores.answers import cmrc_units, score_answers
from hanmill.trainer.finetuning.scores.classes import accuracy, macro_f1, pearson, spearman
from hanmill.trainer.finetuning.scores.intervals import interval, paired
from hanmill.trainer.finetuning.scores.words import matched, score_words


class TestWords:
    def test_golden(self) -> None:
        gold = [["我", "爱", "北京", "天安门"], ["他", "来到", "了", "网易", "杭研", "大厦"]]
        found = [["我爱", "北京", "天安门"], ["他", "来到", "了", "网易杭研", "大厦"]]
        score = score_words(gold, found, frozenset({"我", "爱", "北京", "他", "来到", "了", "大厦"}))
        assert (score.gold, score.found, score.right, score.unknown, score.right_unknown) == (10, 8, 6, 3, 1)
        assert score.recall == pytest.approx(0.6)
        assert score.precision == pytest.approx(0.75)
        assert score.f1 == pytest.approx(2 * 0.6 * 0.75 / 1.35)
        assert score.unknown_rate == pytest.approx(0.3)
        assert score.unknown_recall == pytest.approx(1 / 3)
        assert score.known_recall == pytest.approx(5 / 7)

    def test_a_word_elsewhere_counts_as_the_script_counts_it(self) -> None:
        """By places nothing is right; the script's difference of both lists finds a common word."""
        assert matched(["的", "的的"], ["的的", "的"]).count(True) == 1

    def test_as_diff_counts(self, tmp_path: Path) -> None:
        """The script runs GNU diff over the words, one a line."""
        draw = random.Random(2005)
        for _ in range(60):
            text = "".join(draw.choice("的了是不的的") for _ in range(draw.randrange(1, 30)))
            gold, found = cut(text, draw), cut(text, draw)
            for name, words in (("gold", gold), ("found", found)):
                (tmp_path / name).write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
            command = ["diff", "--minimal", "--unchanged-line-format==", "--old-line-format=-", "--new-line-format=+"]
            shown = subprocess.run(
                [*command, tmp_path / "gold", tmp_path / "found"], capture_output=True, text=True, check=False
            )
            assert matched(gold, found).count(True) == shown.stdout.count("=")

    def test_sentences_without_words(self) -> None:
        score = score_words([[]], [[]])
        assert (score.f1, score.recall, score.precision, score.unknown_recall, score.known_recall) == (0, 0, 0, 0, 0)


def cut(text: str, draw: random.Random) -> list[str]:
    words = [""]
    for character in text:
        if words[-1] and draw.random() < 0.5:
            words.append("")
        words[-1] += character
    return words


class TestAnswers:
    @pytest.mark.parametrize(
        ("found", "answer", "exact", "f1"),
        [
            ("北京大学", "北京大学。", 1, 1),
            ("《北京》", "北京", 1, 1),
            ("北京的大学", "北京大学", 0, 4 / 9),  # The longest common run, not all that is common.
            ("在2008年", "2008年", 0, 4 / 5),  # A number is one unit.
            ("NBA球员", "nba 球员", 0, 1),
            ("上海", "北京", 0, 0),
            ("", "北京", 0, 0),
        ],
    )  # fmt: skip
    def test_cmrc(self, found: str, answer: str, exact: float, f1: float) -> None:
        assert score_answers({"q": [answer]}, {"q": found}, "cmrc") == pytest.approx({"exact": exact, "f1": f1})

    @pytest.mark.parametrize(
        ("text", "units"),
        [
            ("于2008年8月8日", ["于", "2008", "年", "8", "月", "8", "日"]),
            ("约3.5%，即1,000元……", ["约", "3.5", "%", "即", "1,000", "元", "……"]),
            ("It's Nexon's (2D) game.", ["it", "'s", "nexon", "'s", "(", "2d", ")", "game", "."]),
            ("かな漢字", ["かな", "漢", "字"]),
        ],
    )
    def test_cmrc_units(self, text: str, units: list[str]) -> None:
        assert cmrc_units(text) == units

    @pytest.mark.parametrize(
        ("found", "answer", "exact", "f1"),
        [
            ("The Nile.", "nile", 1, 1),
            ("a river, the Nile", "the Nile", 0, 2 / 3),
            ("in Paris Paris", "Paris", 0, 1 / 2),  # Words count as often as they stand in both.
            ("theatre", "atre", 0, 0),
            ("the", "", 1, 1),
            ("东京。", "东京", 0, 0),  # Its punctuation is ASCII's.
        ],
    )
    def test_squad(self, found: str, answer: str, exact: float, f1: float) -> None:
        assert score_answers({"q": [answer]}, {"q": found}, "squad") == pytest.approx({"exact": exact, "f1": f1})

    def test_jsquad_counts_characters(self) -> None:
        gold = {"q": ["小笠原諸島", "小笠原諸島を除く日本"]}
        assert score_answers(gold, {"q": "小笠原"}, "jsquad") == pytest.approx({"exact": 0, "f1": 6 / 8})

    def test_the_best_of_several_and_none(self) -> None:
        gold = {"a": ["北京", "上海"], "b": [], "c": []}
        assert score_answers(gold, {"a": "上海", "b": "", "c": "天津"}, "squad") == pytest.approx(
            {"exact": 2 / 3, "f1": 2 / 3}
        )


class TestClasses:
    def test_golden(self) -> None:
        gold, found = ["a", "a", "b", "c"], ["a", "b", "b", "a"]
        assert accuracy(gold, found) == 0.5
        assert macro_f1(gold, found) == pytest.approx((0.5 + 2 / 3 + 0) / 3)
        assert accuracy([], []) == macro_f1([], []) == 0

    def test_correlations(self) -> None:
        first, second = [1.0, 2.0, 2.0, 4.0, 5.0], [0.1, 0.5, 0.4, 3.0, 2.0]
        assert pearson(first, second) == pytest.approx(np.corrcoef(first, second)[0, 1])
        # Ranks 1 2.5 2.5 4 5 against 1 3 2 5 4.
        assert spearman(first, second) == pytest.approx(np.corrcoef([1, 2.5, 2.5, 4, 5], [1, 3, 2, 5, 4])[0, 1])
        assert pearson([1, 1], [1, 2]) == 0

    def test_intervals(self) -> None:
        found = interval([0.80, 0.82, 0.87])
        assert found.mean == pytest.approx(0.83)
        assert found.half == pytest.approx(4.303 * np.std([0.80, 0.82, 0.87], ddof=1) / 3**0.5)
        assert interval([0.5]).half is None
        assert paired([0.8, 0.9], [0.7, 0.8]).mean == pytest.approx(0.1)
        with pytest.raises(ValueError, match="found none"):
            interval([])
