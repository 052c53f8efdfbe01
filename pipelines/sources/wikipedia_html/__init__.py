"""Wikimedia Enterprise's dumps of articles as HTML."""
