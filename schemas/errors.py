"""The base class of the errors that a command shows."""

from __future__ import annotations


class HanmillError(Exception):
    """An error that the command line shows as one line."""
