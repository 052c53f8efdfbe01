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
