"""How a model over characters takes its documents: rows of a row group, and rows masked into a batch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hanmill.trainer.configs.bounds import at_least
from hanmill.trainer.configs.stage import Shape
from hanmill.trainer.data.corpus import Ints, RowGroupPlace, primary_subtag
from hanmill.trainer.data.counter_random import keys_of
from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.data.masking import MaskedRows, MaskingConfig, draw_characters, draw_fates
from hanmill.trainer.data.order import VALIDATION, VALIDATION_SEED
from hanmill.trainer.data.specials import Specials
from hanmill.trainer.data.windows import Windows


@dataclass(frozen=True, slots=True)
class DataConfig:
    """How documents become inputs.

    ``window`` is the length of an input row in tokens, ``global_batch`` the rows of one optimiser step over all
    ranks, ``micro_batch`` the rows of one forward pass on one rank. Rows are shuffled inside blocks of
    ``shuffle_row_groups`` row groups; ``lanes`` blocks are read side by side. ``languages`` (primary subtags)
    leaves out documents of any other language; empty takes all; a ``temperature`` above 1 reads small ones of these
    more often and large ones less (shares of n^(1/T)). About ``validation_rows`` rows of the validation
    shards are evaluated. With ``document_boundaries`` no token attends
    to another document.
    """

    window: int
    global_batch: int
    micro_batch: int
    languages: tuple[str, ...] = ()
    document_boundaries: bool = True
    shuffle_row_groups: int = 2
    lanes: int = 8
    workers: int = 0
    validation_rows: int = 2048
    temperature: float = 1.0

    def __post_init__(self) -> None:
        at_least(self, 1, "window", "global_batch", "micro_batch", "shuffle_row_groups", "lanes")
        at_least(self, 0, "workers", "validation_rows")
        if len(set(self.languages)) < len(self.languages):
            raise ValueError("languages, each once")
        if self.temperature < 1 or (self.temperature > 1 and not self.languages):
            raise ValueError("temperature of at least 1, and above 1 only with languages")

    def shaped(self, shape: Shape) -> DataConfig:
        """With what a stage says otherwise."""
        chosen = {name: getattr(shape, name) for name in ("window", "global_batch", "micro_batch")}
        return replace(self, **{name: value for name, value in chosen.items() if value is not None})

    def takes(self, language: str) -> bool:
        """Whether documents of a language tag, ``zh-TW`` say, are used."""
        return not self.languages or primary_subtag(language) in self.languages

    @property
    def memory_advice(self) -> str:
        """What to change where a step does not fit the device's memory."""
        return (
            f"data.micro_batch {self.micro_batch} rows of {self.window} tokens; a smaller data.micro_batch gives the "
            "same result and continues the run"
        )


@dataclass(frozen=True, kw_only=True)
class RowFormat(ABC):
    """Everything between a row group and a batch; plain data, so that loader processes can have it.

    ``model_ids`` int32 [characters] maps character ids to model ids (in UnihanLM's cluster stage to those of the
    representatives).
    """

    specials: Specials
    model_ids: npt.NDArray[np.int32]
    data: DataConfig
    masking: MaskingConfig
    seed: int

    @abstractmethod
    def count(self, places: Sequence[RowGroupPlace], epoch: int) -> Ints:
        """Rows that ``windows`` will make of each row group, and its sentences: int64 [places, 2]."""

    @abstractmethod
    def windows(self, place: RowGroupPlace, epoch: int) -> Windows:
        """All rows of a row group. Raises CorpusError."""

    @abstractmethod
    def batch(self, windows: Windows, groups: Ints, rows: Ints, epoch: int) -> MaskedBatch:
        """Masks gathered rows. ``groups`` and ``rows`` [n] name them: row-group ordinal and row inside it."""

    @abstractmethod
    def closing_tokens(self, sentences: int) -> int:
        """Targets that are sentence ends, of so many sentences."""

    def empty(self) -> MaskedBatch:
        """One row of padding without targets, for a rank that has no row left in a micro-batch."""
        nothing = np.zeros(1, np.int64)
        return self.batch(Windows.padding(self.data.window, self.specials.padding), nothing, nothing, VALIDATION)

    def seed_of(self, epoch: int) -> int:
        """The run's seed, or that of validation."""
        return VALIDATION_SEED if epoch == VALIDATION else self.seed

    def mask(self, windows: Windows, groups: Ints, rows: Ints, epoch: int) -> MaskedRows:
        """Draws which tokens are predicted and what stands in their place."""
        seed = self.seed_of(epoch)
        group_keys = keys_of("words", seed, epoch, last=groups)
        row_keys = keys_of("row", seed, epoch, last=groups * (1 << 32) + rows)
        fates = draw_fates(windows.unit, group_keys, row_keys, self.masking)
        places = np.flatnonzero(fates.chosen)
        ids = windows.ids.astype(np.int64)
        targets = ids.ravel()[places]
        replacements = draw_characters(fates.replaced, row_keys, len(self.model_ids))
        ids[fates.masked] = self.specials.mask
        ids[fates.replaced] = self.model_ids[replacements]
        return MaskedRows(ids, places, targets, fates, replacements)
