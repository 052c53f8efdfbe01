"""How a command ends that cannot do what was asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from hanmill.schemas.errors import HanmillError
from hanmill.trainer.errors import Interrupted

#: Packages of the extra ``trainer``.
_EXTRA = ("torch", "safetensors")


@contextmanager
def refusals() -> Iterator[None]:
    """Known errors end with one line a job and their exit code, mostly 2; an interrupted run with 143.

    Raises click.ClickException where the trainer's extra is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name in _EXTRA:
            raise click.ClickException(f"{error.name} is not installed: pip install 'hanmill[trainer]'") from error
        raise
    except (HanmillError, OSError) as error:
        if _speaks_first(error):
            click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code if isinstance(error, HanmillError) else 2)
    except Interrupted as stopped:
        if _speaks_first(stopped):
            click.echo(str(stopped), err=True)
        sys.exit(143)


def _speaks_first(error: Exception) -> bool:
    if "WORLD_SIZE" not in os.environ:
        return True
    from hanmill.trainer.distributed.failure import speaks_first

    return speaks_first(error)
