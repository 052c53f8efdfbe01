"""``hanmill doctor``: what is here of what the program can use, and what each missing thing costs."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import click

from hanmill.pipelines.annotate.chinese.segmenter import ChineseSegmenter
from hanmill.pipelines.annotate.glyphs.faces import find_face
from hanmill.pipelines.annotate.pinyin.context import pinyin_annotator
from hanmill.pipelines.clean.language import bundled_model
from hanmill.pipelines.engines.engine_options import tools_folder
from hanmill.pipelines.text.printable import printable
from hanmill.schemas.errors import WRONG, HanmillError
from hanmill.schemas.recipe import ReadingsRecipe, SegmentRecipe
from hanmill.schemas.recipe_file import BUILT_IN, load_recipe


@dataclass(frozen=True, slots=True)
class Finding:
    """``found`` is what is there, empty where it is missing; ``cost`` is what does not work without it.

    ``needed`` is for what a build cannot do without.
    """

    what: str
    found: str
    cost: str
    needed: bool = False


@click.command(epilog="Example: hanmill doctor")
def doctor() -> None:
    """Says what is installed here and what each missing thing costs; exit 1 where a build cannot work."""
    findings = [*_needed(), *_wanted()]
    for item in findings:
        mark = "ok     " if item.found else "MISSING" if item.needed else "missing"
        click.echo(f"{mark}  {item.what:<28} {printable(item.found or item.cost)}")
    if any(item.needed and not item.found for item in findings):
        sys.exit(WRONG)


def _needed() -> Iterator[Finding]:
    yield Finding("Python", sys.version.split()[0], "")
    yield _checked("language identification", lambda: str(bundled_model().name), "no document can be given a language")
    yield _checked("Chinese word model", _chinese, "no Chinese text can be cut into words")
    yield _checked("Japanese dictionary", lambda: _version("unidic-lite"), "no Japanese text can be cut or read")
    yield _checked("Chinese readings", lambda: _version("pypinyin"), "recipes with readings.pinyin are refused")
    yield _checked("model of Chinese readings", _readings, "recipes with readings.chinese: context are refused")
    yield _checked("OpenCC", lambda: _version("opencc"), "recipes with normalize.opencc are refused")
    yield _checked("glyph faces", _faces, "recipes with glyphs are refused")
    yield _checked("Apache Beam", lambda: _version("apache-beam"), "no runner but local processes")


def _wanted() -> Iterator[Finding]:
    yield _checked("PyTorch", lambda: _version("torch"), "no training: pip install 'hanmill[trainer]'")
    yield Finding("GPU", _gpu(), "training runs on the processor, slowly; builds need none")
    yield _checked(
        "Hugging Face client", lambda: _version("huggingface-hub"), "no LTP weights from the hub: hanmill[hub]"
    )
    java = shutil.which("java") or ""
    yield Finding("Java", java, "no SparkRunner and no FlinkRunner from here; local processes and Prism need none")
    folder = tools_folder()
    built = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    yield Finding("engines built here", ", ".join(built), "make spark-up or make test-prism builds them first")
    yield Finding("docker", shutil.which("docker") or "", "no containers of workers; nothing else needs it")
    amazon = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_ACCESS_KEY_ID")
    shared = (Path.home() / ".aws" / "credentials").is_file() or (Path.home() / ".aws" / "config").is_file()
    told = "from the environment" if amazon else "from ~/.aws" if shared else ""
    yield Finding("credentials for s3://", told, "only public buckets and what the machine's role allows")
    google = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS", "")
    there = Path(google).is_file() if google else False
    yield Finding(
        "credentials for gs://", "a key file" if there else "", "only public buckets and what the machine's role allows"
    )


def _checked(what: str, look: Callable[[], str], cost: str) -> Finding:
    """A finding whose look fails where the thing is missing or broken; the reason is told with the cost."""
    try:
        return Finding(what, look(), cost, needed=what not in _OPTIONAL)
    except metadata.PackageNotFoundError as error:
        return Finding(what, "", f"{error.name} is not installed: {cost}", needed=what not in _OPTIONAL)
    except (HanmillError, ImportError, OSError, RuntimeError) as error:
        return Finding(what, "", f"{cost} ({error})", needed=what not in _OPTIONAL)


_OPTIONAL = ("PyTorch", "Hugging Face client")


def _version(package: str) -> str:
    return f"{package} {metadata.version(package)}"


def _chinese() -> str:
    cut = ChineseSegmenter(SegmentRecipe()).segment(["我们走吧"])
    return f"pointwise, {len(cut)} line cut"


def _readings() -> str:
    pinyin_annotator(ReadingsRecipe(chinese="context"))
    return "context"


def _faces() -> str:
    faces = {face for name in BUILT_IN for style in load_recipe(name).glyphs.styles for face in style.faces}
    for face in faces:
        find_face(face)
    return f"{len(faces)} of the built-in recipes"


def _gpu() -> str:
    """What torch sees; empty where there is none, or no torch."""
    if importlib.util.find_spec("torch") is None:
        return ""
    import torch

    return str(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else ""
