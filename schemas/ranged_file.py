"""A file of which only the bytes asked for are fetched: for objects in a store, where every read is a request."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

#: Read ahead this much at first; twice as much, up to the most, each time reading goes straight on.
_FIRST_AHEAD, _MOST_AHEAD = 1 << 16, 1 << 22
#: Windows kept: readers look at the head of a file, then at its middle, and back at a place they have just passed.
_WINDOWS = 4


class RangedFile(io.RawIOBase):
    """A read-only, seekable file over ``fetch(start, end)``, which gives bytes [start, end) of ``size``.

    ``stop`` is where the caller's own part ends: nothing behind it is read ahead, though it can be read. A slice
    gives its bytes, so the file can stand where ``bytes`` or a memory map does.
    """

    def __init__(self, fetch: Callable[[int, int], bytes], size: int, stop: int | None = None) -> None:
        self._fetch = fetch
        self._size = size
        self._stop = size if stop is None else min(stop, size)
        self._position = 0
        self._windows: OrderedDict[int, bytes] = OrderedDict()
        self._ahead = _FIRST_AHEAD
        self._fetched_to = -1

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, place: slice) -> bytes:
        start, end, step = place.indices(self._size)
        if step != 1:
            raise ValueError(f"step of a slice: found {step}, expected 1")
        return self._bytes(start, end)

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The offset of the next byte read."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Moves without fetching anything."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"offset in the file: found {base + offset}, expected at least 0")
        self._position = base + offset
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to ``size`` bytes, all that is left where negative; fewer only at the end of the file."""
        end = self._size if size is None or size < 0 else min(self._size, self._position + size)
        data = self._bytes(self._position, end)
        self._position += len(data)
        return data

    def readinto(self, buffer: Any, /) -> int:
        """Fills the buffer as far as the file goes."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _bytes(self, start: int, end: int) -> bytes:
        parts = []
        while start < end:
            begin, window = self._window(start, end)
            part = window[start - begin : end - begin]
            parts.append(part)
            start += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _window(self, start: int, end: int) -> tuple[int, bytes]:
        """A window that holds ``start``, and where it begins."""
        for begin, window in self._windows.items():
            if begin <= start < begin + len(window):
                self._windows.move_to_end(begin)
                return begin, window
        self._ahead = min(_MOST_AHEAD, self._ahead * 2) if start == self._fetched_to else _FIRST_AHEAD
        ahead = min(start + self._ahead, self._stop) if start < self._stop else start + _FIRST_AHEAD
        wanted = min(self._size, max(ahead, end))
        window = self._fetch(start, wanted)
        if len(window) != wanted - start:
            raise OSError(f"bytes {start:,}-{wanted:,}: asked for {wanted - start:,}, got {len(window):,}")
        self._fetched_to = wanted
        self._windows[start] = window
        while len(self._windows) > _WINDOWS:
            self._windows.popitem(last=False)
        return start, window
