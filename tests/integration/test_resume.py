"""Builds that are killed, starved of disk, or started twice: the same command again gives the same bytes."""

from __future__ import annotations

import fcntl
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import Result

from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.manifest import Manifest

Hanmill = Callable[..., Result]
Inputs = Sequence[tuple[str, str]]
BuildHere = Callable[[Path, Inputs, Path], Manifest]
#: How often the fast test kills; `python -m benchmarks.local --kills N` goes on for as long as one likes.
KILLS = 6


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "small.yaml"
    path.write_text(
        "extends: demo\nname: small\nglyphs: {styles: []}\nsources: {split_bytes: 4096}\n"
        "deduplicate: {near: true, lines: 5}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def inputs(repository: Path) -> Inputs:
    return (
        ("wikipedia", f"{repository}/samples/wikipedia/zhwiki-*-multistream.xml.bz2"),
        ("wikipedia", f"{repository}/samples/wikipedia/jawiki-*-multistream.xml.bz2"),
        ("commoncrawl", f"{repository}/samples/commoncrawl/*.warc.gz"),
    )


@pytest.fixture(scope="module")
def build_into(build_here: BuildHere, recipe: Path, inputs: Inputs) -> Callable[[Path], Manifest]:
    return lambda output: build_here(recipe, inputs, output)


@pytest.fixture(scope="module")
def uninterrupted(build_into: Callable[[Path], Manifest], tmp_path_factory: pytest.TempPathFactory) -> Path:
    corpus = tmp_path_factory.mktemp("whole") / "corpus"
    assert build_into(corpus).accounting.kept > 10
    return corpus


@pytest.fixture
def options(recipe: Path, inputs: Inputs) -> list[str]:
    return [str(recipe), *(part for source, pattern in inputs for part in ("--input", f"{source}={pattern}"))]


def contents(corpus: Path) -> dict[str, str]:
    return {
        str(path.relative_to(corpus)): file_sha256(path)
        for path in sorted(corpus.rglob("*"))
        if path.is_file() and path.name not in (".lock", "plan.parquet", "times.jsonl")
    }


def killed_after(seconds: float, build: Callable[[Path], Manifest], output: Path) -> bool:
    """Builds in a child of this process; True where it was killed before its end."""
    child = os.fork()
    if not child:
        try:
            build(output)
        finally:
            os._exit(0)
    killer = threading.Timer(seconds, os.kill, (child, signal.SIGKILL))
    killer.start()
    _, status = os.waitpid(child, 0)
    killer.cancel()
    return os.WIFSIGNALED(status)


def test_kills_at_any_moment_change_no_byte(
    build_into: Callable[[Path], Manifest], uninterrupted: Path, tmp_path: Path
) -> None:
    rng = random.Random(20190801)
    started = time.monotonic()
    build_into(tmp_path / "timed")
    whole = time.monotonic() - started
    (tmp_path / "corpus" / "_tmp").mkdir(parents=True)
    (tmp_path / "corpus" / "_tmp" / "documents-part-0.parquet.1-ab").write_bytes(b"PAR1 of a machine that is gone")
    kills = sum(killed_after(rng.uniform(0, whole / 3), build_into, tmp_path / "corpus") for _ in range(KILLS))
    assert kills >= KILLS // 2
    build_into(tmp_path / "corpus")
    assert contents(tmp_path / "corpus") == contents(uninterrupted)


def test_command_killed_with_its_workers_goes_on(
    options: Sequence[str], hanmill: Hanmill, uninterrupted: Path, tmp_path: Path
) -> None:
    corpus = tmp_path / "corpus"
    command = [
        sys.executable,
        "-c",
        "from hanmill.pipelines.commands.main import main; main()",
        "build",
        *options,
        "--output",
        corpus,
    ]
    with subprocess.Popen([*command, "--workers", "2"], start_new_session=True, stderr=subprocess.DEVNULL) as running:
        wait_for(lambda: len(list((corpus / "documents").glob("*.parquet"))) >= 2)
        os.killpg(running.pid, signal.SIGKILL)
    survivors = {path: path.stat().st_mtime_ns for path in (corpus / "documents").iterdir()}
    result = hanmill("build", *options, "--output", corpus, "--workers", "1")
    assert result.exit_code == 0, result.output
    assert {path: path.stat().st_mtime_ns for path in survivors} == survivors
    assert contents(corpus) == contents(uninterrupted)


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("waited for a minute")


@pytest.mark.parametrize("limit", [3_000, 20_000])
def test_full_disk_is_one_line_and_costs_nothing_that_was_finished(
    limit: int, build_into: Callable[[Path], Manifest], uninterrupted: Path, tmp_path: Path
) -> None:
    """A limit on file size stands for the disk: the kernel refuses the write in the same place."""
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            build_into(tmp_path / "corpus")
        except OSError:
            os._exit(3)
        finally:
            os._exit(4)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    assert not (tmp_path / "corpus" / "manifest.json").exists()
    assert list((tmp_path / "corpus" / "_tmp").iterdir()) == []
    build_into(tmp_path / "corpus")
    assert contents(tmp_path / "corpus") == contents(uninterrupted)


@pytest.mark.parametrize(
    "folders", [("documents", "counts", "validation"), ("dropped", "signatures", "duplicates", "train", "tables")]
)
def test_lost_shards_come_back_whatever_else_is_there(
    folders: Sequence[str], build_into: Callable[[Path], Manifest], uninterrupted: Path, tmp_path: Path
) -> None:
    corpus = Path(shutil.copytree(uninterrupted, tmp_path / "corpus"))
    for folder in folders:
        sorted((corpus / folder).iterdir())[0].unlink()
    build_into(corpus)
    assert contents(corpus) == contents(uninterrupted)


def test_two_builds_of_one_corpus_do_not_meet(options: Sequence[str], hanmill: Hanmill, uninterrupted: Path) -> None:
    before = contents(uninterrupted)
    with (uninterrupted / ".lock").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for command in (("build", *options, "--output", uninterrupted), ("gc", uninterrupted, "--delete")):
            result = hanmill(*command)
            assert result.exit_code == 3
            assert "a build is under way" in result.output
    assert contents(uninterrupted) == before


def test_force_makes_a_stage_again_and_nothing_else(
    options: Sequence[str], hanmill: Hanmill, uninterrupted: Path
) -> None:
    before = contents(uninterrupted)
    made = {path: path.stat().st_mtime_ns for path in uninterrupted.rglob("*.parquet")}
    result = hanmill("build", *options, "--output", uninterrupted, "--workers", "1", "--force", "annotate")
    assert result.exit_code == 0, result.output
    again = {path.parent.name for path, stamp in made.items() if path.stat().st_mtime_ns != stamp}
    assert again == {"train", "validation"}
    assert contents(uninterrupted) == before


def stages_to_run(output: str) -> dict[str, str]:
    return {line.split()[0]: line[22:32].strip() for line in output.splitlines()[1:] if line[0] != " "}


def test_plan_says_what_runs_and_why(
    options: Sequence[str], hanmill: Hanmill, recipe: Path, uninterrupted: Path, tmp_path: Path
) -> None:
    fresh = hanmill("plan", *options, "--output", tmp_path / "none").output
    assert "not built yet" in fresh
    assert not (tmp_path / "none").exists()
    before = contents(uninterrupted)
    assert set(stages_to_run(hanmill("plan", *options, "--output", uninterrupted).output).values()) == {"0"}
    changed = tmp_path / "changed.yaml"
    changed.write_text(recipe.read_text() + "readings: {romaji: false}\n", encoding="utf-8")
    result = hanmill("plan", changed, *options[1:], "--output", uninterrupted)
    runs = stages_to_run(result.output)
    assert [runs[name] for name in ("ingest", "deduplicate", "vocabulary", "tables")] == ["0"] * 4
    assert int(runs["annotate"]) > 3
    assert "recipe readings.romaji: true → false" in result.output
    changed.write_text(recipe.read_text() + "clean: {languages: [ja]}\n", encoding="utf-8")
    result = hanmill("plan", changed, *options[1:], "--output", uninterrupted)
    assert stages_to_run(result.output)["annotate"].startswith("≤")
    assert 'recipe clean.languages: [] → ["ja"]' in result.output
    assert contents(uninterrupted) == before


def test_share_of_failures_that_is_allowed_touches_no_stage(
    options: Sequence[str], hanmill: Hanmill, recipe: Path, uninterrupted: Path, tmp_path: Path
) -> None:
    changed = tmp_path / "changed.yaml"
    changed.write_text(recipe.read_text() + "clean: {max_failed_share: 0.25}\n", encoding="utf-8")
    result = hanmill("plan", changed, *options[1:], "--output", uninterrupted)
    assert set(stages_to_run(result.output).values()) == {"0"}


def test_gc_removes_what_a_changed_recipe_left_behind(
    hanmill: Hanmill, build_here: BuildHere, inputs: Inputs, options: Sequence[str], recipe: Path, tmp_path: Path
) -> None:
    corpus, mine = tmp_path / "corpus", tmp_path / "small.yaml"
    mine.write_text(recipe.read_text(), encoding="utf-8")
    assert "gc needs a finished corpus" in hanmill("gc", tmp_path).output
    build_here(mine, inputs, corpus)
    first = contents(corpus).keys()
    mine.write_text(recipe.read_text() + "clean: {languages: [ja]}\n", encoding="utf-8")
    build_here(mine, inputs, corpus)
    second = contents(corpus)
    listed = hanmill("gc", corpus)
    assert "nothing removed" in listed.output
    assert contents(corpus) == second
    removed = hanmill("gc", corpus, "--delete")
    assert removed.exit_code == 0, removed.output
    left = contents(corpus)
    assert left.items() < second.items()
    assert second.keys() - left.keys() < first
    assert {name.split("/")[0] for name in second.keys() - left.keys()} >= {"documents", "signatures", "counts"}
    assert hanmill("verify", corpus).exit_code == 0
    assert set(stages_to_run(hanmill("plan", mine, *options[1:], "--output", corpus).output).values()) == {"0"}


def test_a_setting_that_is_taken_back_is_noted_down_though_nothing_is_left_to_do(
    build_here: BuildHere, inputs: Inputs, recipe: Path, uninterrupted: Path, tmp_path: Path
) -> None:
    corpus, other = tmp_path / "corpus", tmp_path / "other.yaml"
    shutil.copytree(uninterrupted, corpus)
    noted = (corpus / "stages.json").read_text(encoding="utf-8")
    other.write_text(recipe.read_text().replace("near: true", "near: true, jaccard: 0.75"), encoding="utf-8")
    build_here(other, inputs, corpus)
    assert (corpus / "stages.json").read_text(encoding="utf-8") != noted
    build_here(recipe, inputs, corpus)
    assert (corpus / "stages.json").read_text(encoding="utf-8") == noted
    assert contents(corpus).items() >= contents(uninterrupted).items()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_build_that_is_asked_to_stop_says_how_to_go_on(options: list[str], tmp_path: Path, sent: int) -> None:
    # Where the tests run behind a shell's &, children are born deaf to SIGINT.
    hears = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{hears}; from hanmill.pipelines.commands.main import main; main()"
    command = [sys.executable, "-c", program, "build", *options, "--output", str(tmp_path / "corpus"), "--workers", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        start = time.monotonic()
        process.send_signal(sent)
        told = first + process.stderr.read()
        assert process.wait(timeout=60) == 3
    assert time.monotonic() - start < 60
    assert "nothing finished is lost: run the same command again" in told
    assert "Traceback" not in told
