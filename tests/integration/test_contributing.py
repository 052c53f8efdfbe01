"""CONTRIBUTING's table is true: one of each kind is added by the files it names and no others, and a corpus is built.

Models have their own such test (tests/trainer/test_registry.py).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

RULE = '''

@rule("question_ratio@1")
def question_ratio(page: Page) -> float:
    """Question marks per character."""
    return page.document.text.count("？") / max(page.profile.characters, 1)
'''
SOURCE = '''"""Poems: a text file of poems, parted by empty lines."""

from __future__ import annotations

from collections.abc import Iterator

from hanmill.pipelines.sources.records import Dropped, RawPage, Record, Split
from hanmill.pipelines.sources.source import Source
from hanmill.schemas.location import location
from hanmill.schemas.recipe import SourcesRecipe


def split_file(path: str, target_bytes: int, settings: None) -> list[Split]:
    """The whole file."""
    return [Split("poems", path, 0, location(path).stat().st_size, "whole")]


def read(split: Split, settings: None) -> Iterator[Record]:
    """One RawPage or Dropped a poem."""
    for number, poem in enumerate(location(split.path).read_text(encoding="utf-8").split("\\n\\n")):
        place = f"poem {number}"
        if len(poem) < 4:
            yield Dropped("poems", place, "short_poem@1", float(len(poem)), 4.0, "", "", place, poem)
        else:
            yield RawPage("poems", place, "text", poem, place, len(poem.encode()), title=f"其{number}", lang="lzh")


def no_settings(recipe: SourcesRecipe) -> None:
    """Poems have none."""


POEMS = Source(
    name="poems",
    expected="poems in UTF-8",
    licence="public domain",
    rank=3,
    recognise=lambda stored, decoded: True,
    split=split_file,
    read=read,
    settings=no_settings,
    declares_language=True,
)
'''
ANNOTATOR = '''"""Whether each character is a Han character of the first block."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hanmill.pipelines.text.characters import WHITE_SPACE, code_points


def first_block(text: str) -> NDArray[np.bool_]:
    """bool, one a character of the text that is not white space."""
    points = code_points(text)
    points = points[~WHITE_SPACE[points]]
    return (points >= 0x4E00) & (points < 0xA000)
'''
ENGINE = '''

class Here:
    """The process that asks does every task."""

    def open(self) -> AbstractContextManager[Runner]:
        """Nothing to start."""
        return nullcontext(self)

    def run(self, job: object, tasks: object) -> Usage:
        """Runs a job on every task; what it uses is not told."""
        print("engine Here:", job.name)
        work = job.open()
        for task in tasks:
            work(task)
        return Usage()
'''
BUILD_HERE = """
import sys
from hanmill.pipelines.build.build import Build
from hanmill.pipelines.commands.progress import ProgressForm, progress_in
from hanmill.pipelines.engines.engine import Here
from hanmill.schemas.location import location
from hanmill.schemas.recipe_file import load_recipe
recipe, pattern, output = sys.argv[1:]
Build(load_recipe(recipe), (("wikipedia", pattern),), location(output), Here(), progress_in(ProgressForm())).run()
"""
POEMS = (
    "床前明月光，疑是地上霜。\n舉頭望明月，低頭思故鄉。\n\n詩\n\n春眠不覺曉，處處聞啼鳥。\n夜來風雨聲，花落知多少。\n"
)


class Copy:
    """A copy of the program; what is changed in it is compared with what CONTRIBUTING names."""

    def __init__(self, repository: Path, folder: Path) -> None:
        self.root = folder / "program"
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(repository / "hanmill", self.root / "hanmill", ignore=ignored)
        self._rows = (repository / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()
        self._folder = folder
        self._touched: set[str] = set()

    def write(self, name: str, text: str) -> None:
        self._touched.add(name)
        path = self.root / "hanmill" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name: str, *changes: tuple[str, str]) -> None:
        text = (self.root / "hanmill" / name).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        self.write(name, text)

    def append(self, name: str, text: str) -> None:
        self.write(name, (self.root / "hanmill" / name).read_text(encoding="utf-8") + text)

    def run(self, *arguments: str) -> str:
        environment = os.environ | {"PYTHONPATH": str(self.root)}
        command = [sys.executable, *arguments]
        ran = subprocess.run(command, cwd=self._folder, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr[-3000:]
        return ran.stdout

    def check_named(self, kind: str) -> None:
        """Every file that was changed is one that the table's middle column names."""
        (row,) = (row for row in self._rows if row.startswith(f"| {kind} |"))
        named = re.findall(r"`([\w/]+(?:/NAME)?[\w/.]*)`", row.split("|")[2])
        patterns = [re.escape(name).replace("NAME", r"\w+") + (r".*" if name.endswith("/") else "") for name in named]
        for name in self._touched:
            assert any(re.fullmatch(pattern, name) for pattern in patterns), f"{name}: not named for {kind}"


@pytest.fixture
def program(repository: Path, tmp_path: Path) -> Copy:
    return Copy(repository, tmp_path)


def rows(corpus: Path) -> list[dict[str, object]]:
    paths = [path for part in ("train", "validation") for path in sorted((corpus / part).glob("*.parquet"))]
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


@pytest.fixture
def build(repository: Path, tmp_path: Path, program: Copy) -> Callable[..., Path]:
    """Builds a small corpus by the changed program; returns its folder."""

    def run(recipe: str, source: str = "wikipedia", pattern: str = "") -> Path:
        path = tmp_path / "recipe.yaml"
        path.write_text("name: small\nglyphs: {styles: []}\n" + recipe, encoding="utf-8")
        dumps = f"{repository}/samples/wikipedia/zhwiki-*-multistream.xml.bz2"
        inputs = ("--input", f"{source}={pattern or dumps}")
        corpus = tmp_path / "corpus"
        program.run("-m", "hanmill", "build", str(path), *inputs, "--output", str(corpus), "--workers", "1")
        assert "sound" in program.run("-m", "hanmill", "verify", str(corpus))
        return corpus

    return run


def test_a_rule(program: Copy, build: Callable[..., Path]) -> None:
    program.append("pipelines/clean/measures/web.py", RULE)
    corpus = build("clean: {rules: [{rule: question_ratio@1, min: 0.0001}]}\n")
    manifest = json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["accounting"]["dropped"]["question_ratio@1"] > 5
    program.check_named("a filter rule")


def test_a_source(program: Copy, build: Callable[..., Path], tmp_path: Path) -> None:
    program.write("pipelines/sources/poems/__init__.py", '"""Poems."""\n')
    program.write("pipelines/sources/poems/source.py", SOURCE)
    program.edit(
        "pipelines/sources/registry.py",
        (
            "from hanmill.pipelines.sources.source",
            "from hanmill.pipelines.sources.poems.source import POEMS\nfrom hanmill.pipelines.sources.source",
        ),
        ("        WIKIPEDIA,\n", "        WIKIPEDIA,\n        POEMS,\n"),
    )
    (tmp_path / "poems.txt").write_text(POEMS, encoding="utf-8")
    corpus = build("", "poems", str(tmp_path / "poems.txt"))
    assert [(row["source"], row["lang"], row["title"]) for row in rows(corpus)] == [
        ("poems", "lzh", "其0"),
        ("poems", "lzh", "其2"),
    ]
    account = json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))["accounting"]
    assert (account["read"], account["kept"], account["dropped"]) == (3, 2, {"short_poem@1": 1})
    cards = [path.read_text(encoding="utf-8") for path in corpus.glob("*.md")]
    assert any("poems: public domain" in card for card in cards)
    program.check_named("a source")


def test_an_annotator(program: Copy, build: Callable[..., Path]) -> None:
    program.write("pipelines/annotate/first_block.py", ANNOTATOR)
    program.edit(
        "schemas/corpus.py",
        (
            '        _field("word_roman", pa.list_(_NAME), nullable=True),\n',
            '        _field("word_roman", pa.list_(_NAME), nullable=True),\n'
            '        _field("first_block", pa.list_(pa.bool_())),\n',
        ),
    )
    program.edit(
        "pipelines/corpus/rows.py",
        (
            "import pyarrow as pa\n",
            "import pyarrow as pa\n\nfrom hanmill.pipelines.annotate.first_block import first_block\n",
        ),
        (
            '            "word_roman": self._roman_column(words),\n',
            '            "word_roman": self._roman_column(words),\n'
            '            "first_block": pa.array([first_block(text) for text in texts], pa.list_(pa.bool_())),\n',
        ),
    )
    found = rows(build(""))
    assert all(len(row["first_block"]) == len(row["char_ids"]) for row in found)  # type: ignore[arg-type]
    assert any(any(row["first_block"]) and not all(row["first_block"]) for row in found)  # type: ignore[arg-type,call-overload]
    program.check_named("an annotator")


def test_a_variant_source(program: Copy, build: Callable[..., Path]) -> None:
    program.edit(
        "unihan/sources.py",
        (
            "#: Sources of one name each",
            'def _numerals() -> Pairs:\n    return "1", (("一", "壹"), ("二", "貳"))\n\n\n#: Sources of one name each',
        ),
        (
            "        IVS_SOURCE: _ideographic_variants,\n",
            '        IVS_SOURCE: _ideographic_variants,\n        "numerals": _numerals,\n',
        ),
    )
    corpus = build("unihan: {sources: [numerals]}\n")
    versions = json.loads((corpus / "manifest.json").read_text(encoding="utf-8"))["resources"]
    assert versions["numerals"] == "1"
    assert "壹" in program.run("-m", "hanmill", "unihan", "show", "一", "--sources", "numerals")
    program.check_named("a variant source")


def test_an_engine(program: Copy, repository: Path, tmp_path: Path) -> None:
    program.edit(
        "pipelines/engines/engine.py",
        (
            "from contextlib import AbstractContextManager",
            "from contextlib import AbstractContextManager, nullcontext",
        ),
    )
    imported = "from hanmill.pipelines.build.build import Runner\n"
    used = "from hanmill.pipelines.build.times import Usage\n"
    program.edit("pipelines/engines/engine.py", (imported, imported + used))
    program.append("pipelines/engines/engine.py", ENGINE)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("name: small\nglyphs: {styles: []}\n", encoding="utf-8")
    dumps = f"{repository}/samples/wikipedia/zhwiki-*-multistream.xml.bz2"
    printed = program.run("-c", BUILD_HERE, str(recipe), dumps, str(tmp_path / "here"))
    assert "engine Here: annotate" in printed
    program.run(
        "-m", "hanmill", "build", str(recipe), "--input", f"wikipedia={dumps}", "--output", str(tmp_path / "local")
    )
    here, local = (
        {
            path.name: path.read_bytes()
            for part in ("train", "validation")
            for path in (tmp_path / name / part).iterdir()
        }
        for name in ("here", "local")
    )
    assert here == local
    program.check_named("an engine")
