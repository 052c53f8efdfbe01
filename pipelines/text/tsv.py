"""Tables that a person may correct: tab-separated values in the ``data`` folder beside the code that reads them."""

from __future__ import annotations

from importlib import resources

from hanmill.schemas.errors import HanmillError


class TableError(HanmillError, ValueError):
    """A table whose rows do not have the columns that its reader expects."""


def read_tsv(package: str, name: str, columns: int) -> tuple[tuple[str, ...], ...]:
    """Rows of ``data/<name>`` in ``package``, each of ``columns`` fields, in the file's order.

    Lines that begin with ``#`` are comments (the first says where the table comes from and under which licence);
    empty lines do not count. Raises TableError naming the line.
    """
    text = resources.files(package).joinpath("data", name).read_text(encoding="utf-8")
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line or line.startswith("#"):
            continue
        row = tuple(line.split("\t"))
        if len(row) != columns:
            raise TableError(f"{package}/data/{name}:{number}: found {len(row)} columns, expected {columns}")
        rows.append(row)
    return tuple(rows)
