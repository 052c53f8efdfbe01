"""What a run of a tagger leaves beside its checkpoints, source and vocabularies; taggers from their folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from hanmill.schemas.typed_mapping import from_mapping
from hanmill.schemas.yaml_mapping import read_yaml_mapping
from hanmill.trainer.errors import CheckpointError
from hanmill.trainer.model_spec import TaggingSpec
from hanmill.trainer.runs.checkpoint import Checkpoints, best_checkpoint, newest_checkpoint
from hanmill.trainer.runs.checkpoint_folder import INDEX
from hanmill.trainer.runs.sealed_json import read_sealed, write_sealed
from hanmill.trainer.runs.tensor_file import save_tensors
from hanmill.trainer.tagging.taggers import TaggerSource, Tagging

_WEIGHTS, _VOCABULARIES, _SOURCE = "best.safetensors", "vocabularies.json", "source.json"
#: Only in an exported folder.
CONFIG, LANGUAGE_MODEL = "config.json", "language_model"
_MODEL_TYPE = "hanmill-"


def save_source(folder: Path, source: TaggerSource) -> None:
    """Notes what the tagger was made from."""
    model = source.language_model
    path = None if model is None else str(model.resolve())
    value = {"language_model": path, "language": source.language, "others": source.others}
    (folder / _SOURCE).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def read_source(folder: Path) -> TaggerSource:
    """Raises CheckpointError naming the folder."""
    try:
        value = json.loads((folder / _SOURCE).read_text(encoding="utf-8"))
        model = value["language_model"]
        others = tuple(value.get("others", ()))
        return TaggerSource(None if model is None else Path(model), value["language"], others)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder}: found no tagger trained by hanmill ({error})") from error


def save_vocabularies(folder: Path, tagging: Tagging) -> None:
    """Writes ``vocabularies.json``, with its digest."""
    write_sealed(folder / _VOCABULARIES, tagging.vocabularies)


def read_vocabularies(run: Path) -> dict[str, tuple[str, ...]]:
    """Raises CheckpointError naming the file."""
    path = run / _VOCABULARIES
    try:
        return {name: tuple(items) for name, items in read_sealed(path).items()}
    except TypeError as error:
        raise CheckpointError(f"{path}: found no vocabularies of a tagger ({error})") from error


def save_weights(folder: Path, learnt: torch.nn.Module) -> None:
    """Writes ``best.safetensors`` of an exported tagger."""
    weights = {name: weight.detach().cpu().contiguous() for name, weight in learnt.state_dict().items()}
    save_tensors(weights, folder / _WEIGHTS)


def read_best(run: Path) -> dict[str, float] | None:
    """``epoch`` and ``reached`` of the best epoch so far; None before the first, and in an exported folder."""
    if not Checkpoints(run / "checkpoints", 1).paths("best"):
        return None
    progress = best_checkpoint(run)[1].progress
    return {"epoch": progress.epoch, "reached": progress.best or 0.0}


def has_begun(run: Path) -> bool:
    """Whether there is something to go on from."""
    checkpoints = Checkpoints(run / "checkpoints", 1)
    return bool(checkpoints.paths() or checkpoints.paths("best"))


def weights_file(run: Path) -> Path:
    """What names the best weights of a run by its bytes: the index of the checkpoint, or an exported file.

    Raises CheckpointError where there is none.
    """
    exported = run / _WEIGHTS
    return exported if exported.is_file() else best_checkpoint(run)[0] / INDEX


def read_weights(run: Path) -> dict[str, torch.Tensor]:
    """The best weights of a run, or an exported tagger's. Raises CheckpointError naming the file."""
    path = run / _WEIGHTS
    if not path.is_file():
        return best_checkpoint(run)[1].weights
    try:
        weights: dict[str, torch.Tensor] = load_file(path)
        return weights
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path}: found no weights of a tagger ({error})") from error


def load_best(tagging: Tagging, run: Path) -> None:
    """Gives the model the weights of the best epoch."""
    tagging.learnt.load_state_dict(read_weights(run))


def export_settings(run: Path, name: str) -> dict[str, Any]:
    """``config.json`` of an exported tagger."""
    settings = read_yaml_mapping((run / "config.yaml").read_text(encoding="utf-8"))
    return {"model_type": f"{_MODEL_TYPE}{name}", "training": settings}


def model_name(folder: Path) -> str:
    """Which model a run or an exported tagger is of. Raises CheckpointError naming the folder."""
    if (folder / CONFIG).exists():
        return str(_exported(folder)["model_type"]).removeprefix(_MODEL_TYPE)
    return newest_checkpoint(folder)[1].model


def read_tagger(spec: TaggingSpec[Any, Any], folder: Path, language: str | None = None) -> Tagging:
    """The best model of a run, or an exported tagger, for its own language or another of its language model.

    Raises CheckpointError naming the file.
    """
    source = read_source(folder)
    exported = (folder / CONFIG).exists()
    try:
        config = from_mapping(
            spec.config,
            _exported(folder)["training"]
            if exported
            else read_yaml_mapping((folder / "config.yaml").read_text(encoding="utf-8")),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder}: found no tagger trained by hanmill ({error})") from error
    model = source.language_model
    if exported and spec.reads_language_model:
        model = folder / LANGUAGE_MODEL
        if not model.exists():
            raise CheckpointError(f"{model}: not found; expected the language model that the tagger reads")
    tagging = spec.assemble(config, read_vocabularies(folder), TaggerSource(model, language or source.language))
    load_best(tagging, folder)
    return tagging


def _exported(folder: Path) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        if "model_type" not in value:
            raise KeyError("model_type")
        return value
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder}: found no tagger trained by hanmill ({error})") from error
