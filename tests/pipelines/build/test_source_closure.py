"""What an address covers of the program: the code that runs and the data it reads, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hanmill.pipelines.build import source_closure as module
from hanmill.pipelines.build.source_closure import source_closure


def test_ingest_depends_on_what_it_imports_and_on_nothing_else() -> None:
    files = source_closure("hanmill.pipelines.build.ingest")
    for name in ("pipelines/extract/wikitext/extractor.py", "pipelines/text/normalize.py", "schemas/corpus.py"):
        assert name in files
    assert any(name.startswith("unihan/data/") for name in files)
    for name in files:
        assert not name.startswith(("pipelines/annotate/", "pipelines/vocabulary/", "pipelines/training/")), name
    for name in ("pipelines/build/report.py", "pipelines/sources/registry.py", "schemas/recipe.py"):
        assert name not in files


def test_a_source_hears_of_itself_alone() -> None:
    files = source_closure("hanmill.pipelines.sources.wikipedia.reader")
    assert "pipelines/sources/wikipedia/bz2_blocks.py" in files
    assert not [name for name in files if "commoncrawl" in name]


def test_annotation_does_not_hear_of_extraction() -> None:
    files = source_closure("hanmill.pipelines.build.annotate")
    assert "pipelines/annotate/chinese/data/chinese-words.parquet" in files
    heard = [name for name in files if name.startswith(("pipelines/extract", "pipelines/sources", "pipelines/clean"))]
    assert heard == ["pipelines/extract/document.py"]


def test_a_module_that_is_not_here_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"hanmill\.pipelines\.nothing: no source file"):
        source_closure("hanmill.pipelines.nothing")


CODE = '''"""Reads # names."""

# Why.
from typing import TYPE_CHECKING

from hanmill.pipelines.text import characters  # 漢字

if TYPE_CHECKING:
    from hanmill.pipelines.commands import main

TABLE = "names.tsv"
MARK = "#" + f"# {TABLE} #"  # a mark


class Names:
    """Says
    something."""

    def read(self) -> str:
        """More."""
        return "# no comment \\
# none either"
'''


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Path]:
    """A program of one module of ours, its table and what it imports."""
    for name, text in (("__init__", ""), ("names", CODE), ("text/__init__", ""), ("text/characters", "A = 1\n")):
        path = tmp_path / "pipelines" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "pipelines" / "data").mkdir()
    (tmp_path / "pipelines" / "data" / "names.tsv").write_text("名\tname\n", encoding="utf-8")
    (tmp_path / "pipelines" / "data" / "others.tsv").write_text("別\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_ROOT", tmp_path)
        yield tmp_path / "pipelines"
    forget()


def forget() -> None:
    for cached in (source_closure, module._read, module._path, module._file_digest):
        cached.cache_clear()


def closure() -> dict[str, str]:
    forget()
    return source_closure("hanmill.pipelines.names")


def test_code_and_the_data_it_names_count(program: Path) -> None:
    before = closure()
    assert set(before) == {"pipelines/names.py", "pipelines/text/characters.py", "pipelines/data/names.tsv"} | (
        {"pipelines/text/__init__.py"}
    )
    changes = (
        (program / "data" / "names.tsv", "名\tname\n", "名\tfirst name\n", "pipelines/data/names.tsv"),
        (program / "text" / "characters.py", "A = 1", "A = 2", "pipelines/text/characters.py"),
        (program / "names.py", '"# no comment', '"# a comment', "pipelines/names.py"),
        (program / "names.py", "# {TABLE} #", "# {TABLE}#", "pipelines/names.py"),
        (program / "names.py", "# none either", "# none at all", "pipelines/names.py"),
    )
    for path, old, new, named in changes:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        after = closure()
        assert {name for name in before if before[name] != after[name]} == {named}
        path.write_text(text, encoding="utf-8")


def test_comments_docstrings_blank_lines_and_other_data_do_not(program: Path) -> None:
    before = closure()
    for old, new in (
        ("# Why.", "# Why\n# it is so."),
        ("Reads # names.", "Reads\n\nthem."),
        ("Says\n    something.", "Says."),
        ("More.", "Less."),
        ("  # 漢字", ""),
        ("# a mark", "# another"),
        ("\n\n\nclass", "\n\n\n\nclass"),
    ):
        path = program / "names.py"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        assert closure() == before, old
        path.write_text(text, encoding="utf-8")
    (program / "data" / "others.tsv").write_text("他\n", encoding="utf-8")
    assert closure() == before
