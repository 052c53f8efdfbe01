"""Numbers of the log are sent on, to stand-ins of the programs that may be installed."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from hanmill.trainer.errors import ConfigError
from hanmill.trainer.runs.log import Log, read_log


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """What the stand-ins were given."""
    found: list[tuple] = []
    wandb, mlflow, board = ModuleType("wandb"), ModuleType("mlflow"), ModuleType("torch.utils.tensorboard")

    def init(**settings: object) -> SimpleNamespace:
        found.append(("wandb", settings["mode"], settings["config"], Path(str(settings["dir"])).name))
        return SimpleNamespace(
            log=lambda values, step: found.append(("wandb", values, step)),
            finish=lambda: found.append(("wandb", "end")),
        )

    wandb.init = init
    mlflow.set_tracking_uri = lambda uri: found.append(("mlflow", uri.rsplit("/", 1)[1]))
    mlflow.set_experiment = lambda name: None
    mlflow.start_run = lambda run_name: None
    mlflow.log_dict = lambda settings, name: found.append(("mlflow", settings))
    mlflow.log_metrics = lambda values, step: found.append(("mlflow", values, step))
    mlflow.end_run = lambda: found.append(("mlflow", "end"))
    board.SummaryWriter = lambda folder: SimpleNamespace(
        add_scalar=lambda name, value, step: found.append(("board", name, value, step)), close=lambda: None
    )
    for name, module in (("wandb", wandb), ("mlflow", mlflow), ("torch.utils.tensorboard", board)):
        monkeypatch.setitem(sys.modules, name, module)
    for name in ("WANDB_MODE", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    return found


def test_numbers_are_sent_offline(tmp_path: Path, sent: list) -> None:
    log = Log(tmp_path / "run", True, ("tensorboard", "wandb", "mlflow"), {"loop": {"seed": 1}})
    log.write("train", 7, stage="cluster", loss=2.5, mfu=None, rate=float("nan"))
    log.close()
    assert sent == [
        ("wandb", "offline", {"loop": {"seed": 1}}, "run"),
        ("mlflow", "mlflow"),
        ("mlflow", {"loop": {"seed": 1}}),
        ("board", "train/loss", 2.5, 7),
        ("wandb", {"train/loss": 2.5}, 7),
        ("mlflow", {"train/loss": 2.5}, 7),
        ("wandb", "end"),
        ("mlflow", "end"),
    ]
    (line,) = read_log(tmp_path / "run" / "log.jsonl")
    assert line == {"event": "train", "stage": "cluster", "loss": 2.5, "mfu": None, "rate": None}


def test_other_ranks_send_nothing(tmp_path: Path, sent: list) -> None:
    log = Log(tmp_path / "run", False, ("wandb",))
    log.write("train", 7, loss=2.5)
    log.close()
    assert not sent


def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(ConfigError, match=r"loop\.trackers: wandb: package wandb not installed"):
        Log(tmp_path / "run", True, ("wandb",))
