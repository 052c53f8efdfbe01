from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def test_prism_gives_the_bytes_of_a_local_build(
    require: Callable[[str], None],
    tool: Callable[[str], Path],
    run_build: Callable[..., str],
    local_corpus: Path,
    hashes: Callable[[Path], dict[str, str]],
    tmp_path: Path,
) -> None:
    require("prism")
    binary = tool("prism")
    text = run_build(tmp_path / "corpus", "--runner", "PrismRunner")
    assert f"engine: --runner=PrismRunner --prism_location={binary}" in text
    assert hashes(tmp_path / "corpus") == hashes(local_corpus)
