"""HTML to the text of its article."""
