"""Exported folders as transformers reads them: logits equal the trainer's."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModel, AutoModelForMaskedLM, AutoTokenizer, XLMWithLMHeadModel

from hanmill.schemas.typed_mapping import to_mapping
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.errors import CheckpointError
from hanmill.trainer.model_spec import PretrainingConfig
from hanmill.trainer.registry import find_model
from hanmill.trainer.runs.checkpoint import Checkpoint, Checkpoints, Progress

TEXTS = ("日本的首都是东京。", "學而時習之", "佢哋喺香港住，東京は日本の首都です。")


@pytest.fixture
def export(corpus_folder: Path, tmp_path: Path, assemble):
    """Gives a model with random weights and the folder it was exported to."""

    def make(name: str, config: PretrainingConfig) -> tuple[torch.nn.Module, Path]:
        torch.manual_seed(5)
        parts = assemble(name, config, corpus_folder)
        model = parts.model
        for parameter_name, parameter in model.named_parameters():
            if "bitmaps" not in parameter_name:
                torch.nn.init.normal_(parameter, std=0.3)
        run = tmp_path / "run"
        checkpoint = Checkpoint(name, to_mapping(config), "", Progress(), model.state_dict(), {})
        Checkpoints(run / "checkpoints", 1).save(checkpoint)
        parts.spec.vocabulary(config, Corpus(corpus_folder)).save(run)
        parts.spec.export(run, tmp_path / "model")
        return model.eval(), tmp_path / "model"

    return make


def inputs_of(folder: Path, padding: int) -> tuple[torch.Tensor, torch.Tensor]:
    encoded = AutoTokenizer.from_pretrained(folder)(list(TEXTS), padding=True, return_tensors="pt")
    assert (encoded["input_ids"][encoded["attention_mask"] == 0] == padding).all()
    return encoded["input_ids"], encoded["attention_mask"]


def logits_of(model: torch.nn.Module, ids: torch.Tensor, mask: torch.Tensor, **features: torch.Tensor) -> torch.Tensor:
    positions = torch.arange(ids.shape[1]).expand_as(ids)
    places = torch.arange(ids.numel())
    parts = {"pinyin": None, "language": None} | features
    batch = MaskedBatch(ids, positions, mask.int(), places=places, targets=places, **parts)
    with torch.no_grad():
        return model(batch).view(*ids.shape, -1)


@pytest.mark.parametrize("languages", [["zh", "ja"], ["zh"]])
def test_unihanlm_is_xlm(export, small, languages: list[str]) -> None:
    config = small("unihanlm", data={"languages": languages}, encoder={"feed_forward": 128})
    ours, folder = export("unihanlm", config)
    model = XLMWithLMHeadModel.from_pretrained(folder).eval()
    ids, mask = inputs_of(folder, 2)
    language = torch.zeros_like(ids)
    language[2] = len(languages) - 1
    expected = logits_of(ours, ids, mask, language=language)
    arguments = {"langs": language} if len(languages) > 1 else {}
    with torch.no_grad():
        found = model(ids, attention_mask=mask, **arguments).logits
    torch.testing.assert_close(found[mask.bool()], expected[mask.bool()], rtol=1e-4, atol=1e-4)
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight


@pytest.mark.parametrize("trainable", [False, True])
def test_chinesebert_with_its_own_code(export, small, corpus_folder: Path, trainable: bool) -> None:
    ours, folder = export("chinesebert", small("chinesebert", glyph_trainable=trainable))
    model = AutoModelForMaskedLM.from_pretrained(folder, trust_remote_code=True).eval()
    ids, mask = inputs_of(folder, 0)
    corpus = Corpus(corpus_folder)
    syllables = torch.randint(0, len(corpus.syllables), ids.shape)
    spelled = torch.from_numpy(corpus.syllables.copy())[syllables]
    expected = logits_of(ours, ids, mask, pinyin=syllables)
    labels = torch.full_like(ids, -100)
    labels[0, 2] = 7
    with torch.no_grad():
        found = model(ids, attention_mask=mask, pinyin_ids=spelled, labels=labels)
    torch.testing.assert_close(found.logits[mask.bool()], expected[mask.bool()], rtol=1e-4, atol=1e-4)
    assert found.loss == pytest.approx(-expected[0, 2].log_softmax(0)[7].item(), rel=1e-4)

    # Without pinyin: the default reading of each character.
    characters = (ids - 4).clamp(min=0)
    default = torch.from_numpy(corpus.default_pinyin.astype("int64"))[characters]
    expected = logits_of(ours, ids, mask, pinyin=default * (ids >= 5))
    with torch.no_grad():
        torch.testing.assert_close(
            model(ids, attention_mask=mask).logits[mask.bool()], expected[mask.bool()], rtol=1e-4, atol=1e-4
        )
        hidden = AutoModel.from_pretrained(folder, trust_remote_code=True).eval()(ids, attention_mask=mask)
    assert hidden.last_hidden_state.shape == (*ids.shape, 32)


def test_tokenizer_is_by_character_without_white_space(export, small) -> None:
    _, folder = export("chinesebert", small("chinesebert"))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokens = tokenizer.convert_ids_to_tokens(tokenizer("学 而\u3000時\n習𠮷之")["input_ids"])
    assert tokens == ["[CLS]", "学", "而", "時", "習", "[UNK]", "之", "[SEP]"]
    assert tokenizer("[MASK]国")["input_ids"][1] == tokenizer.mask_token_id == 4


def test_refusals(export, small, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="found no checkpoint, expected a run"):
        find_model("unihanlm").export(tmp_path / "nothing", tmp_path / "model")
    with pytest.raises(CheckpointError, match="feed_forward of the model: 64; XLM's is four times hidden: 128"):
        export("unihanlm", small("unihanlm"))
