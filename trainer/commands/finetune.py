"""``finetune``: a task learnt on a pretrained encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hanmill.trainer.commands.refusal import refusals
from hanmill.trainer.commands.task_options import FORM_OPTIONS, TASK_ARGUMENT, form_of, named_files, with_options

_PATH = click.Path(path_type=Path)


@click.command(
    epilog="Example: hanmill finetune segmentation --model runs/chinesebert --train pku_training.utf8 "
    "--dev pku_dev.utf8 --test pku=pku_test_gold.utf8 --output tuned/pku"
)
@TASK_ARGUMENT
@click.option("--model", required=True, type=_PATH, help="A run, an export, or a folder of published weights.")
@click.option(
    "--train",
    "train",
    required=True,
    multiple=True,
    type=_PATH,
    help="Repeatable: training files; of translation one a language.",
)
@click.option("--dev", required=True, type=_PATH, help="Chooses the best epoch.")
@click.option(
    "--test", "tests", multiple=True, metavar="NAME=FILE", help="Repeatable: scored at the end, any language."
)
@click.option("--output", required=True, type=_PATH, help="Folder of the run; one that exists is continued.")
@click.option(
    "--preset", default="bert", show_default=True, help="Batch, rate, epochs, …: bert, small, or a paper's task."
)
@click.option("--seeds", default=1, show_default=True, type=click.IntRange(1), help="Runs with as many seeds.")
@click.option("--seed", default=1, show_default=True, type=int, help="The first of them.")
@click.option("--batch", type=click.IntRange(1), help="Examples of an update, over all ranks.")
@click.option("--rate", type=float, help="Peak learning rate.")
@click.option("--epochs", type=click.IntRange(1), help="Passes over the training set.")
@click.option("--patience", type=click.IntRange(1), help="Epochs without a better one before the end; none: all.")
@click.option("--dropout", type=click.FloatRange(0, 1, max_open=True), help="Before the head.")
@click.option("--max-length", type=click.IntRange(8), help="Tokens of the longest row.")
@click.option(
    "--train-share", default=1.0, show_default=True, type=float, help="Part of the training set that is used."
)
@with_options(FORM_OPTIONS)
@click.pass_obj
def finetune(annotators: Any, /, task: str, model: Path, **options: Any) -> None:
    """Fine-tunes --model on TASK, under torchrun too.

    The epoch that is best on --dev is kept. Scores of --dev and of every --test stand in OUTPUT/scores.json, with
    several seeds as mean and 95 % interval; what was predicted lies in OUTPUT/predicted in the form that the task's own
    scorer reads.
    """
    with refusals():
        from hanmill.trainer.errors import ConfigError
        from hanmill.trainer.finetuning.finetune import finetune as learn
        from hanmill.trainer.finetuning.presets import find_preset
        from hanmill.trainer.finetuning.tasks.registry import METRICS
        from hanmill.trainer.finetuning.tasks.task import TaskConfig
        from hanmill.trainer.finetuning.translation.translation import NAME, learn_translation

        preset = find_preset(options["preset"])
        try:
            fit = preset.fit(
                METRICS[task], epochs=options["epochs"], batch=options["batch"], rate=options["rate"],
                patience=options["patience"], seed=options["seed"],
            )  # fmt: skip
            config = TaskConfig(
                task, fit, preset.dropout if options["dropout"] is None else options["dropout"],
                options["max_length"] or preset.max_length, options["train_share"],
                form_of(options),
            )  # fmt: skip
        except ValueError as error:
            raise ConfigError(f"found a setting out of range, expected {error}") from error
        found = (learn_translation if task == NAME else learn)(
            config, model=model, train=options["train"], dev=options["dev"], tests=named_files(options["tests"]),
            output=options["output"], seeds=options["seeds"], annotators=annotators,
            shorten=options["max_length"] is None,
        )  # fmt: skip
    for line in summary_lines(found):
        click.echo(line)


def summary_lines(found: dict[str, Any]) -> list[str]:
    """Each file's measures in one line."""
    lines = [f"note: {remark}" for remark in found.get("remarks", [])]
    for name, measures in found.get("means", {}).items():
        parts = [
            f"{measure} {value['mean']:.4f}" + ("" if value["half"] is None else f" ± {value['half']:.4f}")
            for measure, value in measures.items()
        ]
        lines.append(f"{name}: {', '.join(parts)}")
    return lines
