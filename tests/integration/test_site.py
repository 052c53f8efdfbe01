"""The documentation as a site, built strictly, its reference made from the code; and the notebook, run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest

import hanmill
from hanmill.pipelines.clean.rules import known_rules
from hanmill.pipelines.commands.main import main
from hanmill.schemas.corpus import CORPUS


@pytest.fixture(scope="module")
def site(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_reference_names_everything(site: Path) -> None:
    pages = {path.parent.name: path.read_text(encoding="utf-8") for path in site.glob("reference/*/index.html")}
    assert [name for name in known_rules() if f">{name}<" not in pages["rules"]] == []
    assert [field.name for field in CORPUS if f"<code>{field.name}</code>" not in pages["columns"]] == []
    assert [name for name in main.lazy if f"hanmill {name}" not in pages["commands"]] == []
    assert [name for name in hanmill.__all__ if f">{name}<" not in pages["python-api"]] == []
    for key in ("clean.languages", "deduplicate.near", "sources.wikipedia.variant", "normalize.nfkc"):
        assert key in pages["recipe-keys"] or key.rpartition(".")[0] in pages["recipe-keys"], key
    assert "evaluate_every" in pages["training-configuration"]


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert 'src="http' not in text, path
        assert 'rel="stylesheet" href="http' not in text, path


def test_the_notebook_runs(repository: Path, demo_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    matplotlib.use("agg")
    monkeypatch.setenv("CORPUS", str(demo_corpus))
    notebook = json.loads((repository / "docs" / "notebooks" / "corpus.ipynb").read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        exec(compile(cell, "corpus.ipynb", "exec"), names)
    assert len(cells) > 6
    assert names["polyphones"]
    assert matplotlib.pyplot.get_fignums() == [1, 2, 3]
    matplotlib.pyplot.close("all")
    assert all(cell.get("outputs", []) == [] for cell in notebook["cells"])
