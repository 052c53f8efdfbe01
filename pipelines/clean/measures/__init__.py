"""What filter rules measure, a family a file. Importing a family registers its rules."""

from pipelines.clean.measures import lines, repetition, scripts, web

__all__ = ["lines", "repetition", "scripts", "web"]
