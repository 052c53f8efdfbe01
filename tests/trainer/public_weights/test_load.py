"""Published weights: the same states as transformers, and every misfit by its name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertModel, BertTokenizer, XLMConfig, XLMModel

from hanmill.pipelines.commands.text_annotator import text_annotator
from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.errors import CheckpointError
from hanmill.trainer.finetuning.pretrained import load_backbone
from hanmill.trainer.finetuning.text_encoder import TextEncoder
from hanmill.trainer.public_weights.load import load_public

TOKENS = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"今天气很好中国银行的了，。！?", "hello", "##ing", "play", "a",
    "##b", "1", "##9", "か", "##な",
]  # fmt: skip
SHAPE = {"num_hidden_layers": 2, "hidden_size": 24, "num_attention_heads": 4, "intermediate_size": 40}


def batch_of(ids: torch.Tensor, types: torch.Tensor | None = None, pinyin: torch.Tensor | None = None) -> MaskedBatch:
    empty = torch.empty(0, dtype=torch.long)
    positions = torch.arange(ids.shape[1]).expand_as(ids)
    return MaskedBatch(ids, positions, None, pinyin, torch.ones_like(ids), empty, empty, types=types)


@pytest.fixture
def bert(tmp_path: Path) -> tuple[BertModel, Path]:
    torch.manual_seed(3)
    config = BertConfig(vocab_size=len(TOKENS), max_position_embeddings=32, **SHAPE)
    model = BertModel(config).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    model.save_pretrained(tmp_path)
    (tmp_path / "vocab.txt").write_text("\n".join(TOKENS) + "\n", encoding="utf-8")
    return model, tmp_path


@torch.no_grad()
def test_bert_gives_the_same_states(bert: tuple[BertModel, Path]) -> None:
    theirs, folder = bert
    backbone = load_backbone(folder)
    assert backbone.settings.kind == "bert"
    assert set(backbone.remarks) == {
        f"{name}: not in the folder, drawn anew" for name in ("head", "head_norm", "output_bias")
    }
    ids = torch.randint(0, len(TOKENS), (3, 9))
    types = (torch.arange(9) > 4).long().expand(3, 9)
    expected = theirs(input_ids=ids, token_type_ids=types).last_hidden_state
    torch.testing.assert_close(backbone.module().eval().encode(batch_of(ids, types)), expected, rtol=1e-5, atol=1e-5)


def test_bin_and_prefixes(bert: tuple[BertModel, Path]) -> None:
    model, folder = bert
    expected = load_public(folder).weights
    (folder / "model.safetensors").unlink()
    old = {
        f"bert.{name}".replace("LayerNorm.weight", "LayerNorm.gamma"): value
        for name, value in model.state_dict().items()
    }
    torch.save(old, folder / "pytorch_model.bin")
    found = load_public(folder).weights
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in found)


class Hostile:
    def __reduce__(self) -> tuple:
        return (print, ("code ran",))


def test_no_code_runs_from_a_pytorch_file(bert: tuple[BertModel, Path], capfd: pytest.CaptureFixture) -> None:
    _, folder = bert
    (folder / "model.safetensors").unlink()
    torch.save({"a": Hostile()}, folder / "pytorch_model.bin")
    with pytest.raises(CheckpointError, match=r"pytorch_model\.bin: tensors cannot be read"):
        load_public(folder)
    assert "code ran" not in capfd.readouterr().out


def test_misfits_are_named(bert: tuple[BertModel, Path]) -> None:
    model, folder = bert
    state = {name: value.contiguous().clone() for name, value in model.state_dict().items()}
    lacking = {name: value for name, value in state.items() if name != "encoder.layer.1.output.dense.bias"}
    save_file(lacking, folder / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"tensor missing: bert\.encoder\.layer\.1\.output\.dense\.bias"):
        load_public(folder)
    save_file(state | {"embeddings.position_embeddings.weight": torch.zeros(16, 24)}, folder / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"positions\.weight: shape found: \[16, 24\], expected \[32, 24\]"):
        load_public(folder)
    save_file(state, folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"layer_norm_eps": 1e-5}), encoding="utf-8")
    with pytest.raises(CheckpointError, match="layer_norm_eps: found 1e-05, expected 1e-12"):
        load_public(folder)
    with pytest.raises(CheckpointError, match="found nothing, expected a run or a folder"):
        load_backbone(folder / "missing")
    with pytest.raises(CheckpointError, match=r"safetensors: found a file, expected a run or a folder with"):
        load_backbone(folder / "model.safetensors")
    with pytest.raises(CheckpointError, match="found a folder without either, expected a run or a folder"):
        load_backbone(folder.parent)


@pytest.mark.parametrize(
    "text", ["今天hello，银行playing ab！", "Hello 19 かな 中国?", "好\u3000天zzz的 a b", "héllo play, ing"]
)
def test_word_pieces_are_those_of_transformers(bert: tuple[BertModel, Path], text: str) -> None:
    _, folder = bert
    ours = TextEncoder(load_public(folder).settings, text_annotator).encode([text], "zh", words=True)[0]
    theirs = BertTokenizer(str(folder / "vocab.txt"))(text)["input_ids"]
    assert ours.ids == theirs[1:-1]
    assert all(0 <= start < end <= len(text) for start, end in zip(ours.starts, ours.ends, strict=True))


def test_characters_of_word_pieces_have_places(bert: tuple[BertModel, Path]) -> None:
    encoder = TextEncoder(load_public(bert[1]).settings, text_annotator)
    found = encoder.encode(["19ab天"], "zh", words=False)[0]
    assert [TOKENS[number] for number in found.ids] == ["1", "##9", "a", "##b", "天"]
    assert list(zip(found.starts, found.ends, strict=True)) == [(place, place + 1) for place in range(5)]


@torch.no_grad()
def test_xlm_gives_the_same_states(tmp_path: Path) -> None:
    specials = ["<s>", "</s>", "<pad>", "<unk>", *(f"<special{number}>" for number in range(10))]
    tokens = [*specials, *"今天気よい国"]
    torch.manual_seed(4)
    config = XLMConfig(
        vocab_size=len(tokens), emb_dim=24, n_layers=2, n_heads=4, n_langs=2, use_lang_emb=True,
        max_position_embeddings=32, lang2id={"zh": 0, "ja": 1}, id2lang={0: "zh", 1: "ja"},
    )  # fmt: skip
    theirs = XLMModel(config).eval()
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    theirs.save_pretrained(tmp_path)
    spelled = {token if token in specials else f"{token}</w>": number for number, token in enumerate(tokens)}
    (tmp_path / "vocab.json").write_text(json.dumps(spelled), encoding="utf-8")
    backbone = load_backbone(tmp_path)
    assert backbone.settings.kind == "unihanlm"
    assert backbone.settings.languages == ("zh", "ja")
    assert backbone.settings.tokens[14:] == tuple("今天気よい国")
    # XLM takes padding anywhere for the end of a row.
    ids = torch.randint(14, len(tokens), (3, 9))
    expected = theirs(input_ids=ids, langs=torch.ones_like(ids)).last_hidden_state
    torch.testing.assert_close(backbone.module().eval().encode(batch_of(ids)), expected, rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_chinesebert_as_its_authors_published_it(bert: tuple[BertModel, Path]) -> None:
    theirs, folder = bert
    draw = torch.Generator().manual_seed(5)
    bitmaps = torch.randint(0, 256, (len(TOKENS), 3, 24, 24), generator=draw)
    state = {f"bert.{name}": value.contiguous().clone() for name, value in theirs.state_dict().items()}

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=draw) * 0.1

    symbols, convolution = normal(32, 8), (normal(24, 8, 2), normal(24))
    glyph, fusion = (normal(24, 1728) / 255, normal(24)), (normal(24, 72), normal(24))
    state |= {
        "bert.embeddings.pinyin_embeddings.embedding.weight": symbols,
        "bert.embeddings.pinyin_embeddings.conv.weight": convolution[0],
        "bert.embeddings.pinyin_embeddings.conv.bias": convolution[1],
        "bert.embeddings.glyph_embeddings.embedding.weight": bitmaps.flatten(1).float(),
        "bert.embeddings.glyph_map.weight": glyph[0],
        "bert.embeddings.glyph_map.bias": glyph[1],
        "bert.embeddings.map_fc.weight": fusion[0],
        "bert.embeddings.map_fc.bias": fusion[1],
    }
    save_file(state, folder / "model.safetensors")
    # A map in another order than ours: letters first.
    letters = [*map(chr, range(ord("a"), ord("z") + 1)), "1", "2", "3", "4", "5"]
    numbers = {letter: number for number, letter in enumerate(letters, 1)}
    (folder / "config").mkdir()
    (folder / "config" / "pinyin_map.json").write_text(json.dumps({"char2idx": numbers}), encoding="utf-8")
    backbone = load_backbone(folder)
    assert backbone.settings.kind == "chinesebert"

    ids = torch.tensor([[2, 5, 6, 3]])
    spelled = [[0] * 8, [*(numbers[c] for c in "jin1"), 0, 0, 0, 0], [*(numbers[c] for c in "tian1"), 0, 0, 0], [0] * 8]
    embedded = torch.nn.functional.conv1d(symbols[torch.tensor(spelled)].transpose(1, 2), *convolution).amax(2)[None]
    pictures = torch.nn.functional.linear(bitmaps.flatten(1).float()[ids], *glyph)
    characters = theirs.embeddings.word_embeddings(ids)
    joined = torch.nn.functional.linear(torch.cat((characters, embedded, pictures), 2), *fusion)
    expected = theirs(inputs_embeds=joined).last_hidden_state

    encoder = TextEncoder(backbone.settings, text_annotator)
    read = encoder.encode(["今天"], "zh", words=True)[0]
    nothing = (0,) * 8
    pinyin = torch.tensor([[nothing, *read.pinyin, nothing]], dtype=torch.uint8)
    found = backbone.module().eval().encode(batch_of(torch.tensor([[2, *read.ids, 3]]), pinyin=pinyin))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)

    # Without bitmaps in the weights they come from the authors' three files.
    del state["bert.embeddings.glyph_embeddings.embedding.weight"]
    save_file(state, folder / "model.safetensors")
    for number, name in enumerate(("a", "b", "c")):
        np.save(folder / "config" / f"{name}.npy", bitmaps[:, number].numpy().astype(np.uint8))
    again = load_backbone(folder).weights["glyphs.bitmaps.weight"]
    assert torch.equal(again, backbone.weights["glyphs.bitmaps.weight"])
