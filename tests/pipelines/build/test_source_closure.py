from __future__ import annotations

import pytest

from pipelines.build.source_closure import program_version, source_closure


def test_ingest_depends_on_what_it_imports_and_on_nothing_else() -> None:
    files = source_closure("pipelines.build.ingest")
    for name in ("pipelines/extract/wikitext/extractor.py", "pipelines/text/normalize.py", "schemas/corpus.py"):
        assert name in files
    assert any(name.startswith("unihan/data/") for name in files)
    for name in ("pipelines/annotate/pinyin/phrases.py", "pipelines/build/report.py", "schemas/recipe.py"):
        assert name not in files


def test_annotation_does_not_hear_of_extraction() -> None:
    files = source_closure("pipelines.build.annotate")
    assert not [name for name in files if name.startswith(("pipelines/extract", "pipelines/sources"))]


def test_a_module_that_is_not_here_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"pipelines\.nothing: no source file"):
        source_closure("pipelines.nothing")


def test_the_program_has_one_digest() -> None:
    assert len(program_version()) == 16
    assert program_version() == program_version()
