"""What cuts Chinese into words at ingest, where a recipe asks for a conversion by word."""

from __future__ import annotations

from hanmill.pipelines.annotate.segmenters import cutter
from hanmill.pipelines.text.phrase_conversion import CHARACTER_CONFIGURATIONS, CutWords
from hanmill.schemas.recipe import Recipe


def converts_by_word(recipe: Recipe) -> bool:
    """Whether ingest asks the segmenter where words end: for OpenCC's phrases, and for a variant of a wiki."""
    phrases = recipe.normalize.opencc and recipe.normalize.opencc not in CHARACTER_CONFIGURATIONS
    return bool(phrases or recipe.sources.wikipedia.variant)


def word_cutter(recipe: Recipe) -> CutWords | None:
    """The recipe's segmenter as a conversion needs it, None where none does."""
    return cutter(recipe.segment) if converts_by_word(recipe) else None
