"""Row groups as flat arrays; broken invariants name file, row group and row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hanmill.schemas.hashing import document_uid
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.documents import read_documents, read_sentences
from hanmill.trainer.errors import CorpusError


def read(folder: Path, number: int = 0, languages: tuple[str, ...] = ()):
    corpus = Corpus(folder)
    return read_documents(corpus.train[number], languages, corpus.size, len(corpus.syllables))


def test_a_row_group_is_what_was_written(corpus_folder: Path, texts: list) -> None:
    corpus = Corpus(corpus_folder)
    documents = read(corpus_folder)
    here = texts[:16]
    characters = np.array(corpus.characters)
    assert "".join(characters[documents.char_ids]) == "".join("".join(text.words) for text in here)
    assert documents.sentences.lengths.tolist() == [len("".join(s)) for text in here for s in text.sentences]
    assert documents.word.tolist() == [n for n, w in enumerate(w for text in here for w in text.words) for _ in w]
    # Japanese and Korean have no pinyin, Chinese characters have.
    korean = next(n for n, text in enumerate(here) if text.lang in ("ja", "ko"))
    owner = np.repeat(documents.sentences.document, documents.sentences.lengths)
    assert not documents.pinyin_ids[owner == korean].any()
    chinese = next(n for n, text in enumerate(here) if text.lang == "zh")
    assert documents.pinyin_ids[owner == chinese].any()


def test_languages_are_chosen_by_primary_subtag(corpus_folder: Path, texts: list) -> None:
    here = [text for text in texts[:16] if text.lang.split("-")[0] in ("zh", "ja")]
    documents = read(corpus_folder, languages=("zh", "ja"))
    assert documents.sentences.language.tolist() == [0 if text.lang.startswith("zh") else 1 for text in here]
    assert len(documents.char_ids) == sum(len("".join(text.words)) for text in here)
    (sentences,) = read_sentences(Corpus(corpus_folder).train[:1], ("zh", "ja"))
    assert sentences.lengths.tolist() == documents.sentences.lengths.tolist()
    assert sentences.document.tolist() == documents.sentences.document.tolist()


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("sent_lens", [1, 2], "sent_lens sums to 3, char_ids has"),
        ("word_lens", [9], "word_lens sums to 9, char_ids has"),
        ("pinyin_ids", [1, 1, 1, 1], "pinyin_ids has 4, char_ids has"),
        ("sent_lens", [], "sent_lens sums to 0, char_ids has"),
    ],
)
def test_broken_length(corpus_copy: Path, corpus_tools, column: str, value: list, message: str) -> None:
    corpus_tools.edit_row(corpus_copy, 0, 20, **{column: value})
    read(corpus_copy, 0)
    with pytest.raises(CorpusError, match=message) as caught:
        read(corpus_copy, 1)
    assert "part-00000.parquet: row group 1, uid " + str(document_uid("test", "20")) in str(caught.value)


def test_unknown_ids(corpus_copy: Path, corpus_tools) -> None:
    corpus_tools.edit_row(corpus_copy, 0, 3, char_ids=[60000], sent_lens=[1], word_lens=[1], pinyin_ids=None)
    with pytest.raises(CorpusError, match=r"char_ids up to 60,000, ids in the table: \d+"):
        read(corpus_copy)


def test_rows_at_odds_with_the_manifest(corpus_folder: Path) -> None:
    place = Corpus(corpus_folder).train[0]
    other = type(place)(place.path, place.index, place.ordinal, place.rows + 1, place.characters)
    with pytest.raises(CorpusError, match="row group 0: rows in the manifest: 17; in the file: 16"):
        list(read_sentences([other], ()))
