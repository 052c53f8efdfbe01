"""The base of every error that a person is told in one line."""

from __future__ import annotations

from typing import ClassVar


class HanmillError(Exception):
    """What the command line shows as one line on stderr; its message says what was found and what was expected.

    ``exit_code`` is the command's: 1 something is wrong with what was looked at, 2 the command cannot be carried out as
    it was given, 3 it stopped on the way and goes on where it stood when it is given again.
    """

    exit_code: ClassVar[int] = 2
