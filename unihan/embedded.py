"""The data files inside this package; ``data/README.md`` tells where each comes from and under which licence."""

from __future__ import annotations

from importlib.resources import files

from hanmill.unihan.bounded import decode_bytes

#: The version of the Unicode Character Database that the embedded files are of.
EMBEDDED_VERSION = "15.0.0"


def embedded_bytes(name: str) -> bytes:
    """The decoded bytes of one embedded file."""
    return decode_bytes(files(__package__).joinpath("data", name).read_bytes(), name)
