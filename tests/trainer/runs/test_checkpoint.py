"""Checkpoints are whole or absent, carry digests of every byte, hold data only, and the newest wins."""

from __future__ import annotations

import random
import re
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from hanmill.trainer.errors import CheckpointError, DamagedCheckpoint
from hanmill.trainer.runs import checkpoint as runs_checkpoint
from hanmill.trainer.runs import checkpoint_folder, share_files
from hanmill.trainer.runs.checkpoint import Checkpoint, Checkpoints, Progress, load_checkpoint, newest_checkpoint
from hanmill.trainer.runs.shares import WHOLE, Part, Share, own_rows


def checkpoint(step: int, stage: int = 0) -> Checkpoint:
    progress = Progress(stage, step, 2, 17, 3.5, 40)
    tied = torch.arange(12.0)
    weights = {"w": torch.full((3,), float(step)), "part": tied[4:8], "half": torch.ones(5, dtype=torch.bfloat16)}
    moments = {"step": torch.tensor(4.0), "exp_avg": torch.linspace(0, step, 64)}
    groups = [{"lr": 1e-3, "betas": (0.9, 0.98), "params": [0], "foreach": None, "fused": True}]
    return Checkpoint(
        "unihanlm", {"a": 1}, "f" * 64, progress, weights, {"state": {0: moments}, "param_groups": groups}
    )


def save_in_shares(folder: Path, saved: Checkpoint, world: int, keep: int = 2, start: str = "a") -> list[Checkpoints]:
    """What all ranks of a run do, one after another."""
    ranks = [Checkpoints(folder, keep, Share(rank, world), start) for rank in range(world)]
    for rank in ranks:
        rank.save_behind(saved)
    for rank in ranks:
        rank.wait()
    return ranks


@pytest.mark.parametrize("world", [2, 3, 5, 8])
def test_shares_of_any_number_are_the_whole(tmp_path: Path, world: int) -> None:
    expected = checkpoint(10)
    expected.weights["none"] = torch.zeros(0, 4)
    expected.weights["wide"] = torch.arange(21.0).reshape(7, 3).T
    save_in_shares(tmp_path, expected, world)
    found = load_checkpoint(tmp_path / "step-00-000000010")
    assert found.weights.keys() == expected.weights.keys()
    for name, weight in expected.weights.items():
        assert found.weights[name].dtype == weight.dtype
        assert torch.equal(found.weights[name], weight)
    moments, wanted = found.optimizer["state"][0], expected.optimizer["state"][0]
    assert all(torch.equal(moments[name], wanted[name]) for name in wanted)
    assert found.progress == expected.progress
    # Only files that the index names are left, equally large where the tensors allow.
    files = sorted(path.name for path in (tmp_path / "step-00-000000010").iterdir())
    assert len(files) == 2 * world + 1
    large = torch.zeros(world * 1000, 8)
    rows = [own_rows({"large": large}, Share(rank, world))["large"].tensor for rank in range(world)]
    assert [len(part) for part in rows] == [1000] * world
    assert all(part.untyped_storage().nbytes() == 32000 for part in rows)


@pytest.mark.parametrize(("written", "read"), [(1, 3), (3, 1), (3, 3), (4, 3), (3, 5), (2, 9)])
def test_rows_are_read_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int, read: int) -> None:
    monkeypatch.setattr(share_files, "_CHUNK", 64)
    expected = checkpoint(10)
    more = {"none": torch.zeros(0, 4), "wide": torch.arange(66.0).reshape(3, 22).T, "table": torch.arange(7).byte()}
    expected.weights.update(more)
    save_in_shares(tmp_path, expected, written)
    path = tmp_path / "step-00-000000010"
    opened: list[str] = []
    real = share_files.safe_open
    monkeypatch.setattr(share_files, "safe_open", lambda path, kind: opened.append(path.name) or real(path, kind))
    found = []
    for rank in range(read):
        opened.clear()
        found.append(load_checkpoint(path, Part(Share(rank, read), frozenset({"table"}))))
        if written == read and rank:
            # Its own, and, of the optimiser, a number that the first has. The table is in all.
            mine = {f"optimizer-{share}.safetensors" for share in (Share(0, read), Share(rank, read))}
            assert {name for name in opened if name.startswith("optimizer")} == mine
    for name, weight in expected.weights.items():
        parts = [one.weights[name] for one in found]
        assert all(part.dtype == weight.dtype for part in parts)
        assert torch.equal(parts[-1] if name == "table" else torch.cat(parts), weight)
        cut = [own_rows(weight, Share(rank, read)).tensor for rank in range(read)]
        assert name == "table" or [len(part) for part in parts] == [0 if rows is None else len(rows) for rows in cut]
    moments = [one.optimizer["state"][0] for one in found]
    assert torch.equal(torch.cat([one["exp_avg"] for one in moments]), expected.optimizer["state"][0]["exp_avg"])
    assert all(one["step"] == 4.0 for one in moments)


def test_every_byte_is_checked_by_a_rank_that_reads_it(tmp_path: Path) -> None:
    save_in_shares(tmp_path / "sound", checkpoint(10), 3)
    draw = random.Random(7)
    met = Counter[tuple[int, ...]]()
    for number in range(200):
        shutil.copytree(tmp_path / "sound", tmp_path / "damaged")
        victim = tmp_path / "damaged" / "step-00-000000010" / FILES[number % 6]
        flip(victim, draw)
        refusing = []
        for rank in range(2):
            try:
                load_checkpoint(victim.parent, Part(Share(rank, 2)))
            except DamagedCheckpoint as error:
                refusing.append((rank, str(error)))
        assert refusing
        assert all(line.startswith(f"{victim}: sha256 found: ") for _, line in refusing)
        met[tuple(rank for rank, _ in refusing)] += 1
        shutil.rmtree(tmp_path / "damaged")
    # Some of it concerns one rank alone.
    assert len(met) == 3


def test_no_checkpoint_without_every_share(tmp_path: Path) -> None:
    save_in_shares(tmp_path, checkpoint(5), 3)
    ranks = [Checkpoints(tmp_path, 2, Share(rank, 3), "b") for rank in range(3)]
    # One of three was killed before it wrote.
    for rank in ranks[:2]:
        rank.save_behind(checkpoint(10))
        rank.wait_for_share()
    time.sleep(0.2)
    assert newest_checkpoint_step(tmp_path) == 5
    ranks[0].close()
    ranks[0].wait()
    assert newest_checkpoint_step(tmp_path) == 5
    # Another start, of fewer ranks, does not take what they left for its own, and clears it away.
    (left,) = tmp_path.glob("*.unfinished")
    assert left.name == "step-00-000000010.b.unfinished"
    again = Checkpoints(tmp_path, 2, Share(1, 2), "c")
    again.save_behind(checkpoint(10))
    again.wait()
    assert len(list(tmp_path.glob("*.unfinished"))) == 2
    again.clear()
    assert [path.name for path in tmp_path.iterdir()] == ["step-00-000000005"]


def test_a_share_on_another_file_system_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs_checkpoint, "_LATEST", 0.1)
    first = Checkpoints(tmp_path, 2, Share(0, 2), "a")
    first.save_behind(checkpoint(10))
    with pytest.raises(CheckpointError, match=r"share-00001-of-00002\.json: not found .* one file system for all"):
        first.wait()


def test_what_others_put_beside_them_stays(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, keep=1)
    shutil.copytree(checkpoints.save(checkpoint(5)), tmp_path / "step-backup")
    (tmp_path / "step-00-000000005 (copy)").mkdir()
    checkpoints.save(checkpoint(10))
    names = ["step-00-000000005 (copy)", "step-00-000000010", "step-backup"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert newest_checkpoint_step(tmp_path) == 10


def test_a_checkpoint_is_removed_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in the middle, it leaves no folder that looks like a checkpoint and is none."""
    checkpoints = Checkpoints(tmp_path, keep=1)
    checkpoints.save(checkpoint(5))

    def killed(path: Path) -> None:
        (path / "index.json").unlink()
        raise OSError("killed")

    monkeypatch.setattr(checkpoint_folder.shutil, "rmtree", killed)
    with pytest.raises(CheckpointError, match="step-00-000000005: cannot be removed: killed"):
        checkpoints.save(checkpoint(10))
    monkeypatch.undo()
    assert [path.name for path in checkpoints.paths()] == ["step-00-000000010"]
    checkpoints.clear()
    assert [path.name for path in tmp_path.iterdir()] == ["step-00-000000010"]


def test_round_trip_and_pruning(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, keep=2)
    assert checkpoints.newest() is None
    for stage, step in ((0, 5), (0, 10), (1, 2)):
        checkpoints.save(checkpoint(step, stage))
    assert [path.name for path in checkpoints.paths()] == ["step-00-000000010", "step-01-000000002"]
    found = checkpoints.newest()
    assert found is not None
    assert found[1].progress == Progress(1, 2, 2, 17, 3.5, 40)
    expected = checkpoint(2, 1)
    assert found[1].weights.keys() == expected.weights.keys()
    for name, weight in expected.weights.items():
        assert found[1].weights[name].dtype == weight.dtype
        assert torch.equal(found[1].weights[name], weight)
    (state,) = found[1].optimizer["state"].items()
    assert state[0] == 0
    assert torch.equal(state[1]["exp_avg"], torch.linspace(0, 2, 64))
    assert state[1]["step"].shape == ()
    (group,) = found[1].optimizer["param_groups"]
    assert group == {"lr": 1e-3, "betas": [0.9, 0.98], "params": [0], "foreach": None, "fused": True}


def test_what_was_read_is_not_written_to(tmp_path: Path) -> None:
    path = Checkpoints(tmp_path, keep=2).save(checkpoint(5))
    load_checkpoint(path).weights["w"].zero_()
    assert torch.equal(load_checkpoint(path).weights["w"], torch.full((3,), 5.0))


def test_others_may_read_what_they_may_read_of_any_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = Checkpoints(tmp_path, keep=2).save(checkpoint(5))
    assert {file.stat().st_mode for file in path.iterdir()} == {(tmp_path / "file").stat().st_mode}


def test_an_unfinished_folder_is_never_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints = Checkpoints(tmp_path, keep=2)
    checkpoints.save(checkpoint(5))

    def full_disk(tensors: object, path: Path, metadata: object) -> None:
        path.write_bytes(b"half of it")
        raise OSError("no space left")

    monkeypatch.setattr(share_files, "save_tensors", full_disk)
    with pytest.raises(CheckpointError, match=r"step-00-000000010\.unfinished: cannot be written: no space left"):
        checkpoints.save(checkpoint(10))
    # Behind the training's back the failure comes with the next wait.
    checkpoints.save_behind(checkpoint(15))
    with pytest.raises(CheckpointError, match=r"step-00-000000015\.unfinished: cannot be written: no space left"):
        checkpoints.wait()
    checkpoints.wait()
    assert (tmp_path / "step-00-000000010.unfinished").is_dir()
    found = checkpoints.newest()
    assert found is not None
    assert found[1].progress.step == 5
    # Whole files without an index are no checkpoint either.
    monkeypatch.undo()
    monkeypatch.setattr(checkpoint_folder, "write_sealed", lambda path, value: full_disk(value, path, None))
    with pytest.raises(CheckpointError, match="cannot be written"):
        checkpoints.save(checkpoint(20))
    assert [path.name for path in checkpoints.paths()] == ["step-00-000000005"]
    monkeypatch.undo()
    checkpoints.save(checkpoint(20))
    assert newest_checkpoint_step(tmp_path) == 20


def newest_checkpoint_step(folder: Path) -> int:
    found = Checkpoints(folder, 2).newest()
    assert found is not None
    return found[1].progress.step


def test_training_goes_on_while_a_checkpoint_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints = Checkpoints(tmp_path, keep=2)
    may_write, real_save = threading.Event(), share_files.save_tensors

    def slow_disk(*arguments: object, **named: object) -> None:
        assert may_write.wait(60)
        real_save(*arguments, **named)

    monkeypatch.setattr(share_files, "save_tensors", slow_disk)
    checkpoints.save_behind(checkpoint(5))
    assert checkpoints.paths() == []
    may_write.set()
    checkpoints.save_behind(checkpoint(10))
    # The next one has waited for the one before.
    assert "step-00-000000005" in [path.name for path in checkpoints.paths()]
    checkpoints.wait()
    assert [path.name for path in checkpoints.paths()] == ["step-00-000000005", "step-00-000000010"]


def flip(path: Path, draw: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    path.write_bytes(content)


def cut(path: Path, draw: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: draw.randrange(len(content))])


def zero(path: Path, draw: random.Random) -> None:
    content = path.read_bytes()
    start = draw.choice([place for place, byte in enumerate(content) if byte])
    stop = min(len(content), start + draw.randrange(1, 400))
    path.write_bytes(content[:start] + bytes(stop - start) + content[stop:])


def lengthen(path: Path, draw: random.Random) -> None:
    path.write_bytes(path.read_bytes() + draw.choice((b" ", b"\n", b"\0", b"}")))


def insert(path: Path, draw: random.Random) -> None:
    content = path.read_bytes()
    start = draw.randrange(len(content))
    path.write_bytes(content[:start] + draw.choice((b" ", b"0", b"\0")) + content[start:])


def shuffle(path: Path, draw: random.Random) -> None:
    content = path.read_bytes()
    place = draw.choice([i for i in range(len(content) - 1) if content[i] != content[i + 1]])
    path.write_bytes(
        content[:place] + content[place + 1 : place + 2] + content[place : place + 1] + content[place + 2 :]
    )


def remove(path: Path, draw: random.Random) -> None:
    path.unlink()


def swap(path: Path, draw: random.Random) -> None:
    """The file of another checkpoint, or another file of the same one, in its place."""
    others = [other for other in path.parents[1].glob("*/*") if other.read_bytes() != path.read_bytes()]
    shutil.copy(draw.choice(others), path)


def exchange(path: Path, draw: random.Random) -> None:
    """Two whole checkpoints under each other's names."""
    one, other = sorted(path.parents[1].iterdir())
    one.rename(path.parents[1] / "between")
    other.rename(one)
    (path.parents[1] / "between").rename(other)


FILES = tuple(f"{group}-0000{share}-of-00003.safetensors" for group in ("weights", "optimizer") for share in range(3))
FILES += ("index.json",)
DAMAGES = (flip, flip, flip, cut, zero, lengthen, insert, shuffle, remove, swap, exchange)


def test_of_a_thousand_damages_none_is_taken(tmp_path: Path) -> None:
    sound = tmp_path / "sound"
    for step in (5, 10):
        save_in_shares(sound, checkpoint(step), 3)
    draw = random.Random(20)
    met: Counter[tuple[str, str]] = Counter()
    for number in range(1000):
        folder = tmp_path / "damaged"
        shutil.copytree(sound, folder)
        victim = folder / "step-00-000000010" / draw.choice(FILES)
        damage: Callable[[Path, random.Random], None] = DAMAGES[number % len(DAMAGES)]
        damage(victim, draw)
        with pytest.raises(DamagedCheckpoint, match="expected") as caught:
            load_checkpoint(victim.parent)
        named = str(caught.value)
        assert named.startswith(str(victim.parent))
        assert "\n" not in named
        if damage is not exchange:
            assert named.startswith(f"{victim}: ")
        met[damage.__name__, victim.name] += 1
        shutil.rmtree(folder)
    assert len(met) == 63
    assert min(met.values()) > 4


def test_the_newest_whole_one_is_taken_and_said(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "checkpoints", keep=3)
    paths = [checkpoints.save(checkpoint(step)) for step in (5, 10, 15)]
    weights = paths[2] / "weights-00000-of-00001.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    (paths[1] / "index.json").unlink()
    checkpoints = Checkpoints(tmp_path / "checkpoints", keep=3)
    found = checkpoints.newest()
    assert found is not None
    assert found[0] == paths[0]
    assert re.match(rf"{weights}: bytes found: 100, expected \d+$", checkpoints.damaged[0])
    assert checkpoints.damaged[1] == f"{paths[1] / 'index.json'}: not found, expected the index of a checkpoint"
    # What reads a run without going on from it takes no older one unless it is named.
    with pytest.raises(
        DamagedCheckpoint, match=rf"bytes found: 100, .*an older one is whole, name it to take it: {paths[0]}$"
    ):
        newest_checkpoint(tmp_path)
    assert newest_checkpoint(paths[0])[1].progress.step == 5
    # The run goes on from there, and writes its own in the place of the damaged ones.
    checkpoints.save(replace(checkpoint(10), corpus="e" * 64))
    assert [path.name for path in checkpoints.paths()] == ["step-00-000000005", "step-00-000000010"]
    assert newest_checkpoint(tmp_path)[1].corpus == "e" * 64
    for path in checkpoints.paths():
        flip(path / "optimizer-00000-of-00001.safetensors", random.Random(1))
    with pytest.raises(
        DamagedCheckpoint, match=r"step-00-000000010/optimizer-00000-of-00001\.safetensors: sha256 found: "
    ):
        Checkpoints(tmp_path / "checkpoints", keep=3).newest()


def test_the_best_is_kept_beside_the_newest(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, keep=1)
    for step in (5, 10):
        checkpoints.save(replace(checkpoint(step), optimizer={}), "best")
        checkpoints.save(checkpoint(step))
    checkpoints.save(checkpoint(15))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best-00-000000010", "step-00-000000015"]
    assert newest_checkpoint(tmp_path / "best-00-000000010")[1].optimizer == {}


class Payload:
    def __reduce__(self) -> tuple:
        return (print, ("code ran",))


def test_a_file_of_an_earlier_version_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "step-00-000000001.pt"
    torch.save({"version": 1, "model": Payload()}, path)
    with pytest.raises(
        CheckpointError, match=r"step-00-000000001\.pt: found a checkpoint of an earlier version"
    ) as caught:
        Checkpoints(tmp_path, 2).newest()
    assert "\n" not in str(caught.value)
    assert "code ran" not in capsys.readouterr().out


def write(folder: Path, values: dict, groups: dict) -> None:
    checkpoint_folder.write_share(folder.with_suffix(".unfinished"), WHOLE, groups)
    checkpoint_folder.commit(folder.with_suffix(".unfinished"), folder, 1, values, groups)


def test_other_version_or_fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "x", {"progress": {"stage": 0}}, {"weights": {}})
    with pytest.raises(CheckpointError, match="lacks or misspells a field"):
        load_checkpoint(tmp_path / "x")
    monkeypatch.setattr(checkpoint_folder, "_VERSION", 99)
    write(tmp_path / "x", {}, {})
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match="version of the checkpoint: 99; of this program: 4"):
        load_checkpoint(tmp_path / "x")
