"""Other places that a run's numbers are sent to, where their programs are installed; ``log.jsonl`` stays the truth."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

from hanmill.trainer.errors import ConfigError

TrackerName = Literal["tensorboard", "wandb", "mlflow"]


class Tracker(Protocol):
    """Takes numbers by name."""

    def write(self, values: Mapping[str, float], step: int) -> None:
        """Values such as ``train/loss``, after so many steps of all stages."""
        ...

    def close(self) -> None:
        """Sends or writes what is left."""
        ...


class TensorBoard:
    """Event files in ``RUN/tensorboard``."""

    def __init__(self, run: Path, settings: Mapping[str, Any]) -> None:
        self._writer = importlib.import_module("torch.utils.tensorboard").SummaryWriter(str(run / "tensorboard"))

    def write(self, values: Mapping[str, float], step: int) -> None:
        """A scalar each."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        """Flushes."""
        self._writer.close()


class WeightsAndBiases:
    """A run in ``RUN/wandb``, offline unless ``WANDB_MODE`` says otherwise; ``wandb sync`` sends it."""

    def __init__(self, run: Path, settings: Mapping[str, Any]) -> None:
        self._run = importlib.import_module("wandb").init(
            project="hanmill", name=run.name, id=run.name, dir=str(run), resume="allow", config=dict(settings),
            mode=os.environ.get("WANDB_MODE", "offline"),
        )  # fmt: skip

    def write(self, values: Mapping[str, float], step: int) -> None:
        """One row."""
        self._run.log(dict(values), step=step)

    def close(self) -> None:
        """Ends the run."""
        self._run.finish()


class MLflow:
    """An experiment in ``RUN/mlflow`` unless ``MLFLOW_TRACKING_URI`` names a server."""

    def __init__(self, run: Path, settings: Mapping[str, Any]) -> None:
        self._mlflow = importlib.import_module("mlflow")
        if "MLFLOW_TRACKING_URI" not in os.environ:
            self._mlflow.set_tracking_uri((run / "mlflow").resolve().as_uri())
        self._mlflow.set_experiment("hanmill")
        self._mlflow.start_run(run_name=run.name)
        self._mlflow.log_dict(dict(settings), "config.json")

    def write(self, values: Mapping[str, float], step: int) -> None:
        """One batch of metrics."""
        self._mlflow.log_metrics(dict(values), step=step)

    def close(self) -> None:
        """Ends the run."""
        self._mlflow.end_run()


_KINDS: dict[str, tuple[str, Callable[[Path, Mapping[str, Any]], Tracker]]] = {
    "tensorboard": ("tensorboard", TensorBoard),
    "wandb": ("wandb", WeightsAndBiases),
    "mlflow": ("mlflow", MLflow),
}


def open_trackers(names: tuple[str, ...], run: Path, settings: Mapping[str, Any]) -> list[Tracker]:
    """Those asked for. Raises ConfigError naming the package of one that is not installed."""
    trackers = []
    for name in names:
        package, kind = _KINDS[name]
        try:
            trackers.append(kind(run, settings))
        except ImportError as error:
            raise ConfigError(f"loop.trackers: {name}: package {package} not installed ({error})") from error
    return trackers
