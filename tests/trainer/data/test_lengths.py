"""Planning an epoch: what is read, by whom, and that it is the same with and without lengths in the footers."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from hanmill.schemas.sentence_lengths import FIELD, FOOTER
from hanmill.trainer.data import row_group
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.lengths import read_lengths, share
from hanmill.trainer.data.row_batches import plan_epoch
from hanmill.trainer.data.sentence_plan import chunks_of, plan_sentences
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.errors import CorpusError
from hanmill.trainer.models.chinesebert import packed_format
from hanmill.trainer.models.mlma import sentence_format
from hanmill.trainer.models.unihanlm import stream_format

ALONE = Process(0, 1, torch.device("cpu"))
FORMS = {
    "unihanlm": lambda config, corpus: stream_format(config, config.stages[0], corpus),
    "chinesebert": lambda config, corpus: packed_format(config, config.stages[0], corpus),
}


@dataclass
class OneOf:
    """A rank that keeps what it would have sent to the others."""

    rank: int
    world: int
    sent: np.ndarray | None = None

    def add(self, counts: np.ndarray) -> np.ndarray:
        self.sent = counts
        return counts


class Reads:
    """Files opened, and columns read of each row group."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.opened: Counter[str] = Counter()
        self.columns: Counter[tuple[str, int, str]] = Counter()
        open_parquet, read = row_group.open_parquet, row_group._read

        def counted_open(path):
            self.opened[path.name] += 1
            return open_parquet(path)

        def counted_read(place, file, columns):
            self.columns.update((place.path.name, place.index, column) for column in columns)
            return read(place, file, columns)

        patch.setattr(row_group, "open_parquet", counted_open)
        patch.setattr(row_group, "_read", counted_read)

    def row_groups(self, column: str) -> list[int]:
        """How often each row group's column was read."""
        return [count for (_, _, name), count in self.columns.items() if name == column]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    return Reads(monkeypatch)


@pytest.fixture
def plain_corpus(word_corpus: Path, tmp_path: Path, corpus_tools) -> Corpus:
    """As it was written before footers had lengths."""
    folder = Path(shutil.copytree(word_corpus, tmp_path / "plain"))
    corpus_tools.strip_lengths(folder)
    return Corpus(folder)


def planned(corpus: Corpus, small: Callable, model: str, ranks: object) -> list[np.ndarray]:
    if model == "mlma":
        config = small(model)
        form = sentence_format(config, config.stages[0], corpus)
        plan = plan_sentences(chunks_of(corpus.train, 2), form, ranks)
        return [plan.bundles, np.array(plan.sentences), np.array(plan.words)]
    plan = plan_epoch(corpus.train, FORMS[model](small(model), corpus), 3, ranks)
    return [plan.counts, np.array(plan.sentences)]


@pytest.mark.parametrize("world", [1, 2, 3, 7])
@pytest.mark.parametrize("model", ["unihanlm", "chinesebert", "mlma"])
def test_each_rank_reads_its_share_and_together_they_read_all_once(
    word_corpus: Path, small, reads: Reads, model: str, world: int
) -> None:
    corpus = Corpus(word_corpus)
    ranks = [OneOf(rank, world) for rank in range(world)]
    opened = []
    for rank in ranks:
        before = reads.opened.total()
        planned(corpus, small, model, rank)
        opened.append(reads.opened.total() - before)
    # Every rank opens its own shards, and one that it shares with a neighbour.
    assert max(opened) <= 3 // world + 2
    assert sum(opened) <= 3 + world
    if model == "chinesebert":
        # How inputs share rows depends on every sentence: one column, and the languages, of each row group once.
        assert reads.row_groups("sent_lens") == reads.row_groups("lang") == [1] * len(corpus.train)
        assert len(reads.columns) == 2 * len(corpus.train)
    else:
        assert not reads.columns
    # What the ranks send to one another adds up to what one alone finds.
    total = sum(rank.sent for rank in ranks)
    alone = OneOf(0, 1)
    planned(corpus, small, model, alone)
    assert np.array_equal(total, alone.sent)
    assert total.sum() > 0


@pytest.mark.parametrize("model", ["unihanlm", "chinesebert", "mlma"])
def test_a_corpus_without_lengths_gives_the_same_plan(
    word_corpus: Path, plain_corpus: Corpus, small, reads: Reads, model: str
) -> None:
    found = planned(plain_corpus, small, model, ALONE)
    assert reads.row_groups("sent_lens") == [1] * len(plain_corpus.train)
    wanted = planned(Corpus(word_corpus), small, model, ALONE)
    assert all(map(np.array_equal, found, wanted))


def test_shares_are_neighbours_and_whole() -> None:
    items = list(range(10, 21))
    for world in (1, 2, 3, 11, 15):
        parts = []
        for rank in range(world):
            mine = OneOf(rank, world)
            share(items, lambda part: np.array([[item, 1] for item in part], np.int64).reshape(-1, 2), mine)
            parts.append(mine.sent)
        assert sum(parts).tolist() == [[item, 1] for item in items]


def test_lengths_of_a_row_group_are_those_of_its_texts(corpus_folder: Path, texts: list) -> None:
    here = [text for text in texts[:16] if text.lang == "ja"]
    found = next(read_lengths(Corpus(corpus_folder).train))
    assert set(found) == {text.lang for text in texts[:16]}
    assert found["ja"].characters == sum(len("".join(text.words)) for text in here)
    sizes = Counter(len(sentence) for text in here for sentence in text.sentences)
    assert dict(found["ja"].sentences) == dict(sizes)
    assert found["ja"].count == sizes.total()


@pytest.mark.parametrize(
    ("footer", "message"),
    [
        (b'{"lengths": []}', "row group 0: lengths in the footer: of 0 row groups"),
        (b'{"lengths": [{"ja": {"characters": 3}}]}', "lengths of the footer: cannot be understood"),
        ("漢字".encode(), "lengths of the footer: cannot be understood"),
    ],
)
def test_a_broken_footer_is_named(corpus_copy: Path, footer: bytes, message: str) -> None:
    corpus = Corpus(corpus_copy)
    path = corpus.train[0].path
    table: pa.Table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({FOOTER: footer}), path, row_group_size=16)
    with pytest.raises(CorpusError, match=rf"part-00000\.parquet: {message}"):
        list(read_lengths(corpus.train))
    assert FIELD == "lengths"


def test_lengths_that_do_not_add_up_are_named(corpus_copy: Path, corpus_tools) -> None:
    corpus_tools.edit_row(corpus_copy, 0, 20, word_lens=[1])
    with pytest.raises(CorpusError, match=r"row group 1: characters of the sentences: .*documents whose sums differ"):
        list(read_lengths(Corpus(corpus_copy).train))
