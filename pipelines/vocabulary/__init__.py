"""Counts of characters and words, and the tables made of them."""
