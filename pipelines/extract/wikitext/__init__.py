"""Wikitext to plain text that keeps Chinese and Japanese words: one pass, linear time."""

from hanmill.pipelines.extract.wikitext.extractor import Extracted as Extracted
from hanmill.pipelines.extract.wikitext.extractor import extract as extract
from hanmill.pipelines.extract.wikitext.variants import VariantError as VariantError
