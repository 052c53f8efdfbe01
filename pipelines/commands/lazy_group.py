"""Groups of commands that are imported when one of them is called."""

from __future__ import annotations

import importlib

import click


class LazyGroup(click.Group):
    """A group whose commands are imported only when one of them is called."""

    #: Name of a command to ``module:attribute``.
    lazy: dict[str, str]

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
                raise click.ClickException(
                    f"{name}: {error.name} is not installed: pip install 'hanmill[trainer]'"
                ) from error
            raise
        return command
