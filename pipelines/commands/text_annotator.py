"""What commands of the trainer read raw text with: they know no annotators themselves."""

from __future__ import annotations

from hanmill.schemas.annotated_text import Annotate
from hanmill.schemas.recipe import NormalizeRecipe, ReadingsRecipe, SegmentRecipe


def text_annotator(normalize: NormalizeRecipe, segment: SegmentRecipe, readings: ReadingsRecipe | None) -> Annotate:
    """An ``AnnotatorFactory``; annotators are imported when it is called, as they take a second to load."""
    from hanmill.pipelines.annotate.text_annotator import TextAnnotator

    return TextAnnotator(normalize, segment, readings)
