"""ChineseBERT: bitmaps survive, look-up tables equal direct computation, each feature counts."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn import functional

from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.models.chinesebert import ChineseBERT, GlyphEmbedding, PinyinEmbedding


@pytest.fixture
def model(corpus_folder: Path, small, assemble) -> ChineseBERT:
    torch.manual_seed(0)
    return assemble("chinesebert", small("chinesebert"), corpus_folder).model.eval()


def batch_of(ids: torch.Tensor, pinyin: torch.Tensor) -> MaskedBatch:
    positions = torch.arange(ids.shape[1]).expand_as(ids)
    places = torch.arange(ids.numel())
    return MaskedBatch(ids, positions, None, pinyin, None, places, torch.zeros_like(places))


def test_bitmaps_are_those_of_the_corpus(model: ChineseBERT, corpus_folder: Path) -> None:
    corpus = Corpus(corpus_folder)
    weights = model.glyphs.bitmaps.weight
    assert not weights[:5].any()
    assert torch.equal(weights[5:], torch.from_numpy(corpus.glyphs[1:].copy()))
    assert weights.dtype == torch.uint8
    assert "glyphs.bitmaps.weight" not in dict(model.named_parameters())


def test_pinyin_by_hand() -> None:
    torch.manual_seed(1)
    pinyin = PinyinEmbedding(4, 6)
    # 的 de5 and nothing.
    pinyin.spelling = torch.tensor([[0] * 8, [9, 10, 5, 0, 0, 0, 0, 0]], dtype=torch.uint8)
    letters = pinyin.symbols.weight[torch.tensor([9, 10, 5, 0, 0, 0, 0, 0])]
    pairs = [
        pinyin.convolution.weight[:, :, 0] @ letters[i] + pinyin.convolution.weight[:, :, 1] @ letters[i + 1]
        for i in range(7)
    ]
    expected = torch.stack(pairs).amax(0) + pinyin.convolution.bias
    torch.testing.assert_close(pinyin(torch.tensor([[1]]))[0, 0], expected)


def test_tables_equal_direct_computation() -> None:
    torch.manual_seed(2)
    pinyin = PinyinEmbedding(4, 6)
    pinyin.spelling = torch.randint(0, 32, (20, 8), dtype=torch.uint8)
    few, many = torch.tensor([[3, 7, 19]]), torch.randint(0, 20, (5, 10))
    many[0, :3] = few
    torch.testing.assert_close(pinyin(many)[0, :3], pinyin(few)[0])
    glyphs = GlyphEmbedding(20, 6, 255.0, trainable=False)
    torch.testing.assert_close(glyphs(many)[0, :3], glyphs(few)[0])
    expected = functional.linear(glyphs.bitmaps.weight[7] / 255, glyphs.projection.weight, glyphs.projection.bias)
    torch.testing.assert_close(glyphs(few)[0, 1], expected)


def test_pinyin_glyph_and_position_reach_the_output(model: ChineseBERT) -> None:
    ids = torch.tensor([[2, 10, 11, 3]])
    first = model(batch_of(ids, torch.tensor([[0, 1, 2, 0]])))
    other_pinyin = model(batch_of(ids, torch.tensor([[0, 1, 3, 0]])))
    assert not torch.allclose(first, other_pinyin)
    with torch.no_grad():
        model.glyphs.bitmaps.weight[11] = 255 - model.glyphs.bitmaps.weight[11]
    assert not torch.allclose(first, model(batch_of(ids, torch.tensor([[0, 1, 2, 0]]))))


def test_everything_but_bitmaps_and_pooler_learns(model: ChineseBERT) -> None:
    model(batch_of(torch.tensor([[2, 10, 11, 3]]), torch.tensor([[0, 1, 2, 0]]))).square().sum().backward()
    still = {name for name, parameter in model.named_parameters() if parameter.grad is None}
    assert still == {"pooler.weight", "pooler.bias"}


def test_bitmaps_may_learn(corpus_folder: Path, small, assemble) -> None:
    model = assemble("chinesebert", small("chinesebert", glyph_trainable=True), corpus_folder).model
    model(batch_of(torch.tensor([[2, 10, 11, 3]]), torch.tensor([[0, 1, 2, 0]]))).square().sum().backward()
    assert model.glyphs.bitmaps.weight.grad[11].any()


def test_features_left_out_change_nothing(corpus_folder: Path, small, assemble, alone) -> None:
    """Without glyphs or pinyin neither says anything, and an export's zero columns say the same."""
    from hanmill.trainer.models.chinesebert import without_left_out

    config = small("chinesebert", features=["character"])
    parts = assemble("chinesebert", config, corpus_folder)
    whole = assemble("chinesebert", small("chinesebert"), corpus_folder).model.eval()
    batch = MaskedBatch(
        torch.tensor([[2, 7, 8, 3]]), torch.arange(4)[None], None, torch.tensor([[0, 1, 2, 0]]), None,
        torch.arange(4), torch.arange(4),
    )  # fmt: skip
    model = parts.model.eval()
    with torch.no_grad():
        model.fusion.weight.normal_()
        whole.load_state_dict(without_left_out(model.state_dict(), config.features))
        found = model(batch)
        torch.testing.assert_close(model(batch._replace(pinyin=torch.zeros(1, 4, dtype=torch.long))), found)
        torch.testing.assert_close(whole(batch), found)
    assert not any(parameter.requires_grad for parameter in (*model.pinyin.parameters(), *model.glyphs.parameters()))
    with pytest.raises(ValueError, match="features: character, and glyph and pinyin or neither"):
        small("chinesebert", features=["glyph"])


def test_a_frozen_table_of_bytes_is_the_table_of_numbers(model: ChineseBERT) -> None:
    """Bit for bit what checkpoints before it computed; a table that learnt elsewhere keeps its fractions."""
    frozen, floating = model.glyphs, GlyphEmbedding(len(model.glyphs.bitmaps.weight), 32, 255.0, trainable=True)
    floating.load_state_dict(frozen.state_dict())
    for ids in (torch.tensor([[2, 10, 11, 3]]), torch.randint(5, 50, (40, 40))):
        assert torch.equal(frozen(ids), floating(ids))
    again = GlyphEmbedding(len(frozen.bitmaps.weight), 32, 255.0, trainable=False)
    again.load_state_dict(floating.state_dict())
    assert again.bitmaps.weight.dtype == torch.uint8
    with torch.no_grad():
        floating.bitmaps.weight[7] += 0.25
    again.load_state_dict(floating.state_dict())
    assert torch.equal(again(ids), floating(ids))
