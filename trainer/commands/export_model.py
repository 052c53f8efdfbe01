"""``export-model``."""

from __future__ import annotations

from pathlib import Path

import click

from hanmill.trainer.commands.refusal import refusals


@click.command("export-model", epilog="Example: hanmill export-model runs/unihanlm exported")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
def export_model(run: Path, folder: Path) -> None:
    """Writes RUN to FOLDER: models as transformers reads them, taggers as hanmill does."""
    with refusals():
        from hanmill.trainer.export.finetuned import export_finetuned
        from hanmill.trainer.finetuning.saved import is_tuned
        from hanmill.trainer.registry import find_model
        from hanmill.trainer.runs.checkpoint import newest_checkpoint
        from hanmill.trainer.runs.log import check_folder

        check_folder(folder)
        export = export_finetuned if is_tuned(run) else find_model(newest_checkpoint(run)[1].model).export
        export(run, folder)
    click.echo(f"{folder}: {', '.join(sorted(path.name for path in folder.iterdir()))}")
