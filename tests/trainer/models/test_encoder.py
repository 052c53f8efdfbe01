"""The encoder against Hugging Face's BERT with the same weights; boundaries against separate inputs."""

from __future__ import annotations

import pytest
import torch
from transformers import BertConfig, BertModel

from hanmill.trainer.models.encoder import Encoder, EncoderConfig

CONFIG = EncoderConfig(layers=3, hidden=48, heads=4, feed_forward=96, positions=40, dropout=0.0, attention_dropout=0.0)


def bert_with(encoder: Encoder) -> BertModel:
    bert = BertModel(
        BertConfig(
            vocab_size=8, hidden_size=48, num_hidden_layers=3, num_attention_heads=4, intermediate_size=96,
            max_position_embeddings=40, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        ),
        add_pooling_layer=False,
    ).eval()  # fmt: skip
    for ours, theirs in zip(encoder.layers, bert.encoder.layer, strict=True):
        attention = theirs.attention
        parts = zip(ours.attention.inputs.weight.chunk(3), ours.attention.inputs.bias.chunk(3), strict=True)
        for (weight, bias), name in zip(parts, ("query", "key", "value"), strict=True):
            getattr(attention.self, name).weight.data.copy_(weight)
            getattr(attention.self, name).bias.data.copy_(bias)
        attention.output.dense.load_state_dict(ours.attention.output.state_dict())
        attention.output.LayerNorm.load_state_dict(ours.attention_norm.state_dict())
        theirs.intermediate.dense.load_state_dict(ours.up.state_dict())
        theirs.output.dense.load_state_dict(ours.down.state_dict())
        theirs.output.LayerNorm.load_state_dict(ours.feed_forward_norm.state_dict())
    return bert


@pytest.fixture
def encoder() -> Encoder:
    torch.manual_seed(3)
    encoder = Encoder(CONFIG).eval()
    for parameter in encoder.parameters():
        # Norms and biases away from one and zero, or a swapped pair would not show.
        torch.nn.init.normal_(parameter, std=0.2)
    return encoder


def test_equals_bert_with_padding(encoder: Encoder) -> None:
    bert = bert_with(encoder)
    ids = torch.randint(0, 8, (5, 30))
    real = torch.arange(30) < torch.tensor([30, 21, 7, 1, 13])[:, None]
    with torch.no_grad():
        expected = bert(ids, attention_mask=real.long()).last_hidden_state
        found = encoder(bert.embeddings(ids), real.int())
    torch.testing.assert_close(found[real], expected[real], rtol=1e-4, atol=1e-5)


def test_gradients_equal_bert(encoder: Encoder) -> None:
    bert = bert_with(encoder)
    hidden = torch.randn(2, 9, 48)
    ours, theirs = hidden.clone().requires_grad_(), hidden.clone().requires_grad_()
    encoder(ours, None).square().sum().backward()
    bert.encoder(theirs).last_hidden_state.square().sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-3, atol=1e-4)


def test_segments_do_not_see_each_other(encoder: Encoder) -> None:
    first, second = torch.randn(1, 5, 48), torch.randn(1, 8, 48)
    packed = torch.cat((first, second, torch.randn(1, 3, 48)), 1)
    segments = torch.tensor([[4] * 5 + [9] * 8 + [0] * 3])
    with torch.no_grad():
        found = encoder(packed, segments)
        torch.testing.assert_close(found[:, :5], encoder(first, None), rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(found[:, 5:13], encoder(second, None), rtol=1e-4, atol=1e-5)
    assert found.isfinite().all()
