"""Exported folders as transformers reads them: logits equal the trainer's."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest
import torch
from transformers import (
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    XLMWithLMHeadModel,
    pipeline,
)

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

    def make(name: str, config: PretrainingConfig, stage: int | None = None) -> tuple[torch.nn.Module, Path]:
        parts = assemble(name, config, corpus_folder)
        model = parts.model
        # Here, so that the weights are the same whatever building a model draws.
        torch.manual_seed(5)
        for parameter_name, parameter in model.named_parameters():
            if "bitmaps" not in parameter_name:
                torch.nn.init.normal_(parameter, std=0.3)
        run = tmp_path / "run"
        progress = Progress(stage=len(config.stages) - 1 if stage is None else stage, step=3)
        checkpoint = Checkpoint(name, to_mapping(config), "f" * 64, progress, model.state_dict(), {})
        Checkpoints(run / "checkpoints", 1).save(checkpoint)
        parts.spec.vocabulary(config, Corpus(corpus_folder)).save(run)
        parts.spec.export(run, tmp_path / "model")
        return model.eval(), tmp_path / "model"

    return make


def inputs_of(folder: Path, padding: int) -> tuple[torch.Tensor, torch.Tensor]:
    encoded = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)(
        list(TEXTS), padding=True, return_tensors="pt"
    )
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


def test_a_run_of_clusters_gives_every_member_its_clusters_row(export, small, corpus_folder: Path) -> None:
    # Korean is in the corpus and in none of the model's languages.
    config = small("unihanlm", encoder={"feed_forward": 128})
    ours, folder = export("unihanlm", config, stage=0)
    corpus = Corpus(corpus_folder)
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
    model = XLMWithLMHeadModel.from_pretrained(folder).eval()
    rows, bias = model.get_input_embeddings().weight, model.pred_layer.proj.bias
    found = {c: tokenizer.convert_tokens_to_ids(c) for c in "国國学學气気"}
    for one, other in ("国國", "学學", "气気"):
        assert torch.equal(rows[found[one]], rows[found[other]])
        assert bias[found[one]] == bias[found[other]]
        assert not torch.equal(ours.characters.weight[found[one]], ours.characters.weight[found[other]])
    assert not torch.equal(rows[found["国"]], rows[found["学"]])
    begun = copy.deepcopy(ours)
    begun.copy_clusters(torch.from_numpy(corpus.representative.astype("int64")))
    assert torch.equal(rows, begun.characters.weight)
    korean = {tokenizer.convert_tokens_to_ids(c) for c in "서울은한국의수도이다"}
    assert tokenizer.unk_token_id not in korean
    assert set(model.config.unseen_token_ids) == korean
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "are copies of their\ncluster's" in card
    assert re.search(r"^10 characters of the corpus are in none of the model's languages, .*: .*서", card, re.M)


def test_as_anyone_calls_it(export, small) -> None:
    """What the tokeniser gives goes into the model as it is; XLM adds an embedding for token types, so has none."""
    ours, folder = export("unihanlm", small("unihanlm", encoder={"feed_forward": 128}))
    encoded = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)(TEXTS[0], TEXTS[1], return_tensors="pt")
    assert set(encoded) == {"input_ids", "attention_mask"}
    language = torch.zeros_like(encoded["input_ids"])
    model = XLMWithLMHeadModel.from_pretrained(folder).eval()
    with torch.no_grad():
        found = model(**encoded, langs=language).logits
    expected = logits_of(ours, encoded["input_ids"], encoded["attention_mask"], language=language)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


class TestTasks:
    """An exported ChineseBERT under the classes that transformers finds for a task."""

    def test_a_pair_has_two_types(self, export, small) -> None:
        _, folder = export("chinesebert", small("chinesebert"))
        encoded = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)("学而時", "日本")
        assert encoded["token_type_ids"] == [0, 0, 0, 0, 0, 1, 1, 1]
        assert [encoded["input_ids"][place] for place in (0, 4, 7)] == [2, 3, 3]

    @pytest.mark.parametrize(
        ("kind", "labels", "shape"),
        [
            (AutoModelForSequenceClassification, {"labels": torch.tensor([0, 2, 1])}, (3, 3)),
            (AutoModelForSequenceClassification, {"labels": torch.eye(3)}, (3, 3)),
            (AutoModelForTokenClassification, {"labels": torch.ones(3, 22, dtype=torch.long)}, (3, 22, 3)),
            (
                AutoModelForQuestionAnswering,
                {"start_positions": torch.tensor([1, 2, 99]), "end_positions": torch.tensor([3, 3, 99])},
                (3, 22),
            ),
        ],
    )
    def test_head(self, export, small, tmp_path: Path, kind: type, labels: dict, shape: tuple) -> None:
        ours, folder = export("chinesebert", small("chinesebert"))
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
        inputs = tokenizer(list(TEXTS), padding="max_length", max_length=22, truncation=True, return_tensors="pt")
        model = kind.from_pretrained(folder, trust_remote_code=True, num_labels=3)
        assert torch.equal(model.bert.embeddings.word_embeddings.weight, ours.characters.weight)
        model.train()
        before = model(**inputs, **labels)
        assert (before.start_logits if "start_logits" in before else before.logits).shape == shape
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
        for _ in range(25):
            optimizer.zero_grad()
            after = model(**inputs, **labels)
            after.loss.backward()
            optimizer.step()
        assert after.loss < 0.95 * before.loss
        model.eval().save_pretrained(tmp_path / "tuned")
        again = kind.from_pretrained(tmp_path / "tuned", trust_remote_code=True).eval()
        with torch.no_grad():
            first, second = model(**inputs, return_dict=False), again(**inputs, output_hidden_states=True)
        torch.testing.assert_close(second[0], first[0])
        assert len(second.hidden_states) == 3

    def test_regression(self, export, small) -> None:
        _, folder = export("chinesebert", small("chinesebert"))
        model = AutoModelForSequenceClassification.from_pretrained(folder, trust_remote_code=True, num_labels=1).eval()
        inputs = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)(TEXTS[0], return_tensors="pt")
        found = model(**inputs, labels=torch.tensor([2.0]))
        assert found.loss.item() == pytest.approx((found.logits.item() - 2) ** 2)

    def test_pipelines(self, export, small) -> None:
        _, folder = export("chinesebert", small("chinesebert"))
        fill = pipeline("fill-mask", str(folder), trust_remote_code=True)
        assert all(len(guess["token_str"]) == 1 for guess in fill("日本的首都是[MASK]京。"))
        classify = pipeline("text-classification", str(folder), trust_remote_code=True)
        assert 0 < classify("日本的首都")[0]["score"] <= 1


def test_cards(export, small, tmp_path: Path) -> None:
    _, folder = export("chinesebert", small("chinesebert"))
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlanguage: [zh]\nlibrary_name: transformers\npipeline_tag: fill-mask\n")
    assert "| checkpoint | step-00-000000003 |" in card
    assert "| steps | pretraining: 3 of 4,000 steps at 0.002, linear |" in card
    assert "| validation loss | not measured at this step |" in card
    assert "- normalised: NFC;" in card
    assert "Every character of the vocabulary was in the training corpus." in card


@pytest.mark.parametrize(
    ("model", "languages"), [("chinesebert", ["zh"]), ("unihanlm", ["zh"]), ("unihanlm", ["zh", "ja"])]
)
def test_the_example_of_a_card_runs(export, small, model: str, languages: list[str]) -> None:
    _, folder = export(model, small(model, data={"languages": languages}, encoder={"feed_forward": 128}))
    (code,) = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(encoding="utf-8"), re.S)
    names: dict = {"FOLDER": folder}
    exec(code, names)
    assert names["logits"].shape[:2] == (1, 9)


def test_tokenizer_is_by_character_without_white_space(export, small) -> None:
    _, folder = export("chinesebert", small("chinesebert"))
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
    tokens = tokenizer.convert_ids_to_tokens(tokenizer("学 而\u3000時\n習𠮷之")["input_ids"])
    assert tokens == ["[CLS]", "学", "而", "時", "習", "[UNK]", "之", "[SEP]"]
    assert tokenizer("[MASK]国")["input_ids"][1] == tokenizer.mask_token_id == 4


def test_refusals(export, small, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="found no checkpoint, expected a run"):
        find_model("unihanlm").export(tmp_path / "nothing", tmp_path / "model")
    with pytest.raises(CheckpointError, match="feed_forward of the model: 64; XLM's is four times hidden: 128"):
        export("unihanlm", small("unihanlm"))
