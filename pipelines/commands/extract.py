"""The command group ``hanmill extract``."""

from __future__ import annotations

from typing import ClassVar

import click

from hanmill.pipelines.commands.groups import LazyGroup


class _Extract(LazyGroup):
    lazy: ClassVar[dict[str, str]] = {
        "html": "hanmill.pipelines.commands.extract_html:html",
        "warc": "hanmill.pipelines.commands.extract_warc:warc",
        "wikitext": "hanmill.pipelines.commands.extract_wikitext:wikitext",
    }


@click.group(cls=_Extract)
def extract() -> None:
    """Shows what the readers make of a file, one JSON object a line."""
