"""An exported MLMA as transformers reads it."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import AutoModel, AutoTokenizer

from hanmill.schemas.typed_mapping import from_mapping, to_mapping
from hanmill.trainer.configs.config_file import load_config
from hanmill.trainer.export.mlma import save_language_model
from hanmill.trainer.models.mlma import MLMA, MLMAConfig
from hanmill.trainer.registry import find_model
from hanmill.trainer.tagging.language_model import LanguageModel, load_language_model

WORDS = {"ja": ("", "", "の", "首都", "は", "東京", "ny"), "zh": ("", "", "的", "首都", "是")}


def test_transformers_gives_the_same_layers(tmp_path: Path) -> None:
    torch.manual_seed(2)
    tiny = to_mapping(load_config(find_model("mlma"), "tiny"))
    tiny["encoder"] |= {"hidden": 16, "heads": 2, "feed_forward": 24, "dropout": 0.3}
    config = from_mapping(MLMAConfig, tiny)
    ours = MLMA(config, [len(words) for words in WORDS.values()]).eval()
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.normal_(std=0.3)
    save_language_model(LanguageModel(ours, config, WORDS), tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "tokenizer-ja")
    encoded = tokenizer(["東京 は 首都", "NY の 物価 は 東京"], padding=True, return_tensors="pt")
    assert encoded["input_ids"].tolist() == [[5, 4, 3, 0, 0], [6, 2, 1, 4, 5]]
    theirs = AutoModel.from_pretrained(tmp_path, trust_remote_code=True).eval()
    for language, ids in enumerate((encoded["input_ids"], torch.tensor([[3, 4, 1]]))):
        with torch.no_grad():
            found = theirs(ids, language=language, scores=True)
            wanted = ours.contextual(ids, language)
            following = wanted[:, :, -1, :16] @ ours.words[language].weight.T
        valid = ids != 0
        assert torch.allclose(found.contextual[valid], wanted[valid], atol=1e-5)
        assert torch.allclose(found.following[valid], following[valid], atol=1e-5)
    again = load_language_model(tmp_path).model
    assert all(torch.equal(weight, again.state_dict()[name]) for name, weight in ours.state_dict().items())
