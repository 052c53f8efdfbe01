from __future__ import annotations

import pytest

from hanmill.pipelines.annotate.spaced import SpaceSegmenter


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't stop, it’s 3.14!", "Don't|stop|,|it’s|3.14|!"),
        ("e-mail (U.S.) 1,000.", "e|-|mail|(|U|.|S|.|)|1,000|."),
        ("대한민국(大韓民國)의 수도", "대한민국|(|大韓民國|)|의|수도"),
        ("the word 漢字テスト and ひらがな!", "the|word|漢字|テスト|and|ひらがな|!"),
        ("naïve Ärger हिन्दी", "naïve|Ärger|हिन्दी"),
        ("👍🏽ok😀😀", "👍🏽|ok|😀|😀"),
        ("a_b", "a|_|b"),
    ],
)
def test_words(spaced: SpaceSegmenter, text: str, words: str) -> None:
    found = spaced.segment([text])[0]
    assert found.surfaces == words.split("|")
    assert found.readings is None
