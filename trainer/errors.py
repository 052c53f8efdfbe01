"""What the trainer refuses: each message is one line that names both sides."""

from __future__ import annotations

from hanmill.schemas.errors import HanmillError


class TrainerError(HanmillError):
    """Base of the trainer's errors."""


class ConfigError(TrainerError):
    """A configuration that cannot be found, read or understood."""


class CorpusError(TrainerError):
    """A corpus whose contents contradict themselves or do not fit the model."""


class CheckpointError(TrainerError):
    """A checkpoint that cannot be read or belongs to another model, configuration or corpus."""


class DamagedCheckpoint(CheckpointError):
    """A checkpoint whose bytes are not those that were written."""


class RunError(TrainerError):
    """A folder that cannot hold a run or an export."""


class OutOfMemory(TrainerError):
    """A step that does not fit the device."""


class RankLost(TrainerError):
    """Another rank ended in the middle of a step."""


class LoaderDied(TrainerError):
    """A loader process that ended without a word, mostly for lack of memory."""


class TrainingDiverged(TrainerError):
    """A loss or gradient that is not a finite number."""


class Interrupted(Exception):
    """SIGTERM or SIGINT arrived; the run is saved and can be continued."""
