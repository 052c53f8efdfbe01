"""The programs that kill runs, in short: whatever was killed, the curve is that of the run left alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.trainer.conftest import make_text, write_corpus


def test_a_killed_run_is_the_run(tmp_path: Path, repository: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", [make_text(number) for number in range(120)], validation=10, shards=2)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.kills", corpus, "--kills", "2", "--steps", "8", "--longest", "0.1"],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(repository)},
        cwd=repository, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert report["kills"] == 2
    assert report["worst"] == 0
    assert report["equal_weights"]
    assert done.returncode == 0
