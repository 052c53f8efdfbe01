"""Export of any run, by what is in its folder."""

from __future__ import annotations

from pathlib import Path

from trainer.checkpoint import Checkpoints
from trainer.errors import CheckpointError
from trainer.export import hugging_face
from trainer.export.mlma import export_language_model
from trainer.export.tagger import export_tagger


def export_run(run: Path, output: Path) -> None:
    """Writes the newest checkpoint of a run, of a tagger its best epoch. Raises CheckpointError."""
    found = Checkpoints(run / "checkpoints", 1).newest()
    if found is None:
        raise CheckpointError(f"{run}: found no checkpoint, expected a run of `hanmill train`")
    writers = {"mlma": export_language_model, "tagger": export_tagger, "mom": export_tagger}
    writers.get(found[1].model, hugging_face.export_run)(run, output)
