"""How text was made, as exports say it, so that they can be read again and fine-tuned."""

from __future__ import annotations

from typing import Any, Protocol

from hanmill.schemas.recipe import NormalizeRecipe, ReadingsRecipe, SegmentRecipe
from hanmill.schemas.typed_mapping import to_mapping

#: Key of ``config.json``.
TEXT = "hanmill_text"


class ReadsText(Protocol):
    """What knows how its text was made."""

    @property
    def normalize(self) -> NormalizeRecipe:
        """The normalisation."""
        ...

    @property
    def segment(self) -> SegmentRecipe:
        """Who cut words."""
        ...

    @property
    def readings(self) -> ReadingsRecipe:
        """Who read characters."""
        ...


def text_settings(of: ReadsText) -> dict[str, Any]:
    """The entry of ``config.json``."""
    return {TEXT: {name: to_mapping(getattr(of, name)) for name in ("normalize", "segment", "readings")}}
