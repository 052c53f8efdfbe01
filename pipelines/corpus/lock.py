"""One build a corpus at a time: a lock that the kernel lets go of when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from hanmill.schemas.errors import STOPPED, HanmillError
from hanmill.schemas.location import Location, ObjectPath

LOCK_NAME = ".lock"


class CorpusLockedError(HanmillError, RuntimeError):
    """A corpus that another build is writing at this moment."""

    exit_code = STOPPED


class UnwritableError(HanmillError, ValueError):
    """A folder that cannot be made or written to."""


@contextmanager
def locked(corpus: Location) -> Iterator[None]:
    """Holds ``corpus/.lock`` (flock) while the block runs. Raises CorpusLockedError where another process does,
    UnwritableError where there can be no lock.

    Creates the folder. The file stays behind, empty of meaning; only the kernel's lock counts.
    Object stores have no locks: there the block just runs. Two builds of one recipe write the same shards twice.
    """
    if isinstance(corpus, ObjectPath):
        yield
        return
    try:
        corpus.mkdir(parents=True, exist_ok=True)
        opened = (corpus / LOCK_NAME).open("a+")
    except OSError as error:
        raise UnwritableError(f"{corpus}: cannot be written to: {error.strerror}") from error
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise CorpusLockedError(f"{corpus}: a build is under way (process {file.read().strip()})") from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
