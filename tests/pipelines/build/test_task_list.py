from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.task_list import TaskList, unfinished


def numbered(folder: Path, count: int) -> TaskList:
    def some(start: int, stop: int) -> Iterator[Task]:
        for number in range(start, stop):
            yield Task(f"{number:016x}", f"漢字 {number}", (("train", f"{folder}/{number}"),), number=number)

    return TaskList(count, some)


def test_tasks_are_made_as_they_are_asked_for() -> None:
    tasks = numbered(Path("corpus"), 3_000)
    assert [task.number for task in tasks] == list(range(3_000))
    assert (tasks[0].number, tasks[-1].number, len(tasks[1_000:1_010])) == (0, 2_999, 10)
    assert tasks[2_999:5_000] == [tasks[2_999]]
    assert tasks[5:5] == []
    with pytest.raises(IndexError):
        tasks[3_000]
    with pytest.raises(ValueError, match="found a step of 2, expected neighbours"):
        tasks[::2]


@pytest.mark.parametrize("places", [[], [7], [0, 1, 2_999], list(range(0, 3_000, 3)), list(range(1_500))])
def test_some_of_some_are_those_of_all(places: list[int]) -> None:
    chosen = numbered(Path("corpus"), 3_000).chosen(np.array(places, np.int64))
    assert [task.number for task in chosen] == places
    again = chosen.chosen(np.arange(0, len(places), 2))
    assert [task.number for task in again] == places[::2]
    assert [task.number for task in again[:1]] == places[:1]


def test_what_is_there_is_not_to_be_done(tmp_path: Path) -> None:
    tasks = numbered(tmp_path, 40)
    assert unfinished(tasks) is tasks
    for number in (3, 4, 39):
        (tmp_path / str(number)).touch()
    left = unfinished(tasks)
    assert [task.number for task in left] == [n for n in range(40) if n not in (3, 4, 39)]
    (tmp_path / "0").touch()
    assert unfinished(left)[0].number == 1
    assert not unfinished(tasks, {"train"})
    assert unfinished(list(tasks)[3:5]) == []
