"""A whole build as a Dataflow template, staged into a storage emulator and read back. Nothing runs on Dataflow."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from apache_beam.coders.coders import Coder
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.pipeline_context import PipelineContext

IMAGE = "registry.example/hanmill-worker:1"
BUCKET = "hanmill"


@pytest.fixture(scope="module")
def python(require: Callable[[str], None], tool: Callable[[str], Path]) -> Path:
    require("dataflow")
    return tool("dataflow")


@pytest.fixture(scope="module")
def emulator(python: Path) -> Iterator[str]:
    """The address of a storage emulator with an empty bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [python.parent / "gcp-storage-emulator", "start", f"--port={port}", "--in-memory"]
    process = subprocess.Popen(
        [*command, f"--default-bucket={BUCKET}"], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    try:
        while process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def staged(python: Path, emulator: str, program: Path) -> dict[str, bytes]:
    """Object name to content after the template was made."""
    inputs = (
        "--input",
        f"wikipedia=gs://{BUCKET}/dumps/*.bz2",
        "--input",
        f"commoncrawl=gs://{BUCKET}/crawl/*.warc.gz",
    )
    options = {
        "--runner": "DataflowRunner",
        "--project": "hanmill-test",
        "--region": "europe-west4",
        "--temp_location": f"gs://{BUCKET}/tmp",
        "--staging_location": f"gs://{BUCKET}/staging",
        "--template_location": f"gs://{BUCKET}/templates/build.json",
        "--sdk_container_image": IMAGE,
    }
    flat = [part for pair in options.items() for part in pair]
    code = "from hanmill.pipelines.commands.main import main; main()"
    done = subprocess.run(
        [python, "-c", code, "build", "demo", *inputs, "--output", f"gs://{BUCKET}/corpus", *flat, "--no_auth"],
        env=os.environ | {"PYTHONPATH": str(program), "STORAGE_EMULATOR_HOST": emulator},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "template of the whole build; no corpus was built" in done.stdout
    with urllib.request.urlopen(f"{emulator}/storage/v1/b/{BUCKET}/o", timeout=10) as answer:
        names = [item["name"] for item in json.load(answer)["items"]]
    return {name: read(emulator, name) for name in names}


def read(emulator: str, name: str) -> bytes:
    url = f"{emulator}/download/storage/v1/b/{BUCKET}/o/{urllib.parse.quote(name, safe='')}?alt=media"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read()


@pytest.fixture(scope="module")
def graph(staged: dict[str, bytes]) -> beam_runner_api_pb2.Pipeline:
    graphs = [content for name, content in staged.items() if name.endswith("/pipeline.pb")]
    assert len(graphs) == 1
    return beam_runner_api_pb2.Pipeline.FromString(graphs[0])


def test_nothing_but_the_graph_and_the_template_is_staged(staged: dict[str, bytes]) -> None:
    kinds = {Path(name).name for name in staged}
    assert kinds <= {"pipeline.pb", "build.json", "submission_environment_dependencies.txt"}
    job = json.loads(staged["templates/build.json"])
    assert IMAGE in json.dumps(job["environment"])


def test_every_environment_is_our_image_with_nothing_to_install(graph: beam_runner_api_pb2.Pipeline) -> None:
    environments = graph.components.environments.values()
    assert environments
    for environment in environments:
        assert environment.urn == "beam:env:docker:v1"
        assert beam_runner_api_pb2.DockerPayload.FromString(environment.payload).container_image == IMAGE
        # A list of the launcher's packages, by which a worker warns of differences; no package is installed from it.
        staged = [
            beam_runner_api_pb2.ArtifactStagingToRolePayload.FromString(artifact.role_payload).staged_name
            for artifact in environment.dependencies
        ]
        assert set(staged) <= {"submission_environment_dependencies.txt"}
        assert environment.resource_hints["beam:resources:min_ram_bytes:v1"] == b"4000000000"


def test_steps_are_named_and_what_is_grouped_has_deterministic_keys(graph: beam_runner_api_pb2.Pipeline) -> None:
    components = graph.components
    names = {transform.unique_name for transform in components.transforms.values()}
    steps = ("Plan", "Ingest", "Deduplicate", "Vocabulary", "Annotate", "Blocks", "Finish", "Sweep")
    assert {f"Build/{step}" for step in steps} <= names
    assert not [t for t in components.transforms.values() if "external" in t.spec.urn]
    shuffles = [t for t in components.transforms.values() if t.spec.urn == "beam:transform:group_by_key:v1"]
    grouped = {t.unique_name.removesuffix("/CoGroupByKeyImpl/GroupByKey") for t in shuffles}
    # Keys, links, verdicts by shard, counts and summaries; tests/integration/test_whole_build.py knows all of them.
    expected = ("Deduplicate/Link/LinkGroups", "Deduplicate/Components/Large1Groups", "Deduplicate/ByShard", "Blocks")
    assert {f"Build/{name}" for name in expected} <= grouped
    assert "Build/Vocabulary/AddCharacters" in names
    for shuffle in shuffles:
        (source,) = shuffle.inputs.values()
        pair = components.coders[components.pcollections[source].coder_id]
        assert pair.spec.urn == "beam:coder:kv:v1"
        key = components.coders[pair.component_coder_ids[0]]
        coder = Coder.from_runner_api(key, PipelineContext(components))
        assert coder.is_deterministic(), (shuffle.unique_name, coder)
