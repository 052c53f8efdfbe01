"""Bitmaps of characters."""
