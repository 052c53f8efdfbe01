"""Taggers as folders: ``model.safetensors``, ``config.json``, ``vocabularies.json`` and a model card.

An LSTM-CRF tagger brings the language model that it reads in ``language_model/``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from schemas.typed_mapping import from_mapping
from schemas.yaml_mapping import read_yaml_mapping
from trainer.errors import CheckpointError
from trainer.export.json_file import write_json
from trainer.export.mlma import load_language_model, save_language_model
from trainer.tagging import Tagging, load_best, read_best, read_vocabularies
from trainer.tagging_config import MOMConfig, TaggerConfig
from trainer.tasks.tagging import build_mom, build_tagger

_SOURCE, _CONFIG, _LANGUAGE_MODEL = "source.json", "config.json", "language_model"


def save_source(run: Path, language_model: Path | None, language: str) -> None:
    """Notes beside a run where its language model is, and which language it was trained in."""
    value = {"language_model": None if language_model is None else str(language_model.resolve()), "language": language}
    (run / _SOURCE).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def load_tagger(folder: Path, language: str | None = None) -> Tagging:
    """The best model of a run, or an exported tagger, for its own language or another of its language model.

    Raises CheckpointError naming the file.
    """
    exported = folder / _CONFIG
    try:
        source = json.loads((folder / _SOURCE).read_text(encoding="utf-8"))
        settings = (
            json.loads(exported.read_text(encoding="utf-8"))["training"]
            if exported.exists()
            else read_yaml_mapping((folder / "config.yaml").read_text(encoding="utf-8"))
        )
        kind: Any = TaggerConfig if "layer_sum" in settings else MOMConfig
        config = from_mapping(kind, settings)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder}: found no tagger trained by hanmill ({error})") from error
    vocabularies = read_vocabularies(folder)
    if kind is MOMConfig:
        tagging = build_mom(config, vocabularies)
    else:
        inside = folder / _LANGUAGE_MODEL
        elsewhere = source.get("language_model")
        if not inside.exists() and elsewhere is None:
            raise CheckpointError(f"{inside}: not found; expected the language model that the tagger reads")
        model = load_language_model(inside if inside.exists() else Path(elsewhere))
        tagging = build_tagger(config, vocabularies, model, language or source["language"])
    load_best(tagging, folder)
    return tagging


def export_tagger(run: Path, output: Path) -> None:
    """Writes the best model of a run. Raises CheckpointError."""
    tagging = load_tagger(run)
    source = json.loads((run / _SOURCE).read_text(encoding="utf-8"))
    output.mkdir(parents=True, exist_ok=True)
    if source["language_model"] is not None:
        save_language_model(load_language_model(Path(source["language_model"])), output / _LANGUAGE_MODEL)
    weights = {name: weight.detach().contiguous() for name, weight in tagging.learnt.state_dict().items()}
    save_file(weights, output / "best.safetensors", metadata={"format": "pt"})
    (output / "vocabularies.json").write_text(json.dumps(tagging.vocabularies, ensure_ascii=False), encoding="utf-8")
    settings = read_yaml_mapping((run / "config.yaml").read_text(encoding="utf-8"))
    value = {"model_type": f"hanmill-{tagging.name}", "training": settings}
    write_json(output / _CONFIG, value)
    (output / _SOURCE).write_text(json.dumps(source | {"language_model": None}, ensure_ascii=False), encoding="utf-8")
    (output / "README.md").write_text(_card(tagging, source["language"], read_best(run)), encoding="utf-8")


def _card(tagging: Tagging, language: str, best: dict[str, float] | None) -> str:
    sizes = ", ".join(f"{name} {len(items):,}" for name, items in tagging.vocabularies.items())
    total = sum(weight.numel() for weight in tagging.learnt.parameters())
    title, text = {
        "tagger": ("LSTM-CRF tagger", "LSTM-CRF over frozen MLMA layers (Bao et al. 2019), see `language_model/`."),
        "mom": ("Mixed Orthographic Model", "Words beside romanised character bigrams (Johnson et al. 2019)."),
    }[tagging.name]
    reached = "" if best is None else f"{tagging.config.fit.metric} {best['reached']:.4f}"
    return f"""---
language: [{language}]
tags: [token-classification]
---
# {title}

{text} {total:,} parameters. Trained with hanmill on data in `{language}`; best epoch on the development
set: {reached}. `trainer.export.tagger.load_tagger` reads this folder.

Vocabularies: {sizes}. Tags: {", ".join(tagging.vocabularies["tags"])}.
"""
