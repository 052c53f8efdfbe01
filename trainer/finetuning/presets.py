"""How the papers fine-tune, by name."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from hanmill.trainer.configs.fit import FitConfig, Metric
from hanmill.trainer.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Preset:
    """A row of ``data/presets.tsv``."""

    batch: int
    learning_rate: float
    epochs: int
    warmup: float
    weight_decay: float
    dropout: float
    max_length: int
    source: str

    def fit(
        self, metric: Metric, *, epochs: int | None = None, batch: int | None = None, rate: float | None = None,
        patience: int | None = None, seed: int = 1,
    ) -> FitConfig:  # fmt: skip
        """How a task is learnt, what is given in the place of the preset's."""
        epochs = epochs or self.epochs
        return FitConfig(
            epochs=epochs, patience=patience or epochs, batch=batch or self.batch,
            learning_rate=rate or self.learning_rate, metric=metric, seed=seed, schedule="linear", warmup=self.warmup,
            weight_decay=self.weight_decay, clip=1.0,
        )  # fmt: skip


@cache
def presets() -> dict[str, Preset]:
    """All of them."""
    text = resources.files(__package__).joinpath("data/presets.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader((line for line in text.splitlines() if not line.startswith("#")), delimiter="\t")
    return {
        row["name"]: Preset(
            int(row["batch"]), float(row["learning_rate"]), int(row["epochs"]), float(row["warmup"]),
            float(row["weight_decay"]), float(row["dropout"]), int(row["max_length"]), row["source"],
        )
        for row in rows
    }  # fmt: skip


def find_preset(name: str) -> Preset:
    """Raises ConfigError naming the presets there are."""
    if name not in presets():
        raise ConfigError(f"preset: found {name!r}, expected one of {', '.join(presets())}")
    return presets()[name]
