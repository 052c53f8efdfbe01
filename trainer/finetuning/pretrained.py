"""The encoder that a task begins with, by what is in its folder."""

from __future__ import annotations

from pathlib import Path

from hanmill.schemas.typed_mapping import SettingError, from_mapping
from hanmill.trainer.errors import CheckpointError
from hanmill.trainer.finetuning.backbone import Backbone, BackboneSettings, is_run, load_run
from hanmill.trainer.public_weights.folder import CONFIG
from hanmill.trainer.public_weights.load import load_public
from hanmill.trainer.runs.checkpoint import best_checkpoint, run_folder
from hanmill.trainer.runs.sealed_json import read_sealed

#: What a fine-tuned run says of its encoder, beside its checkpoints; names in its checkpoints begin with the prefix.
ENCODER, PREFIX = "encoder.json", "encoder."


def load_backbone(folder: Path) -> Backbone:
    """A run of pretraining or of fine-tuning, one of its checkpoints, an export, or published weights.

    Raises CheckpointError naming what was found and what was expected.
    """
    if (run_folder(folder) / ENCODER).is_file():
        settings = read_settings(run_folder(folder))
        weights = best_checkpoint(folder)[1].weights
        own = {name.removeprefix(PREFIX): weight for name, weight in weights.items() if name.startswith(PREFIX)}
        return Backbone(settings, own)
    if is_run(folder):
        return load_run(folder)
    if (folder / CONFIG).is_file():
        return load_public(folder)
    found = "a folder without either" if folder.is_dir() else "a file" if folder.exists() else "nothing"
    raise CheckpointError(f"{folder}: found {found}, expected a run or a folder with {CONFIG} and weights")


def read_settings(run: Path) -> BackboneSettings:
    """``encoder.json`` of a fine-tuned run. Raises CheckpointError naming the file."""
    path = run / ENCODER
    try:
        return from_mapping(BackboneSettings, read_sealed(path))
    except SettingError as error:
        raise CheckpointError(f"{path}: found no encoder of a fine-tuned run ({error})") from error
