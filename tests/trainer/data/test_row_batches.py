"""Batches depend on seed and epoch alone: not on ranks, loader processes or interruption."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np
import pytest
import torch

from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.loader import iterate
from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.data.order import VALIDATION
from hanmill.trainer.data.row_batches import RowBatches, count_tokens, plan_epoch, validation_rows
from hanmill.trainer.data.row_format import RowFormat
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.errors import CorpusError, LoaderDied


@pytest.fixture(params=["unihanlm", "chinesebert"])
def form(request: pytest.FixtureRequest, corpus_folder: Path, small, assemble) -> RowFormat:
    config = small(request.param, data={"micro_batch": 2})
    return assemble(request.param, config, corpus_folder).batches.format_of(config.stages[0])


ALONE = Process(0, 1, torch.device("cpu"))


def epoch_batches(corpus: Corpus, form: RowFormat, epoch: int, rank: int, world: int) -> RowBatches:
    return RowBatches(corpus.train, form, plan_epoch(corpus.train, form, epoch, ALONE).counts, epoch, rank, world)


def joined(micro_batches: list[MaskedBatch]) -> torch.Tensor:
    """Everything a model would see of each row, without the rows of padding that fill up a short rank."""
    rows = []
    for batch in micro_batches:
        labels = torch.full_like(batch.ids, -1)
        labels.view(-1)[batch.places] = batch.targets
        segments = torch.ones_like(batch.ids) if batch.segments is None else batch.segments
        parts = [batch.ids, batch.positions, labels, (segments > 0).long()]
        parts += [part for part in (batch.pinyin, batch.language) if part is not None]
        rows.append(torch.stack(parts, 1)[segments.any(1)])
    return torch.cat(rows)


def test_no_batch_of_the_stream_needs_a_mask(corpus_folder: Path, small, assemble) -> None:
    """No row of any epoch has padding, and rows are those of whole segments."""
    config = small("unihanlm")
    source = assemble("unihanlm", config, corpus_folder).batches
    for epoch in (0, 1):
        batches = source.epoch(config.stages[0], epoch)
        found = [batch for number in range(len(batches)) for batch in batches[number]]
        assert len(found) > 20
        assert all(batch.segments is None and batch.cu_seqlens is None for batch in found)


def test_any_number_of_ranks_sees_the_same(corpus_folder: Path, form: RowFormat) -> None:
    corpus = Corpus(corpus_folder)
    alone = epoch_batches(corpus, form, 0, 0, 1)
    assert len(alone) > 8
    for world in (2, 3, 4, 5, 12, 13):
        ranks = [epoch_batches(corpus, form, 0, rank, world) for rank in range(world)]
        assert {len(rank) for rank in ranks} == {len(alone)}
        for number in (0, 5, len(alone) - 1):
            micro_batches = [rank[number] for rank in ranks]
            assert len({len(pieces) for pieces in micro_batches}) == 1
            seen = [piece for pieces in micro_batches for piece in pieces]
            assert torch.equal(joined(seen), joined(alone[number]))


def test_saved_on_four_ranks_continued_on_one_two_or_three(corpus_folder: Path, form: RowFormat) -> None:
    corpus = Corpus(corpus_folder)
    before = [epoch_batches(corpus, form, 1, rank, 4) for rank in range(4)]
    whole = [joined(epoch_batches(corpus, form, 1, 0, 1)[number]) for number in range(8)]
    for number in range(3):
        assert torch.equal(torch.cat([joined(rank[number]) for rank in before]), whole[number])
    for world in (1, 2, 3):
        after = [iterate(epoch_batches(corpus, form, 1, rank, world), 3, 0, False) for rank in range(world)]
        for number in range(3, 8):
            assert torch.equal(torch.cat([joined(next(rank)) for rank in after]), whole[number])


def test_loader_processes_change_nothing(corpus_folder: Path, form: RowFormat) -> None:
    corpus = Corpus(corpus_folder)
    batches = epoch_batches(corpus, form, 0, 0, 1)
    loaded = iterate(batches, 2, 2, False)
    for number in range(2, 6):
        assert torch.equal(joined(next(loaded)), joined(batches[number]))
    del loaded


def chinesebert_form(folder: Path, small, assemble) -> RowFormat:
    config = small("chinesebert")
    return assemble("chinesebert", config, folder).batches.format_of(config.stages[0])


def test_an_error_of_a_loader_process_is_one_line(corpus_copy: Path, small, assemble, corpus_tools) -> None:
    for row in range(16):
        corpus_tools.edit_row(corpus_copy, 0, row, word_lens=[1])
    batches = epoch_batches(Corpus(corpus_copy), chinesebert_form(corpus_copy, small, assemble), 0, 0, 1)
    with pytest.raises(CorpusError, match="word_lens sums to 1, char_ids has") as caught:
        list(iterate(batches, 0, 1, False))
    assert "\n" not in str(caught.value)


def test_a_killed_loader_process_is_named(corpus_folder: Path, small, assemble) -> None:
    batches = epoch_batches(Corpus(corpus_folder), chinesebert_form(corpus_folder, small, assemble), 0, 0, 1)
    loaded = iterate(batches, 0, 1, False)
    next(loaded)
    (worker,) = multiprocessing.active_children()
    worker.kill()
    with pytest.raises(LoaderDied, match=r"a loader process of 1 \(data\.workers\) ended") as caught:
        list(loaded)
    assert "\n" not in str(caught.value)


def test_an_epoch_shows_every_row_group_and_the_next_cuts_anew(corpus_folder: Path, form: RowFormat) -> None:
    corpus = Corpus(corpus_folder)
    tokens = [
        sum(count_tokens(pieces) for pieces in iterate(epoch_batches(corpus, form, epoch, 0, 1), 0, 0, False))
        for epoch in (0, 1)
    ]
    wanted = list(corpus.train)
    lengths = sum(len(form.windows(place, 0).ids[form.windows(place, 0).segment > 0]) for place in wanted)
    assert lengths * 0.95 < tokens[0] <= lengths
    first = form.windows(corpus.train[0], 0)
    second = form.windows(corpus.train[0], 1)
    assert first.ids.shape != second.ids.shape or (first.ids != second.ids).any()
    assert not np.array_equal(plan_epoch(corpus.train, form, 0, ALONE).counts, [])
    assert tokens[1] > 0


def test_plan_counts_what_is_cut(corpus_folder: Path, form: RowFormat) -> None:
    corpus = Corpus(corpus_folder)
    for epoch in (VALIDATION, 0, 7):
        counts = plan_epoch(corpus.train, form, epoch, ALONE).counts
        assert counts.tolist() == [len(form.windows(place, epoch).ids) for place in corpus.train]


def test_validation_is_shared_out_and_never_changes(corpus_folder: Path, form: RowFormat) -> None:
    corpus = Corpus(corpus_folder)
    alone = joined(list(validation_rows(corpus.validation, form, 0, 1))).tolist()
    groups = len(corpus.validation)
    assert groups > 2
    assert form.data.validation_rows <= len(alone) <= form.data.validation_rows + groups
    ranks = [joined(list(validation_rows(corpus.validation, form, rank, 2))).tolist() for rank in range(2)]
    assert sorted(ranks[0] + ranks[1]) == sorted(alone)
    assert min(len(rank) for rank in ranks) > 3
    assert len({str(row) for row in alone}) == len(alone)


@pytest.mark.parametrize("model", ["unihanlm", "chinesebert"])
def test_validation_is_the_same_for_every_seed(corpus_folder: Path, small, assemble, model: str) -> None:
    """Runs that differ by their seed are measured on the same cuts and masks, and learn from others."""
    corpus = Corpus(corpus_folder)
    configs = [small(model, loop={"seed": seed}) for seed in (1, 7)]
    forms = [assemble(model, config, corpus_folder).batches.format_of(config.stages[0]) for config in configs]
    held_out = [joined(list(validation_rows(corpus.validation, form, 0, 1))) for form in forms]
    assert torch.equal(*held_out)
    first = [joined(epoch_batches(corpus, form, 0, 0, 1)[0]) for form in forms]
    assert not torch.equal(*first)


@pytest.mark.parametrize("model", ["unihanlm", "chinesebert"])
def test_a_language_that_the_corpus_has_not_is_named(corpus_folder: Path, small, assemble, model: str) -> None:
    with pytest.raises(CorpusError, match=r"data\.languages asks for fr; languages of the corpus: ja, ko, zh"):
        assemble(model, small(model, data={"languages": ["zh", "fr"]}), corpus_folder)


def test_a_row_of_padding_predicts_nothing(form: RowFormat) -> None:
    batch = form.empty()
    assert batch.ids.shape == (1, form.data.window)
    assert len(batch.targets) == 0
    assert count_tokens([batch]) == 0


def test_positions_restart_in_each_document(corpus_folder: Path, small, assemble) -> None:
    corpus = Corpus(corpus_folder)
    form = chinesebert_form(corpus_folder, small, assemble)
    (batch,) = epoch_batches(corpus, form, 0, 0, 1)[0]
    begins = batch.ids == form.specials.begin
    assert begins.sum() > len(batch.ids)
    assert (batch.positions[begins] == 0).all()
    assert (batch.positions.diff(dim=1)[~begins[:, 1:] & (batch.segments[:, 1:] > 0)] == 1).all()
