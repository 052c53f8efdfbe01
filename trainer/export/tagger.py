"""Taggers as folders: ``best.safetensors``, ``config.json``, ``vocabularies.json`` and a model card.

An LSTM-CRF tagger brings the language model that it reads in ``language_model/``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hanmill.trainer.export.json_file import write_json
from hanmill.trainer.export.mlma import save_language_model
from hanmill.trainer.model_spec import TaggingSpec
from hanmill.trainer.tagging.language_model import load_language_model
from hanmill.trainer.tagging.saved import (
    CONFIG,
    LANGUAGE_MODEL,
    export_settings,
    read_best,
    read_source,
    read_tagger,
    save_source,
    save_vocabularies,
    save_weights,
)
from hanmill.trainer.tagging.taggers import Tagging


def export_tagger(spec: TaggingSpec[Any, Any], run: Path, output: Path) -> None:
    """Writes the best model of a run. Raises CheckpointError."""
    tagging = read_tagger(spec, run)
    source = read_source(run)
    output.mkdir(parents=True, exist_ok=True)
    if source.language_model is not None:
        save_language_model(load_language_model(source.language_model), output / LANGUAGE_MODEL)
    save_weights(output, tagging.learnt)
    save_vocabularies(output, tagging)
    write_json(output / CONFIG, export_settings(run, tagging.name))
    save_source(output, replace(source, language_model=None))
    (output / "README.md").write_text(_card(spec, tagging, source.language, read_best(run)), encoding="utf-8")


def _card(spec: TaggingSpec[Any, Any], tagging: Tagging, language: str, best: dict[str, float] | None) -> str:
    sizes = ", ".join(f"{name} {len(items):,}" for name, items in tagging.vocabularies.items())
    total = sum(weight.numel() for weight in tagging.learnt.parameters())
    reached = "" if best is None else f"{tagging.config.fit.metric} {best['reached']:.4f}"
    return f"""---
language: [{language}]
tags: [token-classification]
---
# {spec.title}

{spec.summary} {total:,} parameters. Trained with hanmill on data in `{language}`; best epoch on the development
set: {reached}. `hanmill.trainer.tagging.load.load_tagger` reads this folder.

Vocabularies: {sizes}. Tags: {", ".join(tagging.vocabularies["tags"])}.
"""
