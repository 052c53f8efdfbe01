"""Lists of tasks that are as long as a corpus has splits, without the tasks."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

from hanmill.pipelines.build.job import Task
from hanmill.schemas.location import ObjectPath, location

#: Tasks made at a time.
_TOGETHER = 1 << 10


class TaskList(Sequence[Task]):
    """Tasks made when they are asked for; ``some`` makes those from a place up to another, in order."""

    def __init__(self, length: int, some: Callable[[int, int], Iterable[Task]]) -> None:
        self._length = length
        self._some = some
        self._of: tuple[TaskList, npt.NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Task]:
        for start in range(0, self._length, _TOGETHER):
            yield from self._some(start, min(start + _TOGETHER, self._length))

    @overload
    def __getitem__(self, place: int) -> Task: ...
    @overload
    def __getitem__(self, place: slice) -> list[Task]: ...
    def __getitem__(self, place: int | slice) -> Task | list[Task]:
        if isinstance(place, slice):
            chosen = range(self._length)[place]
            if chosen.step != 1:
                raise ValueError(f"found a step of {chosen.step}, expected neighbours")
            return list(self._some(chosen.start, max(chosen.start, chosen.stop)))
        number = range(self._length)[place]
        return next(iter(self._some(number, number + 1)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._length:,} tasks)"

    def chosen(self, places: npt.NDArray[np.int64]) -> TaskList:
        """The tasks at rising places."""
        if self._of is not None:
            whole, own = self._of
            return whole.chosen(own[places])

        def some(start: int, stop: int) -> Iterator[Task]:
            wanted = places[start:stop]
            for first in range(0, len(wanted), _TOGETHER):
                part = wanted[first : first + _TOGETHER].tolist()
                if part[-1] - part[0] < 2 * _TOGETHER:
                    near = self[part[0] : part[-1] + 1]
                    yield from (near[place - part[0]] for place in part)
                else:
                    yield from (self[place] for place in part)

        chosen = TaskList(len(places), some)
        chosen._of = self, places
        return chosen


def addresses(found: Iterable[str], count: int) -> npt.NDArray[np.bytes_]:
    """Content addresses, 16 bytes each."""
    return np.fromiter((address.encode("ascii") for address in found), "S16", count)


def unfinished(tasks: Sequence[Task], spent: Container[str] = ()) -> Sequence[Task]:
    """The tasks of which a shard is missing, in order, those of the kinds in ``spent`` aside. An object store is asked
    by the folder, not by the shard."""
    folders: dict[ObjectPath, dict[str, int]] = {}

    def exists(path: str) -> bool:
        place = location(path)
        if not isinstance(place, ObjectPath):
            return place.exists()
        if place.parent not in folders:
            folders[place.parent] = place.parent.files()
        return place.name in folders[place.parent]

    def is_done(task: Task) -> bool:
        return all(kind in spent or exists(path) for kind, path in task.writes)

    if not isinstance(tasks, TaskList):
        return [task for task in tasks if not is_done(task)]
    places = np.fromiter((place for place, task in enumerate(tasks) if not is_done(task)), np.int64)
    return tasks if len(places) == len(tasks) else tasks.chosen(places)
