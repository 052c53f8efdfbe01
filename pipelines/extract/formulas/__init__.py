"""Formulas of every source as TeX, as words, or left out with their sentence; raised and lowered text."""
