"""Bytes to raw pages or texts, and how a file is cut into splits."""
