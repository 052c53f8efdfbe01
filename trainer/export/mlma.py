"""MLMA as a folder that ``transformers`` reads with the model's own code (``trust_remote_code=True``).

``model.safetensors``, ``config.json``, ``modeling_mlma.py``, a tokeniser of each language, ``words.json`` and a model
card. ``hanmill.trainer.tagging.language_model`` reads the folder back for training.
"""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

from hanmill.schemas.typed_mapping import to_mapping
from hanmill.trainer.data.sentence_batch import END, SPECIALS, UNKNOWN
from hanmill.trainer.data.vocabulary import WordVocabularies
from hanmill.trainer.export.json_file import write_json
from hanmill.trainer.export.tokenizer_files import write_tokenizer
from hanmill.trainer.runs.tensor_file import save_tensors
from hanmill.trainer.tagging.language_model import CONFIG, WEIGHTS, LanguageModel, load_language_model

_MODULE = "modeling_mlma"
#: Names of ids 0 and 1; words are lower-cased, so that none is spelt like them.
_SPECIALS = ("[END]", "[UNKNOWN]")


def export_language_model(run: Path, output: Path) -> None:
    """Writes the newest checkpoint of a run of MLMA, or a folder written before. Raises CheckpointError."""
    save_language_model(load_language_model(run), output)


def save_language_model(found: LanguageModel, output: Path) -> None:
    """Writes the folder that ``load_language_model`` reads."""
    output.mkdir(parents=True, exist_ok=True)
    weights = {name: weight.detach().contiguous().clone() for name, weight in found.model.state_dict().items()}
    save_tensors(weights, output / WEIGHTS)
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
    write_json(output / CONFIG, settings)
    with resources.as_file(resources.files(__package__).joinpath(f"{_MODULE}.py")) as path:
        shutil.copyfile(path, output / path.name)
    for language, words in found.words.items():
        _write_word_tokenizer(words, output / f"tokenizer-{language}")
    WordVocabularies(found.words).save(output)
    (output / "README.md").write_text(_card(found), encoding="utf-8")


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
end of a sentence, id 1 the unknown word; `words.json` lists the others by id, and its own digest.

```python
tokenizer = AutoTokenizer.from_pretrained(FOLDER + "/tokenizer-{next(iter(found.words))}")
model = AutoModel.from_pretrained(FOLDER, trust_remote_code=True)
layers = model(**tokenizer("words parted by spaces", return_tensors="pt"), language=0).contextual
```

`contextual` holds the layers 0 … {shape.layers} of each word, {2 * shape.hidden} numbers each, for a tagger to sum.
"""
