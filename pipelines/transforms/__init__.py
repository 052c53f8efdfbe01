"""Beam transforms that compose: one a file, wiring only."""
