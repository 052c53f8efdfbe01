"""WARC, WET and ARC archives, and the columnar URL index."""
