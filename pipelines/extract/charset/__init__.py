"""Which charset the bytes of a page are in."""
