"""MLMA as a folder that ``transformers`` reads with the model's own code (``trust_remote_code=True``).

``model.safetensors``, ``config.json``, ``modeling_mlma.py``, a tokeniser of each language, ``words.json`` and a model
card. ``load_language_model`` reads the folder back for training.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from schemas.typed_mapping import SettingError, from_mapping, to_mapping
from trainer.checkpoint import Checkpoints
from trainer.config import MLMAConfig
from trainer.data.sentence_batch import END, SPECIALS, UNKNOWN
from trainer.errors import CheckpointError
from trainer.export.json_file import write_json
from trainer.export.tokenizer_files import write_tokenizer
from trainer.models.mlma import MLMA
from trainer.tasks.aligned_language_model import WordVocabularies

_CONFIG, _WEIGHTS, _MODULE = "config.json", "model.safetensors", "modeling_mlma"
#: Names of ids 0 and 1; words are lower-cased, so that none is spelt like them.
_SPECIALS = ("[END]", "[UNKNOWN]")


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A trained MLMA; ``words`` gives the words of each language by model id, in the order of the embeddings."""

    model: MLMA
    config: MLMAConfig
    words: dict[str, tuple[str, ...]]


def export_language_model(run: Path, output: Path) -> None:
    """Writes the newest checkpoint of a run of MLMA, or a folder written before. Raises CheckpointError."""
    save_language_model(load_language_model(run), output)


def save_language_model(found: LanguageModel, output: Path) -> None:
    """Writes the folder that ``load_language_model`` reads."""
    output.mkdir(parents=True, exist_ok=True)
    weights = {name: weight.detach().contiguous().clone() for name, weight in found.model.state_dict().items()}
    save_file(weights, output / _WEIGHTS, metadata={"format": "pt"})
    shape = found.config.encoder
    settings = {
        "architectures": ["MLMAModel"],
        "model_type": "hanmill-mlma",
        "auto_map": {"AutoConfig": f"{_MODULE}.MLMAConfig", "AutoModel": f"{_MODULE}.MLMAModel"},
        "languages": list(found.words),
        "vocab_sizes": [len(words) for words in found.words.values()],
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "pad_token_id": END,
        "dtype": "float32",
        "training": to_mapping(found.config),
    }
    write_json(output / _CONFIG, settings)
    with resources.as_file(resources.files("trainer").joinpath("export", f"{_MODULE}.py")) as path:
        shutil.copyfile(path, output / path.name)
    for language, words in found.words.items():
        _write_word_tokenizer(words, output / f"tokenizer-{language}")
    WordVocabularies(found.words).save(output)
    (output / "README.md").write_text(_card(found), encoding="utf-8")


def load_language_model(folder: Path) -> LanguageModel:
    """A run (its newest checkpoint) or an exported folder. Raises CheckpointError naming the file."""
    if (folder / _CONFIG).exists():
        path = folder / _CONFIG
        try:
            settings = json.loads(path.read_text(encoding="utf-8"))["training"]
            weights = load_file(folder / _WEIGHTS)
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            raise CheckpointError(f"{folder}: found no MLMA exported by hanmill ({error})") from error
    else:
        found = Checkpoints(folder / "checkpoints", 1).newest()
        if found is None:
            raise CheckpointError(f"{folder}: found neither config.json nor a checkpoint, expected an MLMA")
        path, checkpoint = found
        if checkpoint.model != "mlma":
            raise CheckpointError(f"{path}: checkpoint of {checkpoint.model}, expected one of mlma")
        settings, weights = checkpoint.config, checkpoint.weights
    try:
        config = from_mapping(MLMAConfig, settings)
    except SettingError as error:
        raise CheckpointError(f"{path}: {error}") from error
    words = WordVocabularies.load(folder).words
    if tuple(words) != config.data.languages:
        raise CheckpointError(
            f"{folder}: languages of words.json: {', '.join(words)}; of the configuration: "
            f"{', '.join(config.data.languages)}"
        )
    model = MLMA(config, [len(words[language]) for language in words])
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(f"{path}: weights do not fit: {' '.join(str(error).split())[:200]}") from error
    return LanguageModel(model.eval(), config, words)


def _write_word_tokenizer(words: tuple[str, ...], folder: Path) -> None:
    """A tokeniser of one language: lower case, words parted by white space, ids as in ``words``."""
    folder.mkdir(exist_ok=True)
    write_tokenizer(
        folder,
        (*_SPECIALS, *words[SPECIALS:]),
        _SPECIALS,
        steps={"normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "WhitespaceSplit"}},
        roles={"pad_token": END, "unk_token": UNKNOWN},
        settings={"padding_side": "right"},
    )


def _card(found: LanguageModel) -> str:
    config = found.config
    shape, data, alignment = config.encoder, config.data, config.alignment
    total = sum(weight.numel() for weight in found.model.parameters())
    shared = total - sum(weight.numel() for weight in found.model.words.parameters())
    rows = "\n".join(f"| {language} | {len(words):,} |" for language, words in found.words.items())
    return f"""---
language: [{", ".join(found.words)}]
tags: [mlma, language-model, cross-lingual]
---
# MLMA

A forward and a backward Transformer language model over words (Bao et al. 2019), with embeddings of each language and
layers that all languages share. {total:,} parameters, {shared:,} of them shared. Trained with hanmill.

| language | words |
|---|---|
{rows}

| setting | value |
|---|---|
| layers, units, heads, feed-forward | {shape.layers}, {shape.hidden}, {shape.heads}, {shape.feed_forward} a direction |
| alignment | {alignment.method}, form {alignment.form}, spread {alignment.spread} |
| weighting | {config.weighting} |
| sampled softmax | {config.samples:,} |
| places a batch and language | {data.tokens:,} times {data.global_batch} |
| updates | {", ".join(f"{stage.steps:,} at {stage.learning_rate:g}" for stage in config.stages)} |

Input: words of one language, cut as the corpus cut them, lower-cased, Chinese simplified. Id 0 is padding and the
end of a sentence, id 1 the unknown word; `words.json` lists the others by id.

```python
tokenizer = AutoTokenizer.from_pretrained(FOLDER + "/tokenizer-{next(iter(found.words))}")
model = AutoModel.from_pretrained(FOLDER, trust_remote_code=True)
layers = model(**tokenizer("words parted by spaces", return_tensors="pt"), language=0).contextual
```

`contextual` holds the layers 0 … {shape.layers} of each word, {2 * shape.hidden} numbers each, for a tagger to sum.
"""
