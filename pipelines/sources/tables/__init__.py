"""Tables of texts as a source: Parquet, JSON lines, CSV, TSV and plain text files."""
