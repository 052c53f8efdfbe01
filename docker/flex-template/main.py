"""The launcher's entry point: the parameters of the template are options of ``hanmill build``."""

import sys

from hanmill.pipelines.commands.main import main

_OURS = ("recipe", "input", "output")


def arguments(given: list[str]) -> list[str]:
    """``--recipe=R --input=SOURCE=GLOB;… --output=O`` and Beam's own options, as ``hanmill build`` wants them."""
    options = dict(item.removeprefix("--").split("=", 1) for item in given if "=" in item)
    inputs = [part for spec in options["input"].split(";") for part in ("--input", spec)]
    rest = [item for item in given if item.removeprefix("--").partition("=")[0] not in _OURS]
    return ["build", options["recipe"], *inputs, "--output", options["output"], "--runner", "DataflowRunner", *rest]


if __name__ == "__main__":
    main(arguments(sys.argv[1:]))
