"""Text to columns: words, readings, glyphs."""
