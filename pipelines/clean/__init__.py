"""Measures, rules, languages and masks."""
