"""Files named on the command line that are not there: the others are shown, and the command ends as refused."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from hanmill.schemas.errors import REFUSED


def end_where_missing(files: Iterable[str | Path]) -> None:
    """Exits with REFUSED where one of ``files`` is not there; ``-`` is standard input."""
    if any(str(file) != "-" and not Path(file).exists() for file in files):
        sys.exit(REFUSED)
