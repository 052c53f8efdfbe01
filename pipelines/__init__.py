"""The corpus builder: reads, cleans, annotates and writes text."""

__version__ = "0.1.0"
