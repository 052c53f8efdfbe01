from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hanmill.pipelines.engines import beam_runner
from hanmill.pipelines.engines.beam_runner import BeamRunner, EngineError, first_cause
from hanmill.pipelines.engines.build_graph import BuildCorpus
from hanmill.pipelines.engines.engine_options import EngineOptionError
from hanmill.pipelines.engines.worker_check import WorkerMismatchError, check_versions
from hanmill.pipelines.sources.inputs import InputError
from hanmill.schemas.manifest import ManifestError
from hanmill.schemas.recipe_file import load_recipe

MISSING_MODULE = """\
Pipeline BeamApp failed in state FAILED: java.lang.RuntimeException: Error received from SDK harness: \
Traceback (most recent call last):
  File "coders.py", line 459, in decode
    return self.get_impl().decode(encoded)
ModuleNotFoundError: No module named 'hanmill.pipelines.build'

During handling of the above exception, another exception occurred:

ModuleNotFoundError: No module named 'hanmill.pipelines.build' [while running 'WriteIngest/Tasks/Map(decode)']
\tat org.apache.beam.runners.fnexecution.control.FnApiControlClient
"""
LOST = """\
org.apache.spark.SparkException: Job aborted due to stage failure
\tat org.apache.spark.scheduler.DAGScheduler.abortStage
Caused by: java.lang.IllegalStateException: call already cancelled
\tat io.grpc
"""


RECIPE = load_recipe("demo")


@pytest.fixture
def inputs(tmp_path: Path) -> tuple[tuple[str, str], ...]:
    (tmp_path / "texts.jsonl").write_text('{"text": "吾輩は猫である。名前はまだ無い。"}\n', encoding="utf-8")
    return (("tables", str(tmp_path / "texts.jsonl")),)


def dies(*shards: int) -> Callable[..., None]:
    """A pipeline that leaves so many shards at its first try, at its second …, and fails after each but the last."""
    left = list(shards)

    seen: list[BuildCorpus] = []

    def run(options: object, title: str, graph: BuildCorpus) -> None:
        # A transform that has been in a pipeline cannot be put into another one.
        assert not any(graph is before for before in seen)
        seen.append(graph)
        tried = len(shards) - len(left)
        folder = Path(graph.output) / "documents"
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(left.pop(0)):
            (folder / f"part-{tried}-{number}").touch()
        if left:
            raise RuntimeError(LOST)
        (folder.parent / "manifest.json").write_text("{}")

    return run


def test_first_cause_is_python_s_before_java_s() -> None:
    assert first_cause(MISSING_MODULE) == "ModuleNotFoundError: No module named 'hanmill.pipelines.build'"
    assert first_cause(LOST) == "java.lang.IllegalStateException: call already cancelled"
    assert first_cause("何かが壊れた\nat x") == "何かが壊れた"
    assert first_cause("") == "no message"


def test_a_pipeline_is_tried_again_while_tries_add_shards(
    inputs: tuple[tuple[str, str], ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(beam_runner, "run_graph", dies(2, 3, 0))
    with pytest.raises(ManifestError):
        # What is written here is no manifest; that it is looked at says that the last try came to its end.
        BeamRunner("SparkRunner").build(RECIPE, inputs, tmp_path / "corpus")
    told = capsys.readouterr().err
    assert "SparkRunner: java.lang.IllegalStateException: call already cancelled; again, 2 shards further" in told
    assert "again, 3 shards further" in told


def test_a_try_that_adds_nothing_is_the_last(
    inputs: tuple[tuple[str, str], ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beam_runner, "run_graph", dies(2, 0, 1))
    message = r"SparkRunner: java\.lang\.IllegalStateException: call already cancelled \(2 shards are there\)"
    with pytest.raises(EngineError, match=message):
        BeamRunner("SparkRunner").build(RECIPE, inputs, tmp_path / "corpus")


def test_a_corpus_on_another_machine_s_disk_is_noticed(
    inputs: tuple[tuple[str, str], ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beam_runner, "run_graph", lambda options, title, graph: None)
    with pytest.raises(EngineError, match=r"has not written .*manifest\.json: the output must be a folder that the"):
        BeamRunner("SparkRunner").build(RECIPE, inputs, tmp_path / "corpus")


def test_inputs_that_are_not_there_start_no_engine(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        BeamRunner("SparkRunner").build(RECIPE, (("wikipedia", f"{tmp_path}/*.bz2"),), tmp_path / "corpus")
    assert not (tmp_path / "corpus").exists()


def test_a_runner_that_beam_does_not_know_is_refused() -> None:
    with pytest.raises(EngineOptionError, match="found 'SparcRunner', expected one of "):
        BeamRunner("SparcRunner")


def test_a_worker_with_other_versions_is_named() -> None:
    launcher = {"opencc": "1.4.2", "pipelines/build/ingest.py": "aa"}
    check_versions(launcher, dict(launcher), "here")
    with pytest.raises(
        WorkerMismatchError, match=r"worker on 機械 is not the launcher's: opencc: worker 1.1, launcher 1.4.2"
    ):
        check_versions(launcher, launcher | {"opencc": "1.1"}, "機械")
    with pytest.raises(WorkerMismatchError, match=r"ingest\.py: worker none, launcher aa"):
        check_versions(launcher, {"opencc": "1.4.2"}, "機械")
