"""The graph that is handed to a service builds what a build that is led from here does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to
from click.testing import CliRunner

from hanmill.pipelines.commands.main import main
from hanmill.pipelines.engines.beam_runner import run_graph
from hanmill.pipelines.engines.do_task import DoTask
from hanmill.pipelines.engines.engine_options import EngineOptionError
from hanmill.pipelines.engines.single_job import run_single_job
from hanmill.pipelines.engines.single_job_graph import BuildCorpus
from hanmill.pipelines.engines.worker_check import WorkerMismatchError, worker_versions
from hanmill.schemas.hashing import file_sha256
from hanmill.schemas.location import location
from hanmill.schemas.manifest import Manifest
from hanmill.schemas.recipe import Recipe
from hanmill.schemas.recipe_file import load_recipe

PARTS = ("train", "validation", "tables", "documents", "dropped")


def files(corpus: Path) -> dict[str, str]:
    found = {str(p.relative_to(corpus)): file_sha256(p) for part in PARTS for p in (corpus / part).rglob("*.parquet")}
    return found | {name: file_sha256(corpus / name) for name in ("manifest.json", "report.html", "DATA_CARD.md")}


class Counted(BuildCorpus):
    """Checks the number of documents that the graph gives."""

    def __init__(self, recipe: Recipe, inputs: tuple[tuple[str, str], ...], output: str, expected: int) -> None:
        super().__init__(recipe, inputs, output)
        self.expected = expected

    def expand(self, begin: beam.pvalue.PBegin) -> beam.PCollection:
        kept = super().expand(begin)
        assert_that(kept, equal_to([self.expected]))
        return kept


def test_one_graph_gives_the_bytes_of_a_build_led_from_here(
    demo_corpus: Path, sample_inputs: Sequence[str], tmp_path: Path
) -> None:
    inputs = tuple(tuple(item.split("=", 1)) for item in sample_inputs if item != "--input")
    corpus = tmp_path / "corpus"
    build = BuildCorpus(load_recipe("demo"), inputs, str(corpus))
    run_graph(("--runner=FnApiRunner",), "Build", build)
    assert files(corpus) == files(demo_corpus)
    assert not (corpus / "exchange").exists()

    before = {path: path.stat().st_mtime_ns for part in PARTS for path in (corpus / part).rglob("*.parquet")}
    kept = Manifest.load(corpus).accounting.kept

    run_graph(("--runner=FnApiRunner",), "Build", Counted(build.recipe, build.inputs, build.output, kept))
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.parametrize(
    ("inputs", "output", "named"),
    [
        ((("wikipedia", "dumps/*.bz2"),), "gs://bucket/corpus", r"dumps/\*\.bz2"),
        ((("wikipedia", "gs://bucket/*.bz2"),), "corpus", "corpus"),
    ],
)
def test_a_path_of_this_machine_is_refused(inputs: tuple[tuple[str, str], ...], output: str, named: str) -> None:
    message = f"DataflowRunner: {named}: found a path of this machine, expected gs://"
    with pytest.raises(EngineOptionError, match=message):
        run_single_job(load_recipe("demo"), inputs, location(output), "DataflowRunner", ("--sdk_container_image=x",))


def test_force_is_refused_where_nothing_is_led_from_here() -> None:
    arguments = ["build", "demo", "--input", "wikipedia=gs://b/*", "--output", "gs://b/c", "--force", "ingest"]
    result = CliRunner().invoke(main, [*arguments, "--runner", "DataflowRunner", "--region=x"])
    assert result.exit_code == 2
    assert "--force is for builds that are led from here, not for DataflowRunner" in result.output


def test_a_worker_with_other_libraries_refuses() -> None:
    with pytest.raises(WorkerMismatchError, match=r"opencc: worker .*, launcher 0\.1"):
        DoTask(worker_versions() | {"opencc": "0.1"}).setup()
