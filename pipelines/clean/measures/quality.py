"""The measure of a quality scorer: the one that comes with the program, or one trained by ``hanmill quality train``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from hanmill.pipelines.clean.measures.registry import Page, rule
from hanmill.pipelines.clean.quality.model import QualityModel, read_model, shipped_model


def open_quality(file: str, label: str) -> None:
    """Loads a scorer. Raises QualityModelError."""
    _model(file)


@rule("quality@1", may_read_file=True, opens=open_quality)
def quality(page: Page) -> float:
    """How much the text reads like one written to be read, between 0 and 1, by a scorer; 0 for no text.

    Without a file the scorer is the one that comes with the program. Raises QualityModelError.
    """
    return _model(page.file).score(page.document.text)


@lru_cache(maxsize=8)
def _model(file: str) -> QualityModel:
    return read_model(Path(file)) if file else shipped_model()
