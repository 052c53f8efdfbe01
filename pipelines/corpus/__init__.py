"""Shards and documents of a corpus: written, read back, verified, shown."""
