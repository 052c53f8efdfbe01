"""Whether a model over rows takes rows of the windows that its configuration names."""

from __future__ import annotations

from collections.abc import Sequence

from hanmill.trainer.configs.stage import Shape, StageConfig
from hanmill.trainer.data.row_format import DataConfig
from hanmill.trainer.models.encoder import EncoderConfig


def check_windows(encoder: EncoderConfig, data: DataConfig, stages: Sequence[StageConfig], least: int = 1) -> None:
    """Raises ValueError where a window, of ``data`` or of a stage or phase, is too long for the encoder or too short.

    A row of three tokens holds ``[CLS]``, a character and ``[SEP]``.
    """
    shapes = [Shape(), *(stage.shape for stage in stages), *(phase.shape for stage in stages for phase in stage.phases)]
    for window in (data.shaped(shape).window for shape in shapes):
        if window < least:
            raise ValueError(f"window ({window}) of at least {least}")
        encoder.check_window(window)
