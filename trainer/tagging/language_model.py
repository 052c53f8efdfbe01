"""The trained MLMA that a tagger reads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file

from hanmill.schemas.typed_mapping import SettingError, from_mapping
from hanmill.trainer.data.vocabulary import WordVocabularies
from hanmill.trainer.errors import CheckpointError
from hanmill.trainer.models.mlma import MLMA, MLMAConfig
from hanmill.trainer.runs.checkpoint import newest_checkpoint, run_folder
from hanmill.trainer.runs.checkpoint_folder import INDEX

#: Files of an exported language model.
CONFIG, WEIGHTS = "config.json", "model.safetensors"


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A trained MLMA; ``words`` gives the words of each language by model id, in the order of the embeddings."""

    model: MLMA
    config: MLMAConfig
    words: dict[str, tuple[str, ...]]


def load_language_model(folder: Path) -> LanguageModel:
    """A run (its newest checkpoint) or an exported folder. Raises CheckpointError naming the file."""
    if (folder / CONFIG).exists():
        path = folder / CONFIG
        try:
            settings = json.loads(path.read_text(encoding="utf-8"))["training"]
            weights = load_file(folder / WEIGHTS)
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            raise CheckpointError(f"{folder}: found no MLMA exported by hanmill ({error})") from error
    else:
        if not any((folder / name).exists() for name in ("checkpoints", INDEX)):
            raise CheckpointError(f"{folder}: found neither config.json nor a checkpoint, expected an MLMA")
        path, checkpoint = newest_checkpoint(folder)
        if checkpoint.model != "mlma":
            raise CheckpointError(f"{path}: checkpoint of {checkpoint.model}, expected one of mlma")
        settings, weights = checkpoint.config, checkpoint.weights
    try:
        config = from_mapping(MLMAConfig, settings)
    except SettingError as error:
        raise CheckpointError(f"{path}: {error}") from error
    words = WordVocabularies.load(run_folder(folder)).words
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
