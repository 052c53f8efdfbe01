"""The base of every error that a person is told in one line."""

from __future__ import annotations

from typing import ClassVar

#: Exit codes of commands: something is wrong with what was looked at; the command cannot be carried out as it was
#: given; it stopped on the way and goes on where it stood when it is given again.
WRONG, REFUSED, STOPPED = 1, 2, 3


class HanmillError(Exception):
    """What the command line shows as one line on stderr; its message says what was found and what was expected.

    ``exit_code`` is the command's: WRONG, REFUSED or STOPPED.
    """

    exit_code: ClassVar[int] = REFUSED
