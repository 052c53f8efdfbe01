"""MLMA's batches: every sentence once an epoch, whatever the ranks; order by seed and epoch alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hanmill.schemas.manifest import Manifest
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.loader import iterate
from hanmill.trainer.data.sentence_batch import Bundle, bundle_of
from hanmill.trainer.data.sentence_batches import SentenceBatches, validation_bundles
from hanmill.trainer.data.sentence_format import Language, SentenceDataConfig, SentenceFormat, cut_by_tokens
from hanmill.trainer.data.sentence_plan import SentencePlan, chunks_of, plan_sentences
from hanmill.trainer.data.word_sentences import read_words, vocabulary_size
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.errors import CorpusError

ALONE = Process(0, 1, torch.device("cpu"))


@pytest.fixture(scope="session")
def corpus(word_corpus: Path) -> Corpus:
    return Corpus(word_corpus)


def sentence_format(corpus: Corpus, **changes: object) -> SentenceFormat:
    data = SentenceDataConfig(("ja", "zh"), **({"tokens": 120, "global_batch": 3, "lanes": 2} | changes))
    languages = [Language(name, len(corpus.words(name)), len(corpus.words(name)) + 1) for name in data.languages]
    return SentenceFormat(data, tuple(languages), samples=10, seed=7)


@cache
def plan_of(chunks: tuple, form: SentenceFormat) -> SentencePlan:
    return plan_sentences(chunks, form, ALONE)


def epoch_of(corpus: Corpus, form: SentenceFormat, epoch: int, rank: int = 0, world: int = 1) -> SentenceBatches:
    chunks = chunks_of(corpus.train, form.data.shuffle_row_groups)
    return SentenceBatches(chunks, form, plan_of(tuple(chunks), form), epoch, rank, world)


def text_of(corpus: Corpus, ids: torch.Tensor, language: str) -> list[str]:
    words = ["", *corpus.words(language)["word"].to_pylist()]
    return ["".join(words[number] for number in row if number) for row in ids.tolist()]


def gold(corpus: Corpus, language: str) -> list[str]:
    """Sentences of 3 to 200 words, straight from the rows."""
    found = []
    for shard in corpus.manifest.train:
        for row in pq.read_table(corpus.folder / shard.path).to_pylist():
            if row["lang"] == language:
                ends, words = np.cumsum(row["sent_lens"]).tolist(), np.cumsum(row["word_lens"])
                for start, end in zip([0, *ends], ends, strict=False):
                    if 3 <= int(((words > start) & (words <= end)).sum()) <= 200:
                        found.append(row["text"][start:end])
    return sorted(found)


def test_every_sentence_once_an_epoch(corpus: Corpus) -> None:
    # One bundle a step and one lane, so that no row waits for another epoch.
    form = sentence_format(corpus, global_batch=1, lanes=1)
    batches = epoch_of(corpus, form, 0)
    lengths = dict(zip(("ja", "zh"), batches._lengths, strict=True))
    longest = max(lengths, key=lambda name: lengths[name])
    number = form.data.languages.index(longest)
    seen = [text for b in range(len(batches)) for text in text_of(corpus, batches[b][0].bundles[number].ids, longest)]
    assert sorted(seen) == gold(corpus, longest)
    # The smaller language began again: its first pass is whole.
    other = form.data.languages[1 - number]
    first = [t for b in range(lengths[other]) for t in text_of(corpus, batches[b][0].bundles[1 - number].ids, other)]
    assert sorted(first) == gold(corpus, other)
    assert lengths[other] < lengths[longest]
    assert any("首都" in text for text in seen)


def test_bundles_hold_sentences_of_like_length(corpus: Corpus) -> None:
    form = sentence_format(corpus)
    batches = epoch_of(corpus, form, 0)
    for batch in range(len(batches)):
        for bundle in (bundle for part in batches[batch] for bundle in part.bundles):
            assert bundle.ids.numel() <= form.data.tokens
            assert (bundle.ids[:, :3] > 0).all()
    bundles = [bundle for b in range(len(batches)) for part in batches[b] for bundle in part.bundles]
    assert sum(len(bundle.places) for bundle in bundles) / sum(bundle.ids.numel() for bundle in bundles) > 0.8


def test_targets_are_neighbours_and_the_end() -> None:
    ids = np.array([[3, 4, 5, 6, 7], [8, 9, 2, 0, 0], [5, 5, 5, 5, 0]])
    bundle = bundle_of(ids, np.arange(3), 4)
    assert bundle.places.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13]
    assert bundle.following.tolist() == [4, 5, 6, 7, 0, 9, 2, 0, 5, 5, 5, 0]
    assert bundle.preceding.tolist() == [0, 3, 4, 5, 6, 0, 8, 9, 0, 5, 5, 5]


def same(one: list, other: list) -> bool:
    return len(one) == len(other) and all(
        len(a.bundles) == len(b.bundles) and all(map(equal, a.bundles, b.bundles))
        for a, b in zip(one, other, strict=True)
    )


def equal(one: Bundle, other: Bundle) -> bool:
    return one.tries == other.tries and all(map(torch.equal, one[:-1], other[:-1]))


@pytest.mark.parametrize("world", [2, 3, 4])
def test_ranks_share_the_batches_of_one(corpus: Corpus, world: int) -> None:
    form = sentence_format(corpus)
    alone = epoch_of(corpus, form, 1)
    ranks = [epoch_of(corpus, form, 1, rank, world) for rank in range(world)]
    for batch in (0, 5, len(alone) - 1):
        parts = [rank[batch] for rank in ranks]
        assert len({len(part) for part in parts}) == 1
        real = [bundle for part in parts for bundle in part if bundle.real]
        assert same(real, alone[batch])


def test_order_changes_with_the_epoch_and_a_resumed_reader_goes_on(corpus: Corpus) -> None:
    form = sentence_format(corpus)
    batches = epoch_of(corpus, form, 2)
    whole = list(iterate(batches, 0, 0, False))
    resumed = list(iterate(epoch_of(corpus, form, 2), 4, 0, False))
    assert all(same(one, other) for one, other in zip(whole[4:], resumed, strict=True))
    assert not same(whole[0], epoch_of(corpus, form, 3)[0])
    assert not same(whole[0], epoch_of(corpus, replace(form, seed=8), 2)[0])


def test_validation_bundles(corpus: Corpus) -> None:
    form = sentence_format(corpus, validation_bundles=4)
    chunks = chunks_of(corpus.validation, 2)
    plan = plan_sentences(chunks, form, ALONE)
    alone = list(validation_bundles(chunks, form, plan, 0, 1))
    assert [sum(bool(batch.bundles[n].ids.numel()) for batch in alone) for n in range(2)] == [4, 4]
    ranks = [list(validation_bundles(chunks, form, plan, rank, 2)) for rank in range(2)]
    assert sorted(str(b.bundles) for part in ranks for b in part) == sorted(str(b.bundles) for b in alone)


def test_validation_is_the_same_for_every_seed(corpus: Corpus) -> None:
    form = sentence_format(corpus, validation_bundles=4)
    chunks = chunks_of(corpus.validation, 2)
    plan = plan_sentences(chunks, form, ALONE)
    found = [list(validation_bundles(chunks, replace(form, seed=seed), plan, 0, 1)) for seed in (7, 8)]
    assert same(*found)


@given(st.lists(st.integers(3, 200), max_size=80), st.integers(1, 500))
def test_cuts(lengths: list[int], tokens: int) -> None:
    rising = np.sort(np.array(lengths, np.int64))
    parts = np.split(rising, cut_by_tokens(rising, tokens))
    assert np.concatenate(parts).tolist() == rising.tolist()
    assert all(len(part) == 1 or len(part) * part.max() <= tokens for part in parts if len(part))
    # No part could have taken the first of the next.
    for part, following in pairwise(parts):
        assert (len(part) + 1) * following[0] > tokens


def test_words_outside_the_vocabulary_are_unknown(corpus: Corpus) -> None:
    size = len(corpus.words("zh"))
    whole = read_words(corpus.train, "zh", size + 1, size, 1, 200)
    cut = read_words(corpus.train, "zh", vocabulary_size(size, 20), size, 1, 200)
    assert np.array_equal(cut.ids, np.where(whole.ids < 20, whole.ids, 1))
    assert whole.ids.min() >= 1


def test_refusals(corpus: Corpus, corpus_folder: Path) -> None:
    with pytest.raises(CorpusError, match=r"tables in the manifest: .*; needed: words\.ja"):
        Corpus(corpus_folder).words("ja")
    with pytest.raises(CorpusError, match=r"word_ids has 0, word_lens has \d+; the recipe `mlma` writes word_ids"):
        read_words(Corpus(corpus_folder).train, "zh", 50, 50, 3, 200)
    with pytest.raises(CorpusError, match=r"word_ids up to \d+, rows of words\.zh: 10"):
        read_words(corpus.train, "zh", 11, 10, 3, 200)
    place = replace(corpus.train[0], rows=99)
    with pytest.raises(CorpusError, match="rows in the manifest: 99; in the file: 16"):
        read_words((place,), "zh", 50, 50, 3, 200)
    chunks = chunks_of(corpus.train, 2)
    form = sentence_format(corpus)
    nothing = SentencePlan(np.zeros((2, len(chunks)), np.int64), (0, 0), (0, 0))
    with pytest.raises(CorpusError, match="language ja: bundles of sentences in an epoch: 0; in one global batch: 3"):
        SentenceBatches(chunks, form, nothing, 0, 0, 1)


def test_identical_words(corpus: Corpus) -> None:
    for first, second in (("ja", "zh"), ("zh", "ja")):
        ids = corpus.identical(first, second)
        words = [corpus.words(name)["word"].to_pylist() for name in (first, second)]
        assert len(ids)
        assert all(words[0][a] == words[1][b] != "" for a, b in ids.tolist())
    assert Manifest.load(corpus.folder).tables["identical.ja-zh"].rows == len(ids)
