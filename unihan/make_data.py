"""Makes the derived files of ``data/``: ``python -m hanmill.unihan.make_data opencc`` or ``… usage UCD_FOLDER``."""

from __future__ import annotations

import bz2
import sys
from pathlib import Path

from hanmill.unihan.bounded import read_bytes
from hanmill.unihan.opencc_relations import opencc_table
from hanmill.unihan.sources import OPENCC
from hanmill.unihan.usage import USAGE, USAGE_FILES, usage_table

_DATA = Path(__file__).parent / "data"


def main(arguments: list[str]) -> int:
    """Writes one file and says which. Returns the exit code."""
    if arguments == ["opencc"]:
        path = _DATA / OPENCC
        path.write_text(opencc_table(), encoding="utf-8")
    elif len(arguments) == 2 and arguments[0] == "usage":
        folder = Path(arguments[1])
        path = _DATA / USAGE
        path.write_bytes(bz2.compress(usage_table([read_bytes(folder / name) for name in USAGE_FILES]).encode()))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
