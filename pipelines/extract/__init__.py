"""A raw page to text with spans."""
