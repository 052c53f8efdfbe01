"""Checkpoints are whole or absent, hold data only, and the newest wins."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from trainer.checkpoint import Checkpoint, Checkpoints, Progress, load_checkpoint
from trainer.errors import CheckpointError


def checkpoint(step: int, stage: int = 0) -> Checkpoint:
    progress = Progress(stage, step, 2, 17, 3.5, 40)
    return Checkpoint("unihanlm", {"a": 1}, "f" * 64, progress, {"w": torch.arange(3.0)}, {"state": {}})


def test_round_trip_and_pruning(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, keep=2)
    assert checkpoints.newest() is None
    for stage, step in ((0, 5), (0, 10), (1, 2)):
        checkpoints.save(checkpoint(step, stage))
    assert [path.name for path in checkpoints.paths()] == ["step-00-000000010.pt", "step-01-000000002.pt"]
    found = checkpoints.newest()
    assert found is not None
    assert found[1].progress == Progress(1, 2, 2, 17, 3.5, 40)
    assert torch.equal(found[1].weights["w"], torch.arange(3.0))


def test_an_unfinished_file_is_never_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints = Checkpoints(tmp_path, keep=2)
    checkpoints.save(checkpoint(5))

    def full_disk(content: object, file: object) -> None:
        file.write(b"PK half of it")  # type: ignore[attr-defined]
        raise OSError("no space left")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(OSError, match="no space"):
        checkpoints.save(checkpoint(10))
    assert (tmp_path / "step-00-000000010.unfinished").is_file()
    found = checkpoints.newest()
    assert found is not None
    assert found[1].progress.step == 5


@pytest.mark.parametrize("damage", [b"", b"not a checkpoint", "half"])
def test_damage_is_named(tmp_path: Path, damage: bytes | str) -> None:
    path = Checkpoints(tmp_path, keep=2).save(checkpoint(5))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2] if damage == "half" else damage)
    with pytest.raises(CheckpointError, match=r"step-00-000000005\.pt: found a damaged or foreign file") as caught:
        load_checkpoint(path)
    assert "\n" not in str(caught.value)


class Payload:
    def __reduce__(self) -> tuple:
        return (print, ("code ran",))


def test_code_is_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "step-00-000000001.pt"
    torch.save({"version": 1, "model": Payload()}, path)
    with pytest.raises(CheckpointError, match="damaged or foreign"):
        load_checkpoint(path)
    assert "code ran" not in capsys.readouterr().out


def test_other_version_or_fields(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    torch.save({"version": 99}, path)
    with pytest.raises(CheckpointError, match="version of the checkpoint: 99; of this program: 1"):
        load_checkpoint(path)
    torch.save({"version": 1, "progress": {"stage": 0}}, path)
    with pytest.raises(CheckpointError, match="lacks or misspells a field"):
        load_checkpoint(path)
