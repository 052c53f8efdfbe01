"""Wikitext to plain text that keeps Chinese and Japanese words: one pass, linear time."""

from pipelines.extract.wikitext.extractor import Extracted as Extracted
from pipelines.extract.wikitext.extractor import extract as extract
from pipelines.extract.wikitext.variants import VariantError as VariantError
