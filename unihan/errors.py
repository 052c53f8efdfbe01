"""Errors a caller may want to tell apart; every message names the file, the place, what was found and expected."""

from __future__ import annotations


class UnihanError(ValueError):
    """Base of every error raised by this package."""


class VariantFileError(UnihanError):
    """A file that cannot be read, is damaged, too large, or holds no variant data."""


class SourceError(UnihanError):
    """A source name, cut or setting that the graph does not know."""


class VocabularyError(UnihanError):
    """A vocabulary or a count table that cannot be used."""


class FetchError(UnihanError):
    """A download that failed or is not what was asked for."""
