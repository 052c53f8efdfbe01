"""A command that cannot be carried out as it was given: one line on stderr and its exit code."""

from __future__ import annotations

from typing import ClassVar

import click

from hanmill.schemas.errors import REFUSED


class Refusal(click.ClickException):
    """What a person gave is missing or wrong."""

    exit_code: ClassVar[int] = REFUSED
