"""The command ``hanmill``: its commands by name, each in a file of its own."""

from __future__ import annotations

from typing import ClassVar

import click

from hanmill.pipelines import __version__
from hanmill.pipelines.commands.groups import LazyGroup
from hanmill.pipelines.commands.text_annotator import text_annotator


class _Commands(LazyGroup):
    # Imported when asked for: torch and the annotators take seconds to load.
    lazy: ClassVar[dict[str, str]] = {
        "annotate": "hanmill.pipelines.commands.annotate:annotate",
        "browse": "hanmill.pipelines.commands.browse:browse",
        "build": "hanmill.pipelines.commands.build:build",
        "diff": "hanmill.pipelines.commands.diff:diff",
        "doctor": "hanmill.pipelines.commands.doctor:doctor",
        "export-model": "hanmill.trainer.commands.export_model:export_model",
        "evaluate": "hanmill.trainer.commands.evaluate:evaluate",
        "export": "hanmill.pipelines.commands.export:export",
        "extract": "hanmill.pipelines.commands.extract:extract",
        "finetune": "hanmill.trainer.commands.finetune:finetune",
        "gc": "hanmill.pipelines.commands.gc:gc",
        "glyphs": "hanmill.pipelines.commands.glyphs:glyphs",
        "inspect": "hanmill.pipelines.commands.inspect:inspect",
        "plan": "hanmill.pipelines.commands.plan:plan",
        "predict": "hanmill.trainer.commands.predict:predict",
        "push": "hanmill.pipelines.commands.push:push",
        "readings": "hanmill.pipelines.commands.readings:readings",
        "recipe": "hanmill.pipelines.commands.recipe:recipe",
        "rules": "hanmill.pipelines.commands.rules:rules",
        "report": "hanmill.pipelines.commands.report:report",
        "runs": "hanmill.trainer.commands.runs:runs",
        "segmenter": "hanmill.pipelines.commands.segmenter:segmenter",
        "simulate": "hanmill.pipelines.commands.simulate:simulate",
        "stats": "hanmill.pipelines.commands.stats:stats",
        "train": "hanmill.trainer.commands.train:train",
        "unihan": "hanmill.unihan.cli:unihan",
        "verify": "hanmill.pipelines.commands.verify:verify",
    }


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="hanmill")
@click.pass_context
def main(context: click.Context) -> None:
    """Builds reproducible Chinese and Japanese pretraining corpora, and trains on them."""
    context.obj = text_annotator
