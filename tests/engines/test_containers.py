"""The worker image, built by buildah without a Docker engine, and a corpus built inside it.

The official base images may be out of reach where this runs, so stand-ins are made: Debian's Python by debootstrap,
and Beam's boot program by Go.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from hanmill.schemas.hashing import file_sha256

PACKAGES = "python3,python3-venv,python-is-python3,ca-certificates"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
MOUNT = ("-v", f"{CERTIFICATES}:{CERTIFICATES}:ro")
BASE = f"""\
FROM scratch
ADD root.tar /
ENV SSL_CERT_FILE={CERTIFICATES} PIP_CERT={CERTIFICATES}
"""
Buildah = Callable[..., str]


@pytest.fixture(scope="module")
def buildah(require: Callable[[str], None], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Buildah]:
    """Runs buildah on a store of its own, which goes when the tests end."""
    require("containers")
    if os.geteuid() != 0:
        pytest.skip("CONTAINERS NOT TESTED: debootstrap and buildah's chroot isolation need root")
    folder = tmp_path_factory.mktemp("store")

    def run(command: str, *arguments: str | Path) -> str:
        storage = ("--storage-driver", "vfs", "--root", folder / "root", "--runroot", folder / "run")
        done = subprocess.run(
            ["buildah", *storage, command, *arguments],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, f"buildah {command}: {done.stdout[-4000:]}"
        return done.stdout.strip()

    yield run
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def source(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program: shards are named by its source, which must not change between two builds."""
    folder = tmp_path_factory.mktemp("source") / "hanmill"
    folder.mkdir()
    for name in ("hanmill", "pipelines", "schemas", "unihan", "trainer", "requirements", "docker", "samples"):
        shutil.copytree(repository / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Dockerfile", ".dockerignore", "pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(repository / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def python(buildah: Buildah, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A stand-in for the official Python image."""
    folder = tmp_path_factory.mktemp("base")
    subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", folder / "root"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    subprocess.run(["tar", "-C", folder / "root", "-cf", folder / "root.tar", "."], check=True)
    shutil.rmtree(folder / "root")
    (folder / "Dockerfile").write_text(BASE, encoding="utf-8")
    buildah("bud", "--isolation", "chroot", "-t", "localhost/python", folder)
    (folder / "root.tar").unlink()
    return "localhost/python"


@pytest.fixture(scope="module")
def image(
    buildah: Buildah,
    python: str,
    tool: Callable[[str], Path],
    source: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """The worker image of the repository's Dockerfile."""
    beam = tmp_path_factory.mktemp("beam")
    shutil.copy(tool("boot"), beam / "boot")
    (beam / "Dockerfile").write_text("FROM scratch\nCOPY boot /opt/apache/beam/boot\n", encoding="utf-8")
    buildah("bud", "--isolation", "chroot", "-t", "localhost/beam", beam)

    arguments = ("--build-arg", f"PYTHON_IMAGE={python}", "--build-arg", "BEAM_IMAGE=localhost/beam")
    buildah("bud", "--isolation", "chroot", *arguments, *MOUNT, "-t", "localhost/hanmill-worker", source)
    return "localhost/hanmill-worker"


def test_a_corpus_is_built_inside_the_image(
    buildah: Buildah, image: str, source: Path, tmp_path: Path, corpus_files: Callable[[Path], dict[str, str]]
) -> None:
    inside, here = tmp_path / "inside", tmp_path / "here"
    inside.mkdir()
    inside.chmod(0o777)
    container = buildah("from", image)
    mounts = ("-v", f"{source / 'samples'}:/samples:ro", "-v", f"{inside}:/corpus")
    options = build_options("/samples", "/corpus/demo")
    text = buildah("run", "--isolation", "chroot", *mounts, container, "--", "hanmill", *options)
    assert "/corpus/demo/manifest.json" in text
    user = buildah("run", "--isolation", "chroot", container, "--", "id", "-u")
    assert user == "10001"
    subprocess.run(
        [
            sys.executable,
            "-c",
            "from hanmill.pipelines.commands.main import main; main()",
            *build_options(f"{source}/samples", here),
        ],
        check=True,
        cwd=source,
        stdout=subprocess.DEVNULL,
    )
    assert corpus_files(inside / "demo") == corpus_files(here)


def build_options(samples: str, output: Path | str) -> Sequence[str]:
    source = f"wikipedia={samples}/wikipedia/*-multistream.xml.bz2"
    return ("build", "demo", "--input", source, "--output", str(output), "--workers", "2")


@pytest.fixture
def corpus_files() -> Callable[[Path], dict[str, str]]:
    """Every shard of training and every table, with its SHA-256."""

    def of(corpus: Path) -> dict[str, str]:
        parts = ("train", "validation", "tables")
        found = {str(p.relative_to(corpus)): file_sha256(p) for part in parts for p in (corpus / part).glob("*")}
        assert len(found) > 5
        return found

    return of


def test_boot_is_the_entry_point_and_no_build_tool_is_in_the_image(buildah: Buildah, image: str) -> None:
    shown = buildah("inspect", "--format", "{{.OCIv1.Config.Entrypoint}} {{.OCIv1.Config.User}}", image)
    assert shown == "[/opt/apache/beam/boot] 10001"
    container = buildah("from", image)
    found = buildah("run", "--isolation", "chroot", container, "--", "sh", "-c", "command -v gcc cc make || echo none")
    assert found == "none"


def test_the_flex_template_is_the_worker_image_with_a_launcher(
    buildah: Buildah, image: str, source: Path, tmp_path: Path
) -> None:
    # Google's launcher is out of reach here; what it calls is ours.
    (tmp_path / "python_template_launcher").write_text("#!/bin/sh\n", encoding="utf-8")
    lines = "FROM scratch\nCOPY python_template_launcher /opt/google/dataflow/python_template_launcher\n"
    (tmp_path / "Dockerfile").write_text(lines, encoding="utf-8")
    buildah("bud", "--isolation", "chroot", "-t", "localhost/launcher", tmp_path)
    arguments = ("--build-arg", f"WORKER_IMAGE={image}", "--build-arg", "LAUNCHER_IMAGE=localhost/launcher")
    file = source / "docker" / "flex-template.Dockerfile"
    buildah("bud", "--isolation", "chroot", *arguments, "-f", file, "-t", "localhost/hanmill-flex", source)
    container = buildah("from", "localhost/hanmill-flex")
    shown = buildah("run", "--isolation", "chroot", container, "--", "sh", "-c", "echo $FLEX_TEMPLATE_PYTHON_PY_FILE")
    given = ("--recipe=demo", "--input=wikipedia=/none/*.bz2", "--output=/tmp/corpus", "--project=p", "--region=r")
    run = f"python {shown} {' '.join(given)} --temp_location=gs://b/t; test $? = 2"
    said = buildah("run", "--isolation", "chroot", container, "--", "sh", "-c", run)
    assert "/none/*.bz2" in said


def test_the_trainer_image_trains(buildah: Buildah, python: str, source: Path, tmp_path: Path) -> None:
    file = source / "docker" / "trainer.Dockerfile"
    arguments = ("--build-arg", f"PYTHON_IMAGE={python}", *MOUNT, "-f", file)
    buildah("bud", "--isolation", "chroot", *arguments, "-t", "localhost/hanmill-trainer", source)
    container = buildah("from", "localhost/hanmill-trainer")
    folder = tmp_path / "work"
    folder.mkdir()
    folder.chmod(0o777)
    samples = source / "samples"
    mounts = ("-v", f"{samples}:/samples:ro", "-v", f"{folder}:/made")

    def hanmill(*options: str) -> None:
        buildah("run", "--isolation", "chroot", *mounts, container, "--", "hanmill", *options)

    hanmill(*build_options("/samples", "/made/corpus"))
    settings = ("--corpus", "/made/corpus", "--config", "/samples/training/unihanlm.yaml", "--output", "/made/run")
    hanmill("train", "unihanlm", *settings)
    assert list((folder / "run" / "checkpoints").iterdir())
