"""The tasks by name."""

from __future__ import annotations

from typing import Any

from hanmill.trainer.configs.fit import Metric
from hanmill.trainer.errors import ConfigError
from hanmill.trainer.finetuning.tasks.reading import Reading
from hanmill.trainer.finetuning.tasks.segmentation import Segmentation
from hanmill.trainer.finetuning.tasks.tagging import Tagging
from hanmill.trainer.finetuning.tasks.task import Task
from hanmill.trainer.finetuning.tasks.texts import Texts

TASKS: dict[str, Task[Any, Any]] = {
    task.name: task
    for task in (Segmentation(), Tagging("entities"), Tagging("pos"), Texts("sentence"), Texts("pair"), Reading())
}
#: What chooses the best epoch; of numbers it is Spearman's correlation.
METRICS: dict[str, Metric] = {
    "segmentation": "f1", "entities": "f1", "pos": "accuracy", "sentence": "accuracy", "pair": "accuracy",
    "reading": "f1", "translation": "bleu",
}  # fmt: skip


def find_task(name: str) -> Task[Any, Any]:
    """Raises ConfigError naming the tasks there are."""
    if name not in TASKS:
        raise ConfigError(f"task: found {name!r}, expected one of {', '.join(TASKS)}")
    return TASKS[name]
