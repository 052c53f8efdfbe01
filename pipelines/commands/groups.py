"""Groups of commands: imported when one of them is called, and every known error one line."""

from __future__ import annotations

import errno
import importlib
import sys
from typing import Any, ClassVar

import click

from hanmill.pipelines.commands.refusal import Refusal
from hanmill.pipelines.text.printable import printable
from hanmill.schemas.errors import REFUSED, STOPPED, HanmillError
from hanmill.unihan.errors import UnihanError

#: What a machine refuses: no such place, no right, no room, no more open files. Anything else is a fault of ours.
_REFUSED_BY_MACHINE = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.EROFS,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.ENAMETOOLONG,
        errno.EMFILE,
    }
)


class LazyGroup(click.Group):
    """A group whose commands are imported only when one of them is called.

    What a command raises as a HanmillError is one line on stderr and its exit code; so is a file that cannot be opened
    or written.
    """

    #: Name of a command to ``module:attribute``.
    lazy: ClassVar[dict[str, str]]

    def list_commands(self, context: click.Context) -> list[str]:
        """All names, loaded or not."""
        return sorted([*super().list_commands(context), *self.lazy])

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Imports a lazy command; a missing extra is one clear line."""
        if name not in self.lazy:
            return super().get_command(context, name)
        module, _, attribute = self.lazy[name].partition(":")
        try:
            command: click.Command = getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            if error.name in ("torch", "safetensors"):
                raise Refusal(f"{name}: {error.name} is not installed: pip install 'hanmill[trainer]'") from error
            raise
        return command

    def invoke(self, context: click.Context) -> Any:
        """Runs a command; a known error ends it, and so does Ctrl-C wherever a command does not see to it itself."""
        try:
            return super().invoke(context)
        except (HanmillError, UnihanError) as error:
            click.echo(f"hanmill: {printable(str(error), lines=True)}", err=True)
            sys.exit(error.exit_code if isinstance(error, HanmillError) else REFUSED)
        except KeyboardInterrupt:
            click.echo("\nhanmill: stopped", err=True)
            sys.exit(STOPPED)
        except OSError as error:
            if error.errno not in _REFUSED_BY_MACHINE:
                raise
            place = f"{error.filename}: " if error.filename is not None else ""
            click.echo(f"hanmill: {printable(f'{place}{error.strerror}')}", err=True)
            sys.exit(REFUSED)
