"""Column files of several kinds, and what is wrong with some."""

from __future__ import annotations

import lzma
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanmill.trainer.data.tagged_file import (
    IREX,
    ColumnsConfig,
    TaggedFileError,
    TaggedSentence,
    as_characters,
    read_tagged,
    with_roman,
)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_conll_2003(tmp_path: Path) -> None:
    text = "-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\n\nPeter NNP I-NP I-PER\n"
    found = read_tagged(write(tmp_path / "eng.train", text), ColumnsConfig(), "en")
    assert found == [
        TaggedSentence(("EU", "rejects"), ("I-ORG", "O"), ("EU", "rejects")),
        TaggedSentence(("Peter",), ("I-PER",), ("Peter",)),
    ]


def test_conllu(tmp_path: Path) -> None:
    text = (
        "# text = 国会で\n1\t国会\t国会\tNOUN\n2\tで\tで\tADP\n\n"
        "# text = du\n1-2\tdu\t_\t_\n1\tde\tde\tADP\n2\tle\tle\tDET\n2.1\tx\tx\tX\n\n"
    )
    columns = ColumnsConfig(word=1, tag=3, comment="#")
    first, second = read_tagged(write(tmp_path / "a.conllu", text), columns, "ja")
    assert (first.words, first.tags) == (("国会", "で"), ("NOUN", "ADP"))
    assert second.words == ("de", "le")


def test_hash_may_be_a_word(tmp_path: Path) -> None:
    path = write(tmp_path / "w.conll", "#\tO\n#東京\tB-LOC\n")
    assert read_tagged(path, ColumnsConfig(), "ja")[0].words == ("#", "#東京")
    # With comments, only before a sentence.
    path = write(tmp_path / "g.tsv", "#\thttp://a\n1\t#\tO\n2\t京都\tB-LOC\n")
    assert read_tagged(path, ColumnsConfig(word=1, tag=2, comment="#"), "ja")[0].words == ("#", "京都")


def test_an_ideographic_space_may_be_a_word(tmp_path: Path) -> None:
    for line in ("\u3000\tO\n", "\u3000 O\n", "\u3000  O \n"):
        (found,) = read_tagged(write(tmp_path / "w.conll", f"東京 B-LOC\n{line}"), ColumnsConfig(), "ja")
        assert found.words == ("東京", "\u3000")
        assert found.tags == ("B-LOC", "O")
    assert with_roman(found, [("東京", "toukyou")], "line 1").roman == ("toukyou", "\u3000")


def test_roman_column_and_irex(tmp_path: Path) -> None:
    path = write(tmp_path / "j.tsv", "欧州\toushuu\tB-LOCATION\nを\two\tO\n二日\tfutsuka\tB-DATE\n")
    columns = ColumnsConfig(roman=1, tag_set="irex")
    (found,) = read_tagged(path, columns, "ja")
    assert found.roman == ("oushuu", "wo", "futsuka")
    assert found.tags == ("B-LOC", "O", "B-MISC")
    assert Counter(IREX[kind] for kind in list(IREX)[:8]) == {"ORG": 1, "PER": 1, "LOC": 1, "MISC": 5}


def test_characters(tmp_path: Path) -> None:
    path = write(tmp_path / "s.tsv", "国会\tN\nで\tP\n")
    (found,) = read_tagged(path, ColumnsConfig(units="characters"), "ja")
    assert found == TaggedSentence(("国", "会", "で"), ("B-W", "I-W", "B-W"), ("国", "会", "で"))
    assert as_characters(TaggedSentence(("𠮷野家",), ("O",), ("",))).words == ("𠮷", "野", "家")


@pytest.mark.parametrize(
    ("words", "annotated", "roman"),
    [
        (["ジャズ", "を", "流して"], [("ジャズ", "jazu"), ("を", "wo"), ("流し", "nagashi"), ("て", "te")],
         ("jazu", "wo", "nagashite")),
        # A word that is cut through keeps its own spelling.
        (["東京", "都", "へ"], [("東京都", "toukyouto"), ("へ", "he")], ("東京", "都", "he")),
        (["New York", "へ"], [("New", "New"), ("York", "York"), ("へ", "he")], ("NewYork", "he")),
    ],
)  # fmt: skip
def test_romanised_lines(words: list, annotated: list, roman: tuple) -> None:
    sentence = TaggedSentence(tuple(words), ("O",) * len(words), tuple(words))
    assert with_roman(sentence, annotated, "a.jsonl, line 1").roman == roman


def test_romanised_lines_of_another_text() -> None:
    sentence = TaggedSentence(("欧州",), ("O",), ("欧州",))
    with pytest.raises(TaggedFileError, match="line 1: text of the romanised line: '押収'; of the sentence: '欧州'"):
        with_roman(sentence, [("押収", "oushuu")], "a.jsonl, line 1")


@pytest.mark.parametrize(
    ("text", "columns", "message"),
    [
        ("東京 B-LOC\n大阪\n", {}, "line 2: columns found: 1, expected at least 2: '大阪'"),
        ("東京 B-LOC\n", {"tag": 3}, "line 1: columns found: 2, expected at least 4"),
        ("\tB-LOC\n", {}, "line 1: word found: '', tag found: 'B-LOC', expected both"),
        ("東京 B-CITY\n", {"tag_set": "irex"}, "line 1: tag found: 'B-CITY', expected one of IREX: ORGANIZATION"),
        ("\n\n", {}, "sentences found: 0, expected at least 1"),
    ],
)
def test_refusals(tmp_path: Path, text: str, columns: dict, message: str) -> None:
    path = write(tmp_path / "bad.conll", text)
    with pytest.raises(TaggedFileError, match=message) as caught:
        read_tagged(path, ColumnsConfig(**columns), "ja")
    assert str(path) in str(caught.value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(alphabet="東京a#-1.\t \n\ufeff\u3000", max_size=60), st.sampled_from(["", "#"]))
def test_any_text_is_read_or_refused(tmp_path: Path, text: str, comment: str) -> None:
    path = write(tmp_path / "any.tsv", text)
    try:
        found = read_tagged(path, ColumnsConfig(comment=comment), "ja")
    except TaggedFileError:
        found = []
    for sentence in found:
        assert len(sentence.words) == len(sentence.tags) == len(sentence.roman) > 0
        assert all((*sentence.words, *sentence.tags))


def test_damaged_files(tmp_path: Path) -> None:
    path = tmp_path / "a.xz"
    path.write_bytes(lzma.compress("東京 B-LOC\n".encode() * 999)[:60])
    with pytest.raises(TaggedFileError, match="cannot be read"):
        read_tagged(path, ColumnsConfig(), "ja")
    (tmp_path / "b.conll").write_bytes("東京 B-LOC\n".encode("shift_jis"))
    with pytest.raises(TaggedFileError, match="cannot be read: 'utf-8' codec"):
        read_tagged(tmp_path / "b.conll", ColumnsConfig(), "ja")
    with pytest.raises(TaggedFileError, match="cannot be read"):
        read_tagged(tmp_path / "none", ColumnsConfig(), "ja")


@pytest.mark.parametrize(
    ("name", "columns", "language", "sentences", "kinds"),
    [
        ("ner/wikiann-nl/dev.bio.xz", {"prefix": "{language}:"}, "nl", 10000, {"PER", "ORG", "LOC"}),
        ("ner/germeval/NER-de-dev.tsv.xz", {"word": 1, "tag": 2, "comment": "#"}, "de", 2200, None),
        ("ner/wnut17-dev.conll.xz", {}, "en", 1009, {"location", "person", "product", "group", "corporation",
                                                     "creative-work"}),
        ("segmentation/ja_gsd-ud-dev.conllu.xz", {"word": 1, "tag": 3, "comment": "#"}, "ja", 507, None),
    ],
)  # fmt: skip
def test_real_files(
    shared_data: Path, name: str, columns: dict, language: str, sentences: int, kinds: set | None
) -> None:
    found = read_tagged(shared_data / name, ColumnsConfig(**columns), language)
    assert len(found) == sentences
    if kinds is not None:
        assert {tag[2:] for sentence in found for tag in sentence.tags if tag != "O"} == kinds
    assert not any(word.startswith(f"{language}:") for sentence in found[:2000] for word in sentence.words)
