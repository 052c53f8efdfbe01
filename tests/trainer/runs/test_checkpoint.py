"""Checkpoints are whole or absent, hold data only, and the newest wins."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import torch

from hanmill.trainer.errors import CheckpointError, DamagedCheckpoint
from hanmill.trainer.runs.checkpoint import Checkpoint, Checkpoints, Progress, load_checkpoint


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
    with pytest.raises(CheckpointError, match=r"step-00-000000010\.pt: cannot be written: no space left"):
        checkpoints.save(checkpoint(10))
    # Behind the training's back the failure comes with the next wait.
    checkpoints.save_behind(checkpoint(15))
    with pytest.raises(CheckpointError, match=r"step-00-000000015\.pt: cannot be written: no space left"):
        checkpoints.wait()
    checkpoints.wait()
    assert (tmp_path / "step-00-000000010.unfinished").is_file()
    found = checkpoints.newest()
    assert found is not None
    assert found[1].progress.step == 5


def test_training_goes_on_while_a_checkpoint_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints = Checkpoints(tmp_path, keep=2)
    may_write, real_save = threading.Event(), torch.save

    def slow_disk(content: object, file: object) -> None:
        assert may_write.wait(60)
        real_save(content, file)

    monkeypatch.setattr(torch, "save", slow_disk)
    checkpoints.save_behind(checkpoint(5))
    assert checkpoints.paths() == []
    may_write.set()
    checkpoints.save_behind(checkpoint(10))
    # The next one has waited for the one before.
    assert "step-00-000000005.pt" in [path.name for path in checkpoints.paths()]
    checkpoints.wait()
    assert [path.name for path in checkpoints.paths()] == ["step-00-000000005.pt", "step-00-000000010.pt"]


def test_the_newest_whole_one_is_taken(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, keep=3)
    paths = [checkpoints.save(checkpoint(step)) for step in (5, 10, 15)]
    paths[2].write_bytes(paths[2].read_bytes()[:700])
    paths[1].write_bytes(b"")
    found = checkpoints.newest()
    assert found is not None
    assert found[0] == paths[0]
    assert [line.split(": ")[0] for line in checkpoints.damaged] == [str(paths[2]), str(paths[1])]
    paths[0].write_bytes(b"PK")
    with pytest.raises(DamagedCheckpoint, match=r"step-00-000000015\.pt: found a damaged"):
        Checkpoints(tmp_path, keep=3).newest()


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
