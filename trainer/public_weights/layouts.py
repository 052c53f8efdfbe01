"""The layouts that published weights come in, as the names of this trainer's modules.

Each gives, for a name of ours, the names that may stand for it elsewhere. A joint matrix of ours (queries, keys and
values) is made of three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from hanmill.trainer.errors import CheckpointError

Weights = dict[str, torch.Tensor]
#: Ours → theirs; several names where authors or versions differ.
Names = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Layout:
    """``modules`` and ``tensors`` map names of ours; ``layer`` the modules of layer ``{n}``, ``parts`` its three
    projections. ``optional`` are modules and tensors of heads, which a folder may lack.
    """

    modules: Names
    tensors: Names
    layer: Names
    parts: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    optional: frozenset[str]


_BERT_LAYER: Names = {
    "attention.output": ("bert.encoder.layer.{n}.attention.output.dense",),
    "attention_norm": ("bert.encoder.layer.{n}.attention.output.LayerNorm",),
    "up": ("bert.encoder.layer.{n}.intermediate.dense",),
    "down": ("bert.encoder.layer.{n}.output.dense",),
    "feed_forward_norm": ("bert.encoder.layer.{n}.output.LayerNorm",),
}
_BERT_PARTS = (
    ("bert.encoder.layer.{n}.attention.self.query",),
    ("bert.encoder.layer.{n}.attention.self.key",),
    ("bert.encoder.layer.{n}.attention.self.value",),
)
_BERT_MODULES: Names = {
    "embedding_norm": ("bert.embeddings.LayerNorm",),
    "pooler": ("bert.pooler.dense",),
    "head": ("cls.predictions.transform.dense", "head"),
    "head_norm": ("cls.predictions.transform.LayerNorm", "head_norm"),
}
_BERT_TENSORS: Names = {
    "characters.weight": ("bert.embeddings.word_embeddings.weight",),
    "positions.weight": ("bert.embeddings.position_embeddings.weight",),
    "token_types.weight": ("bert.embeddings.token_type_embeddings.weight",),
    "output_bias": ("cls.predictions.bias", "cls.predictions.decoder.bias", "output_bias"),
}
_HEADS = frozenset({"pooler", "head", "head_norm", "output_bias"})

BERT = Layout(_BERT_MODULES, _BERT_TENSORS, _BERT_LAYER, _BERT_PARTS, _HEADS)
#: As its authors named them (their ``fusion_embedding.py``), and as our export does.
CHINESEBERT = Layout(
    _BERT_MODULES
    | {
        "pinyin.convolution": ("bert.embeddings.pinyin_embeddings.conv", "embedding.convolution"),
        "glyphs.projection": ("bert.embeddings.glyph_map", "embedding.projection"),
        "fusion": ("bert.embeddings.map_fc", "embedding.fusion"),
    },
    _BERT_TENSORS
    | {
        "pinyin.symbols.weight": ("bert.embeddings.pinyin_embeddings.embedding.weight", "embedding.symbols.weight"),
        "glyphs.bitmaps.weight": ("bert.embeddings.glyph_embeddings.embedding.weight", "embedding.bitmaps"),
    },
    _BERT_LAYER,
    _BERT_PARTS,
    _HEADS | {"glyphs.bitmaps.weight"},
)
XLM = Layout(
    {"embedding_norm": ("transformer.layer_norm_emb",)},
    {
        "characters.weight": ("transformer.embeddings.weight",),
        "positions.weight": ("transformer.position_embeddings.weight",),
        "languages.weight": ("transformer.lang_embeddings.weight",),
        "output_bias": ("pred_layer.proj.bias",),
    },
    {
        "attention.output": ("transformer.attentions.{n}.out_lin",),
        "attention_norm": ("transformer.layer_norm1.{n}",),
        "up": ("transformer.ffns.{n}.lin1",),
        "down": ("transformer.ffns.{n}.lin2",),
        "feed_forward_norm": ("transformer.layer_norm2.{n}",),
    },
    (
        ("transformer.attentions.{n}.q_lin",),
        ("transformer.attentions.{n}.k_lin",),
        ("transformer.attentions.{n}.v_lin",),
    ),
    frozenset({"languages.weight", "output_bias"}),
)


def convert(tensors: Mapping[str, torch.Tensor], layout: Layout, layers: int, folder: Path) -> Weights:
    """The tensors under our names; optional ones that the folder lacks are left out.

    Prefixes ``bert.`` and ``transformer.`` may be missing, as in encoders saved without a head; LayerNorm's ``gamma``
    and ``beta`` are weight and bias. Raises CheckpointError naming the first tensor that is missing.
    """
    found = _Tensors(tensors, folder)
    weights: Weights = {}
    for ours, names in layout.tensors.items():
        tensor = found.get(names, optional=ours in layout.optional)
        if tensor is not None:
            weights[ours] = tensor
    for ours, names in layout.modules.items():
        for kind in ("weight", "bias"):
            tensor = found.get([f"{name}.{kind}" for name in names], optional=ours in layout.optional)
            if tensor is not None:
                weights[f"{ours}.{kind}"] = tensor
    for number in range(layers):
        for kind in ("weight", "bias"):
            parts = [found.need([f"{name}.{kind}" for name in names], number) for names in layout.parts]
            weights[f"encoder.layers.{number}.attention.inputs.{kind}"] = torch.cat(parts)
            for ours, names in layout.layer.items():
                tensor = found.need([f"{name}.{kind}" for name in names], number)
                weights[f"encoder.layers.{number}.{ours}.{kind}"] = tensor
    return weights


class _Tensors:
    def __init__(self, tensors: Mapping[str, torch.Tensor], folder: Path) -> None:
        self._folder = folder
        renamed = {}
        for name, tensor in tensors.items():
            name = name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")
            renamed[name.removeprefix("module.")] = tensor
        self._tensors = renamed

    def get(self, names: Sequence[str], optional: bool) -> torch.Tensor | None:
        for name in names:
            for spelled in (name, name.removeprefix("bert."), name.removeprefix("transformer.")):
                if spelled in self._tensors:
                    return self._tensors[spelled]
        if optional:
            return None
        have = ", ".join(list(self._tensors)[:3])
        raise CheckpointError(
            f"{self._folder}: tensor missing: {names[0]}; tensors found: {len(self._tensors)} ({have}, …)"
        )

    def need(self, names: Sequence[str], number: int) -> torch.Tensor:
        tensor = self.get([name.format(n=number) for name in names], optional=False)
        assert tensor is not None
        return tensor
