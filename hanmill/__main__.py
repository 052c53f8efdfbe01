"""``python -m hanmill``, and ``torchrun … -m hanmill train …``: the command ``hanmill``."""

from __future__ import annotations

from hanmill.pipelines.commands.main import main

if __name__ == "__main__":
    main(prog_name="hanmill")
