"""Taggers by what is in their folder."""

from __future__ import annotations

from pathlib import Path

from hanmill.trainer.errors import CheckpointError
from hanmill.trainer.model_spec import TaggingSpec
from hanmill.trainer.registry import find_model
from hanmill.trainer.tagging.saved import model_name, read_tagger
from hanmill.trainer.tagging.taggers import Tagging


def load_tagger(folder: Path, language: str | None = None) -> Tagging:
    """The best model of a run, or an exported tagger, for its own language or another of its language model.

    Raises CheckpointError naming the file.
    """
    name = model_name(folder)
    spec = find_model(name)
    if not isinstance(spec, TaggingSpec):
        raise CheckpointError(f"{folder}: found a run of {name}, expected one of a tagger")
    return read_tagger(spec, folder, language)
