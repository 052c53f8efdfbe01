"""Weights under the names that another program gives them."""

from __future__ import annotations

import torch

Weights = dict[str, torch.Tensor]


def moved(weights: Weights, ours: str, theirs: str) -> Weights:
    """Weight and bias of a module."""
    return {f"{theirs}.{kind}": weights[f"{ours}.{kind}"] for kind in ("weight", "bias")}


def third_of_attention(weights: Weights, layer: str, third: int, theirs: str) -> Weights:
    """Queries, keys or values of the joint matrix."""
    return {
        f"{theirs}.{kind}": weights[f"{layer}.attention.inputs.{kind}"].chunk(3)[third] for kind in ("weight", "bias")
    }


def bert_layers(weights: Weights, layers: int) -> Weights:
    """The encoder's layers under the names of Hugging Face's BERT."""
    renamed: Weights = {}
    for layer in range(layers):
        ours, theirs = f"encoder.layers.{layer}", f"bert.encoder.layer.{layer}"
        for third, part in enumerate(("query", "key", "value")):
            renamed |= third_of_attention(weights, ours, third, f"{theirs}.attention.self.{part}")
        renamed |= moved(weights, f"{ours}.attention.output", f"{theirs}.attention.output.dense")
        renamed |= moved(weights, f"{ours}.attention_norm", f"{theirs}.attention.output.LayerNorm")
        renamed |= moved(weights, f"{ours}.up", f"{theirs}.intermediate.dense")
        renamed |= moved(weights, f"{ours}.down", f"{theirs}.output.dense")
        renamed |= moved(weights, f"{ours}.feed_forward_norm", f"{theirs}.output.LayerNorm")
    return renamed
