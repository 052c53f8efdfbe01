"""``predict``: a fine-tuned model asked of text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from hanmill.trainer.commands.refusal import refusals
from hanmill.trainer.commands.task_options import TASK_ARGUMENT

_PATH = click.Path(path_type=Path)


@click.command(epilog="Example: hanmill predict segmentation --model tuned/pku lines.txt")
@TASK_ARGUMENT
@click.option("--model", required=True, type=_PATH, help="A run of `hanmill finetune`, or one of its checkpoints.")
@click.option("--language", default="", help="Language of the file; else its text tells.")
@click.argument("file", type=_PATH)
@click.pass_obj
def predict(annotators: Any, task: str, model: Path, language: str, file: Path) -> None:
    """Prints what --model says of FILE, a JSON object a text, question or pair; offsets count code points.

    FILE has a text a line, or the form of the task's files without labels.
    """
    with refusals():
        from hanmill.trainer.distributed.process import Process
        from hanmill.trainer.finetuning.saved import load_tuned, predict_file
        from hanmill.trainer.finetuning.translation.translation import NAME, load_translator, translate_file

        device = Process.from_environment().device
        made = (
            translate_file(load_translator(model), annotators, file, device, language)
            if task == NAME
            else predict_file(load_tuned(model, task), annotators, file, device, language)
        )
        for found in made:
            click.echo(_json_line(found))


def _json_line(value: dict[str, Any]) -> str:
    """JSON whose control characters and line separators are escaped, so that nothing acts on a terminal."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
