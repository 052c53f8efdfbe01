from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from hanmill.pipelines.commands.main import main


def commands(page: str) -> list[list[str]]:
    """The `$ hanmill …` lines of the page's console blocks, continued lines joined."""
    blocks = re.findall(r"```console\n(.+?)```", page, re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line.removeprefix("$ hanmill ")) for line in lines if line.startswith("$ hanmill ")]


def test_the_commands_of_the_page_work_in_order(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder, files, name in (
        ("dumps", "wikipedia/*-multistream.xml.bz2", "jawiki-{}-pages-articles-multistream.xml.bz2"),
        ("crawl", "commoncrawl/*.warc.gz", "{}.warc.gz"),
    ):
        (tmp_path / folder).mkdir()
        for number, path in enumerate(sorted((repository / "samples").glob(files))):
            (tmp_path / folder / name.format(number)).symlink_to(path)
    found = commands((repository / "README.md").read_text(encoding="utf-8"))
    assert [command[0] for command in found] == ["build", "inspect", "verify"]
    for command in found:
        result = CliRunner().invoke(main, command, catch_exceptions=False)
        assert result.exit_code == 0, (command, result.output)
        assert result.output


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_and_pictures_lead_somewhere(page: str, repository: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (repository / page).read_text(encoding="utf-8"))
    missing = [link for link in links if not (repository / link).exists()]
    assert missing == []


def test_make_targets_the_page_names_exist(repository: Path) -> None:
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"\bmake ([a-z-]+)", (repository / "README.md").read_text(encoding="utf-8"))):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_dependency_is_justified(repository: Path) -> None:
    readme = (repository / "README.md").read_text(encoding="utf-8")
    table = readme[readme.index("## Dependencies") :]
    project = (repository / "pyproject.toml").read_text(encoding="utf-8")
    declared = project[project.index("dependencies = [") : project.index("[dependency-groups]")]
    names = re.findall(r'"([a-z][a-z0-9-]+)(?:[><=][^"]*)?"', declared)
    assert len(names) > 20
    assert [name for name in names if name not in table] == []
