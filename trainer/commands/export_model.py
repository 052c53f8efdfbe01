"""``export-model``."""

from __future__ import annotations

from pathlib import Path

import click

from hanmill.trainer.commands.refusal import refusals


@click.command("export-model")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
def export_model(run: Path, folder: Path) -> None:
    """Writes RUN to FOLDER: UnihanLM, ChineseBERT and MLMA as transformers reads them, taggers as hanmill does."""
    with refusals():
        from hanmill.trainer.registry import find_model
        from hanmill.trainer.runs.checkpoint import newest_checkpoint

        find_model(newest_checkpoint(run)[1].model).export(run, folder)
    click.echo(f"{folder}: {', '.join(sorted(path.name for path in folder.iterdir()))}")
