"""``evaluate``: a fine-tuned model scored on files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from hanmill.trainer.commands.refusal import refusals
from hanmill.trainer.commands.task_options import FORM_OPTIONS, TASK_ARGUMENT, with_options

_PATH = click.Path(path_type=Path)


@click.command(epilog="Example: hanmill evaluate segmentation --model tuned/pku --data pku_test_gold.utf8")
@TASK_ARGUMENT
@click.option("--model", required=True, type=_PATH, help="A run of `hanmill finetune`, or one of its checkpoints.")
@click.option("--data", required=True, multiple=True, type=_PATH, help="Repeatable: a labelled file.")
@click.option("--output", type=_PATH, help="Folder for what is predicted; else MODEL/predicted.")
@with_options(FORM_OPTIONS)
@click.pass_context
def evaluate(context: click.Context, /, task: str, model: Path, **options: Any) -> None:
    """Scores --model on files, and prints a JSON object a file.

    Files are read as those of the training were, but for options given here.
    """
    with refusals():
        from hanmill.trainer.distributed.process import Process
        from hanmill.trainer.finetuning.saved import load_tuned, score_file
        from hanmill.trainer.finetuning.text_encoder import TextEncoder
        from hanmill.trainer.finetuning.translation.translation import NAME, load_translator, score_parallel

        device = Process.from_environment().device
        target = options["output"] or model / "predicted"
        if task == NAME:
            learner = load_translator(model)
            learner.model.to(device)
            encoder = TextEncoder(learner.settings, context.obj)
            for path in options["data"]:
                measures = score_parallel(learner, encoder, path, target / path.name.split(".")[0], device)
                click.echo(json.dumps({"file": path.name, **measures}, ensure_ascii=False))
            return
        tuned = load_tuned(model, task)
        given = click.core.ParameterSource.DEFAULT
        names = [option for option in options if option not in ("data", "output", "language")]
        changed = {name: options[name] for name in names if context.get_parameter_source(name) is not given}
        config = replace(tuned.config, form=replace(tuned.config.form, **changed))
        tuned = replace(tuned, config=config)
        tuned.model.to(device)
        encoder = TextEncoder(tuned.settings, context.obj)
        for path in options["data"]:
            measures = score_file(tuned, encoder, path, target / path.name.split(".")[0], device, options["language"])
            click.echo(json.dumps({"file": path.name, **measures}, ensure_ascii=False))
