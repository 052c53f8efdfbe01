"""The command ``hanmill``: its commands by name, each in a file of its own."""

from __future__ import annotations

from typing import ClassVar

import click

from pipelines import __version__
from pipelines.commands.groups import LazyGroup


class _Commands(LazyGroup):
    # Imported when asked for: torch and the annotators take seconds to load.
    lazy: ClassVar[dict[str, str]] = {
        "annotate": "pipelines.commands.annotate:annotate",
        "build": "pipelines.commands.build:build",
        "export-model": "trainer.cli:export_model",
        "extract": "pipelines.commands.extract:extract",
        "gc": "pipelines.commands.gc:gc",
        "glyphs": "pipelines.commands.glyphs:glyphs",
        "inspect": "pipelines.commands.inspect:inspect",
        "plan": "pipelines.commands.plan:plan",
        "readings": "pipelines.commands.readings:readings",
        "recipe": "pipelines.commands.recipe:recipe",
        "runs": "trainer.cli:runs",
        "segmenter": "pipelines.commands.segmenter:segmenter",
        "train": "trainer.cli:train",
        "unihan": "unihan.cli:unihan",
        "verify": "pipelines.commands.verify:verify",
    }


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="hanmill")
def main() -> None:
    """Builds reproducible Chinese and Japanese pretraining corpora, and trains on them."""
