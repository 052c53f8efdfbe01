"""A new model is the files that CONTRIBUTING names: the commands find it, train it and export it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file

from hanmill.trainer.configs.config_file import load_config
from hanmill.trainer.errors import ConfigError
from hanmill.trainer.registry import MODELS, find_model

MODEL = '''"""Continuous bag of words (Mikolov et al. 2013) over characters."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import nn
from torch.nn import functional

from hanmill.trainer.configs.loop import LoopConfig
from hanmill.trainer.configs.stage import StageConfig
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.data.masking import MaskingConfig
from hanmill.trainer.data.row_format import DataConfig
from hanmill.trainer.data.specials import Specials
from hanmill.trainer.data.stream import StreamFormat

SPECIALS = Specials(count=4, padding=0, unknown=1, mask=2, begin=3, end=3)


@dataclass(frozen=True, slots=True)
class CBOWConfig:
    """``reach`` characters on either side are seen."""

    data: DataConfig
    stages: tuple[StageConfig, ...]
    masking: MaskingConfig = field(default_factory=MaskingConfig)
    loop: LoopConfig = field(default_factory=LoopConfig)
    hidden: int = 24
    reach: int = 2
    vocabulary_size: int = 1000


class CBOW(nn.Module):
    """Embeddings, their mean over a window, and a linear layer."""

    def __init__(self, config: CBOWConfig, tokens: int) -> None:
        super().__init__()
        self.reach = config.reach
        self.characters = nn.Embedding(tokens, config.hidden)
        self.output = nn.Linear(config.hidden, tokens)

    def forward(self, batch: MaskedBatch) -> torch.Tensor:
        """Logits of the places to predict, [targets, vocabulary]."""
        embedded = self.characters(batch.ids).transpose(1, 2)
        near = functional.avg_pool1d(embedded, 2 * self.reach + 1, 1, self.reach).transpose(1, 2)
        return self.output(near.flatten(0, 1)[batch.places])


def stream_format(config: CBOWConfig, stage: StageConfig, corpus: Corpus) -> StreamFormat:
    """Characters as themselves."""
    return StreamFormat(
        specials=SPECIALS, model_ids=SPECIALS.model_ids(corpus.size),
        data=config.data.shaped(stage.shape), masking=config.masking.shaped(stage.shape), seed=config.loop.seed,
    )
'''
CONFIGURATION = """
data: {window: 32, global_batch: 12, micro_batch: 6, languages: [zh, ja], validation_rows: 24}
stages: [{name: pretraining, steps: 24, learning_rate: 0.02, warmup: 0, schedule: constant}]
loop: {log_every: 1, evaluate_every: 24, checkpoint_every: 6}
"""
EXPORT = '''"""CBOW as safetensors."""

from __future__ import annotations

from pathlib import Path

from hanmill.trainer.export.character_model import write_model
from hanmill.trainer.runs.checkpoint import newest_checkpoint


def export_cbow(run: Path, output: Path) -> None:
    """Writes the newest checkpoint of a run. Raises CheckpointError."""
    _, checkpoint = newest_checkpoint(run)
    output.mkdir(parents=True, exist_ok=True)
    write_model(output, {"model_type": "hanmill-cbow", "training": checkpoint.config}, checkpoint.weights)
'''
ENTRY = """
CBOW = PretrainingSpec(
    name="cbow",
    title="CBOW",
    summary="A character from the mean of those around it (Mikolov et al. 2013).",
    config=cbow.CBOWConfig,
    built_in=("tiny",),
    build=lambda config, sizes: cbow.CBOW(config, sizes["tokens"]),
    nominal_sizes=lambda config: {"tokens": config.vocabulary_size},
    sizes=lambda config, corpus: {"tokens": cbow.SPECIALS.vocabulary_size(corpus.size)},
    vocabulary=lambda config, corpus: CharacterVocabulary(("",) * cbow.SPECIALS.count + corpus.characters[1:], ()),
    batches=lambda config, corpus, ranks: RowSource(
        corpus, config.data.languages, lambda stage: cbow.stream_format(config, stage, corpus), ranks
    ),
    objective=lambda config: MaskedLanguageModelling(),
    flops_per_token=lambda model, config, stage: 6.0 * sum(weight.numel() for weight in model.output.parameters()),
    export=export_cbow,
)
"""
IMPORTS = """
from hanmill.trainer.data.vocabulary import CharacterVocabulary
from hanmill.trainer.export.cbow import export_cbow
from hanmill.trainer.models import cbow
"""


@pytest.fixture
def with_cbow(repository: Path, tmp_path: Path) -> Path:
    """A copy of the trainer with one model more, by the files of CONTRIBUTING's table."""
    row = next(
        line
        for line in (repository / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| a model |")
    )
    named = {name.replace("NAME", "cbow").replace("SIZE", "tiny") for name in re.findall(r"`(trainer/[\w/.-]+)`", row)}
    written = {
        "trainer/models/cbow.py": MODEL,
        "trainer/configs/cbow-tiny.yaml": CONFIGURATION,
        "trainer/export/cbow.py": EXPORT,
    }
    assert named == {*written, "trainer/registry.py"}
    program = tmp_path / "hanmill"
    shutil.copytree(repository / "hanmill", program, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in written.items():
        assert not (program / name).exists()
        (program / name).write_text(text, encoding="utf-8")
    registry = program / "trainer" / "registry.py"
    text = registry.read_text(encoding="utf-8")
    first, rest = text.split("\nMODELS: ")
    head, body = first.split("import torch\n")
    listed = rest.replace("for spec in (UNIHANLM", "for spec in (CBOW, UNIHANLM")
    assert listed != rest
    registry.write_text(f"{head}import torch\n{IMPORTS}{body}{ENTRY}\nMODELS: {listed}", encoding="utf-8")
    return tmp_path


def test_a_new_model_trains_by_the_files_that_contributing_names(with_cbow: Path, corpus_folder: Path) -> None:
    def trainer(*arguments: str | Path) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "hanmill", *map(str, arguments)], cwd=with_cbow, capture_output=True, text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(with_cbow)}, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "cbow" in trainer("train", "--help")
    assert trainer("train", "cbow", "--count-parameters").strip() == f"{1000 * 24 + 24 * 1000 + 1000:,}"
    run = with_cbow / "run"
    trainer("train", "cbow", "--corpus", corpus_folder, "--output", run)
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    first, last = (line for line in lines if line["event"] == "validation")
    assert last["step"] == 24
    assert last["loss"] < first["loss"] - 1
    assert len([line for line in lines if line["event"] == "train"]) == 24
    trainer("export-model", run, with_cbow / "exported")
    assert set(load_file(with_cbow / "exported" / "model.safetensors")) == {
        "characters.weight", "output.weight", "output.bias",
    }  # fmt: skip


def test_every_built_in_configuration_is_registered(repository: Path) -> None:
    files = {path.stem for path in (repository / "trainer" / "configs").glob("*.yaml")}
    assert files == {f"{name}-{size}" for name, spec in MODELS.items() for size in spec.built_in}
    for spec in MODELS.values():
        assert isinstance(load_config(spec, spec.built_in[0]), spec.config)


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(ConfigError, match=r"found 'gpt', expected one of unihanlm, chinesebert, mlma, tagger, mom"):
        find_model("gpt")
