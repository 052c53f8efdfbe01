"""MLMA beside an independent Transformer, its counts, and what each direction may see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from hanmill.trainer.configs.config_file import load_config
from hanmill.trainer.data.sentence_batch import Bundle, SentenceBatch, bundle_of
from hanmill.trainer.models.encoder import EncoderConfig
from hanmill.trainer.models.mlma import MLMA, MLMAConfig, Stack, sinusoid
from hanmill.trainer.objectives.alignment import AlignmentConfig, align
from hanmill.trainer.registry import find_model

SHAPE = EncoderConfig(layers=2, hidden=16, heads=4, feed_forward=32, positions=12, dropout=0.0, attention_dropout=0.0)
IDS = torch.tensor([[3, 4, 5, 6, 7], [8, 9, 2, 0, 0], [5, 5, 5, 5, 0]])


@pytest.fixture
def model() -> MLMA:
    torch.manual_seed(2)
    base = load_config(find_model("mlma"), "tiny")
    data = replace(base.data, longest=12)
    config = MLMAConfig(SHAPE, data, base.stages, AlignmentConfig(), "paper", samples=20)
    return MLMA(config, [12, 15]).eval()


def test_published_counts() -> None:
    config = load_config(find_model("mlma"), "base")
    with torch.device("meta"):
        model = MLMA(config, [200_000, 200_000])
    stacks = [sum(p.numel() for p in stack.parameters()) for stack in (model.forward_stack, model.backward_stack)]
    assert stacks == [18_915_328, 18_915_328]
    total = sum(parameter.numel() for parameter in model.parameters())
    assert total == 242_630_656
    assert total - sum(parameter.numel() for parameter in model.words.parameters()) == 37_830_656


def reference(stack: Stack, embedded: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The same weights in PyTorch's own pre-norm layers, one sentence without padding."""
    layers = nn.TransformerEncoderLayer(16, 4, 32, dropout=0.0, batch_first=True, norm_first=True)
    encoder = nn.TransformerEncoder(layers, 2, norm=nn.LayerNorm(16), enable_nested_tensor=False).eval()
    with torch.no_grad():
        for ours, theirs in zip(stack.blocks, encoder.layers, strict=True):
            for kind in ("weight", "bias"):
                getattr(theirs.self_attn, f"in_proj_{kind}").copy_(getattr(ours.attention.inputs, kind))
                getattr(theirs.self_attn.out_proj, kind).copy_(getattr(ours.attention.output, kind))
                getattr(theirs.linear1, kind).copy_(getattr(ours.up, kind))
                getattr(theirs.linear2, kind).copy_(getattr(ours.down, kind))
                getattr(theirs.norm1, kind).copy_(getattr(ours.attention_norm, kind))
                getattr(theirs.norm2, kind).copy_(getattr(ours.feed_forward_norm, kind))
        encoder.norm.load_state_dict(stack.norm.state_dict())
    return encoder(embedded, mask=mask)


def test_equals_pytorchs_transformer(model: MLMA) -> None:
    # Draw norms and biases too, or half of the copying would go unseen.
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.normal_()
    ids = IDS[:1]
    embedded = model.words[1](ids) * 4 + sinusoid(12, 16)[:5]
    later = torch.ones(5, 5, dtype=torch.bool).triu(1)
    onwards, backwards = model.layers(ids, 1)
    assert torch.allclose(onwards[-1], reference(model.forward_stack, embedded, later), atol=1e-5)
    assert torch.allclose(backwards[-1], reference(model.backward_stack, embedded, later.T), atol=1e-5)
    assert torch.allclose(onwards[0], model.forward_stack.blocks[0].attention_norm(embedded), atol=1e-6)


def test_sinusoid() -> None:
    found = sinusoid(7, 16)
    for position, dimension in ((0, 0), (3, 4), (6, 15)):
        angle = position / 10000 ** (2 * (dimension // 2) / 16)
        assert float(found[position, dimension]) == pytest.approx(
            (np.cos if dimension % 2 else np.sin)(angle), abs=1e-6
        )


def test_each_direction_sees_its_own_side(model: MLMA) -> None:
    changed = IDS[:1].clone()
    changed[0, 2] = 11
    onwards, backwards = model.layers(IDS[:1], 0)
    other_onwards, other_backwards = model.layers(changed, 0)
    for layer in range(3):
        assert torch.equal(onwards[layer][0, :2], other_onwards[layer][0, :2])
        assert torch.equal(backwards[layer][0, 3:], other_backwards[layer][0, 3:])
        assert not torch.equal(onwards[layer][0, 2], other_onwards[layer][0, 2])
    # The words before and after have seen the change.
    assert not torch.equal(onwards[-1][0, 3], other_onwards[-1][0, 3])
    assert not torch.equal(backwards[-1][0, 1], other_backwards[-1][0, 1])


def test_padding_changes_nothing(model: MLMA) -> None:
    alone = model.contextual(IDS[1:2, :3], 0)
    among = model.contextual(IDS, 0)[1:2, :3]
    assert alone.shape == (1, 3, 3, 32)
    assert torch.allclose(alone, among, atol=1e-6)
    assert torch.isfinite(model.contextual(IDS, 0)).all()


def test_longer_than_training(model: MLMA) -> None:
    long = torch.randint(2, 12, (1, 30))
    assert torch.allclose(
        model.contextual(long, 0)[:, :5, :, :16], model.contextual(long[:, :5], 0)[..., :16], atol=1e-6
    )


def whole_vocabulary(ids: torch.Tensor) -> Bundle:
    return bundle_of(ids.numpy(), np.empty(0, np.int64), 0)


def test_loss_is_the_formula(model: MLMA) -> None:
    """Section 2.1 and 2.3 written out for two languages, whole vocabularies."""
    batch = SentenceBatch((whole_vocabulary(IDS), whole_vocabulary(IDS[:2] + 1 * (IDS[:2] > 0))))
    found = model.train()(batch)
    states = []
    for language, bundle in enumerate(batch.bundles):
        ids = bundle.ids
        valid = ids != 0
        onwards, backwards = model.layers(ids, language)
        targets = functional.pad(ids[:, 1:], (0, 1)), functional.pad(ids[:, :-1], (1, 0))
        costs = [
            functional.cross_entropy(layers[-1][valid] @ model.words[language].weight.T, side[valid])
            for layers, side in zip((onwards, backwards), targets, strict=True)
        ]
        assert found.words[language].item() == pytest.approx((costs[0] + costs[1]).item(), rel=1e-5)
        states.append(([layer[valid] for layer in onwards], [layer[valid] for layer in backwards]))
    words = [embedding.weight for embedding in model.words]
    wanted = align(AlignmentConfig(), [s[0] for s in states], [s[1] for s in states], words, [])
    assert found.alignment.item() == pytest.approx(wanted.item(), rel=1e-5)


def test_a_batch_of_padding_costs_nothing(model: MLMA) -> None:
    padding = whole_vocabulary(torch.zeros((1, 2), dtype=torch.int64))
    words, alignment = model.train()(SentenceBatch((padding, padding), 0))
    (words.sum() + alignment).backward()
    assert (words.sum() + alignment).item() == 0
    assert all(torch.equal(p.grad, torch.zeros_like(p)) for p in model.parameters())
