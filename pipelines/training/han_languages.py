"""Counts how much each Han character speaks for literary Chinese and for Japanese without kana.

``python -m hanmill.pipelines.training.han_languages OUTPUT --hans F… --hant F… --prose F… --verse F… --japanese F…``
writes ``han_languages.tsv`` of the room ``clean`` from files of UTF-8 text. Numbers are log-odds (base e): literary
prose and verse against modern Chinese on characters folded to Simplified, Japanese against either script of Chinese on
the characters as they stand.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import opencc

from hanmill.pipelines.text.character_classes import CharacterClass, character_classes
from hanmill.pipelines.text.characters import code_points

#: Characters seen less often in all texts together say nothing.
_MIN_COUNT = 8
#: Occurrences that every character is given in every text, and the most that one character may say.
_PRIOR, _MOST = 1.0, 4.0
#: Where all numbers of a character are smaller, it is left out.
_LEAST = 0.3


def han_counts(files: Iterable[Path], *, fold: bool) -> Counter[str]:
    """Occurrences of each Han character, folded to Simplified where asked."""
    convert = opencc.OpenCC("t2s").convert
    counts: Counter[str] = Counter()
    classes = character_classes()
    for file in files:
        text = file.read_text(encoding="utf-8")
        text = convert(text) if fold else text
        kinds = classes[code_points(text)]
        han = (kinds >= CharacterClass.HAN) & (kinds <= CharacterClass.JAPANESE_HAN)
        counts.update(character for character, is_han in zip(text, han.tolist(), strict=True) if is_han)
    return counts


def log_odds(first: Counter[str], second: Counter[str]) -> dict[str, float]:
    """log P(character | first) - log P(character | second), smoothed and bounded."""
    seen = {character for character in first | second if first[character] + second[character] >= _MIN_COUNT}
    size, sums = len(seen), (first.total(), second.total())
    odds = {}
    for character in seen:
        ratio = (first[character] + _PRIOR) / (sums[0] + _PRIOR * size)
        ratio /= (second[character] + _PRIOR) / (sums[1] + _PRIOR * size)
        odds[character] = max(-_MOST, min(_MOST, math.log(ratio)))
    return odds


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes the table and says how many rows it has."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    for name in ("hans", "hant", "prose", "verse", "japanese"):
        parser.add_argument(f"--{name}", type=Path, nargs="+", required=True)
    given = parser.parse_args(arguments)
    japanese = han_counts(given.japanese, fold=False)
    modern = han_counts([*given.hans, *given.hant], fold=True)
    columns = (
        log_odds(han_counts(given.prose, fold=True), modern),
        log_odds(han_counts(given.verse, fold=True), modern),
        log_odds(japanese, han_counts(given.hans, fold=False)),
        log_odds(japanese, han_counts(given.hant, fold=False)),
    )
    rows = []
    for character in sorted(set().union(*columns)):
        values = [column.get(character, 0.0) for column in columns]
        if max(map(abs, values)) >= _LEAST:
            rows.append("\t".join((character, *(f"{value:.1f}" for value in values))))
    head = (
        "# Log-odds of Han characters, counted by pipelines/training/han_languages.py: literary prose, literary verse "
        "against modern Chinese (folded to Simplified), Japanese against Simplified, against Traditional. Texts: "
        "classics and verse of the npm package chinese-poetry 2.0.1 (MIT, texts in the public domain); CMRC 2018 "
        "(CC BY-SA 4.0), DRCD (CC BY-SA 3.0), g2pM's CPP (Apache-2.0); "
        "Wikipedia Annotated Corpus, UD Japanese GSD (CC BY-SA 4.0)."
    )
    given.output.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    print(f"{given.output}: {len(rows)} characters")


if __name__ == "__main__":
    main()
