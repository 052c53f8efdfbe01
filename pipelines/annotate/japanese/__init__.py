"""Japanese words and their readings."""
