"""``python -m hanmill``, which ``torchrun`` can start."""

from __future__ import annotations

import click

from hanmill.trainer.commands.export_model import export_model
from hanmill.trainer.commands.runs import runs
from hanmill.trainer.commands.train import train


@click.group()
def main() -> None:
    """Train models on a corpus."""


main.add_command(train)
main.add_command(export_model)
main.add_command(runs)

if __name__ == "__main__":
    main(prog_name="python -m hanmill")
