"""Fine-tuned models as ``transformers`` reads them: token and sequence classification, question answering."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path
from typing import Any

from hanmill.schemas.typed_mapping import to_mapping
from hanmill.trainer.data.vocabulary import CharacterVocabulary
from hanmill.trainer.export.character_model import write_character_tokenizer, write_model
from hanmill.trainer.export.chinesebert import MODULE, chinesebert_layout
from hanmill.trainer.export.json_file import write_json
from hanmill.trainer.export.renaming import Weights, bert_layers, moved
from hanmill.trainer.export.text_settings import text_settings
from hanmill.trainer.export.unihanlm import xlm_layout
from hanmill.trainer.finetuning.backbone import BackboneSettings
from hanmill.trainer.finetuning.saved import Tuned, load_tuned
from hanmill.trainer.models.chinesebert import without_left_out
from hanmill.trainer.models.encoder import NORM_EPSILON

#: By kind of head: the name of the task in class names of ``transformers``.
_CLASSES = {
    "units": "TokenClassification", "classes": "SequenceClassification", "numbers": "SequenceClassification",
    "answers": "QuestionAnswering",
}  # fmt: skip
_PIPELINES = {
    "units": "token-classification", "classes": "text-classification", "numbers": "text-classification",
    "answers": "question-answering",
}  # fmt: skip


def export_finetuned(run: Path, output: Path) -> None:
    """Writes the best checkpoint of a fine-tuned run: safetensors, config, tokeniser, model code and a card.

    Raises CheckpointError.
    """
    tuned = load_tuned(run)
    settings = tuned.settings
    state = tuned.model.state_dict()
    encoder = {name.removeprefix("encoder."): state[name] for name in state if name.startswith("encoder.")}
    head = {kind: state[f"classifier.{kind}"] for kind in ("weight", "bias")}
    kind = tuned.task.kind(tuned.labels)
    build = {"bert": _bert, "chinesebert": _chinesebert, "unihanlm": _xlm}[settings.kind]
    config, weights = build(settings, encoder, kind)
    place = config.pop("head")
    weights |= {f"{place}.{name}": weight for name, weight in head.items()}
    output.mkdir(parents=True, exist_ok=True)
    if settings.kind == "chinesebert":
        with resources.as_file(resources.files(__package__).joinpath(f"{MODULE}.py")) as code:
            shutil.copyfile(code, output / code.name)
    write_model(output, config | _labels(tuned, kind) | text_settings(settings), weights)
    _write_tokenizer(settings, output)
    (output / "README.md").write_text(_card(tuned, kind, config), encoding="utf-8")


def _labels(tuned: Tuned, kind: str) -> dict[str, Any]:
    if kind == "answers":
        return {}
    if kind == "numbers":
        return {"id2label": {"0": "number"}, "label2id": {"number": 0}, "problem_type": "regression"}
    names = {str(number): label for number, label in enumerate(tuned.labels)}
    return {"id2label": names, "label2id": {label: int(number) for number, label in names.items()}}


def _bert(settings: BackboneSettings, weights: Weights, kind: str) -> tuple[dict[str, Any], Weights]:
    shape = settings.encoder
    config = {
        "architectures": [f"BertFor{_CLASSES[kind]}"], "model_type": "bert", "vocab_size": len(settings.tokens),
        "hidden_size": shape.hidden, "num_hidden_layers": shape.layers, "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward, "hidden_act": "gelu", "hidden_dropout_prob": shape.dropout,
        "attention_probs_dropout_prob": shape.attention_dropout, "max_position_embeddings": shape.positions,
        "type_vocab_size": settings.token_types, "layer_norm_eps": NORM_EPSILON,
        "pad_token_id": settings.special.padding, "dtype": "float32",
        "head": "qa_outputs" if kind == "answers" else "classifier",
    }  # fmt: skip
    renamed = {
        "bert.embeddings.word_embeddings.weight": weights["characters.weight"],
        "bert.embeddings.position_embeddings.weight": weights["positions.weight"],
        "bert.embeddings.token_type_embeddings.weight": weights["token_types.weight"],
    } | moved(weights, "embedding_norm", "bert.embeddings.LayerNorm")
    if kind in ("classes", "numbers"):
        renamed |= moved(weights, "pooler", "bert.pooler.dense")
    renamed |= bert_layers(weights, shape.layers)
    return config, renamed


def _chinesebert(settings: BackboneSettings, weights: Weights, kind: str) -> tuple[dict[str, Any], Weights]:
    whole = without_left_out(weights, settings.features)
    config, renamed = chinesebert_layout(settings.chinesebert_config(), whole, settings.pinyin)
    idle = ("head.", "head_norm.", "output_bias")
    kept = {name: weight for name, weight in renamed.items() if not name.startswith(idle)}
    return config | {"architectures": [f"ChineseBERTFor{_CLASSES[kind]}"], "head": "classifier"}, kept


def _xlm(settings: BackboneSettings, weights: Weights, kind: str) -> tuple[dict[str, Any], Weights]:
    config, renamed = xlm_layout(settings.unihanlm_config(), weights, Path(settings.kind))
    name = "QuestionAnsweringSimple" if kind == "answers" else _CLASSES[kind]
    heads = {"answers": "qa_outputs", "units": "classifier"}
    kept = {name: weight for name, weight in renamed.items() if not name.startswith("pred_layer.")}
    further = {"architectures": [f"XLMFor{name}"], "head": heads.get(kind, "sequence_summary.summary")}
    return config | further, kept


def _write_tokenizer(settings: BackboneSettings, output: Path) -> None:
    special = settings.special
    if settings.word_pieces:
        lines = [f"{token or f'[unused-{number}]'}\n" for number, token in enumerate(settings.tokens)]
        (output / "vocab.txt").write_text("".join(lines), encoding="utf-8")
        lower = settings.normalize.lowercase
        value = {
            "tokenizer_class": "BertTokenizer", "do_lower_case": lower, "model_max_length": settings.encoder.positions
        }  # fmt: skip
        write_json(output / "tokenizer_config.json", value)
        return
    vocabulary = CharacterVocabulary(settings.tokens, settings.pinyin, settings.normalize)
    last = max(special.padding, special.unknown, special.mask, special.begin, special.end)
    # XLM's dictionary begins with fourteen special tokens, ChineseBERT's here with five.
    names = settings.tokens[: max(last + 1, 14 if settings.kind == "unihanlm" else 5)]
    types = 0 if settings.kind == "unihanlm" else settings.token_types
    write_character_tokenizer(vocabulary, special, names, special.begin, settings.encoder.positions, types, output)


def _card(tuned: Tuned, kind: str, config: dict[str, Any]) -> str:
    remote = ", trust_remote_code=True" if tuned.settings.kind == "chinesebert" else ""
    return f"""---
language: [{", ".join(tuned.settings.languages) or "zh"}]
library_name: transformers
pipeline_tag: {_PIPELINES[kind]}
---
# {config["architectures"][0]}

Fine-tuned with hanmill for `{tuned.config.task}`, {tuned.config.fit.epochs} epochs at
{tuned.config.fit.learning_rate:g}, batches of {tuned.config.fit.batch}, rows of at most
{tuned.config.max_length} tokens.

```python
from transformers import AutoModelFor{_CLASSES[kind]}, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(FOLDER{remote})
model = AutoModelFor{_CLASSES[kind]}.from_pretrained(FOLDER{remote})
```

In training a unit (a word, or a character) was read from its first token, and pinyin, where the model reads it, was
that of the text; a tokeniser gives none, and each character then takes the reading it has without context.
Settings: `{to_mapping(tuned.config.form)}`.
"""
