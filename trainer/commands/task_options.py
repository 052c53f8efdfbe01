"""What the commands of tasks take alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hanmill.trainer.errors import ConfigError

if TYPE_CHECKING:
    from hanmill.trainer.configs.task_form import FormConfig

#: Listed here because the tasks themselves load PyTorch; a test compares.
TASKS = ("segmentation", "entities", "pos", "sentence", "pair", "reading", "translation")
TASK_ARGUMENT = click.argument("task", type=click.Choice(TASKS), metavar="|".join(TASKS).upper())
Options = Sequence[Callable[[Callable[..., None]], Callable[..., None]]]

FORM_OPTIONS: Options = (
    click.option("--language", default="", help="Language of all files (zh, ja, …); else their text tells."),
    click.option("--word-column", type=int, help="Column files: the word's column from 0; else found."),
    click.option("--tag-column", type=int, help="Column files: the tag's column from 0, -1 the last; else found."),
    click.option(
        "--units", type=click.Choice(["as_is", "characters"]), default="as_is", show_default=True,
        help="entities, pos: tag words as the file has them, or their characters.",
    ),
    click.option(
        "--entity-types", type=click.Choice(["as_is", "three"]), default="as_is", show_default=True,
        help="entities: as in the file, or mapped to PER, ORG and LOC.",
    ),
    click.option("--first", default="", help="sentence, pair: name or number of the first text's column; else found."),
    click.option("--second", default="", help="pair: of the second text's."),
    click.option("--label", default="", help="sentence, pair: of the label's."),
    click.option(
        "--labels", type=click.Choice(["classes", "numbers"]), help="sentence, pair: what labels are; else they tell."
    ),
    click.option(
        "--rule", type=click.Choice(["squad", "jsquad", "cmrc"]),
        help="reading: whose scorer; else cmrc for Chinese, jsquad for Japanese, squad.",
    ),
)  # fmt: skip


def with_options(options: Options) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """All of them on one command."""

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def form_of(options: dict[str, Any]) -> FormConfig:
    """What the options say of the files."""
    from hanmill.trainer.configs.task_form import FormConfig

    names = ("word_column", "tag_column", "units", "entity_types", "first", "second", "label", "language")
    return FormConfig(
        **{name: options[name] for name in names}, labels=options["labels"] or "", rule=options["rule"] or ""
    )


def named_files(values: Sequence[str]) -> dict[str, Path]:
    """NAME=FILE each. Raises ConfigError."""
    found: dict[str, Path] = {}
    for value in values:
        name, separator, path = value.partition("=")
        if not separator or not path or not name or "/" in name or name in ("dev", *found):
            raise ConfigError(f"--test: found {value!r}, expected NAME=FILE with a name of its own, not dev")
        found[name] = Path(path)
    return found
