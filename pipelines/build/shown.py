"""What a shard's footer carries to the report: how much of it, and how values are counted."""

from __future__ import annotations

#: Examples of a rule or kind of failure, and templates that showed nothing.
EXAMPLES, TEMPLATES = 5, 200
#: Kept documents shown of a rule, those nearest to its limits.
NEAREST = 3


def rounded(value: float) -> str:
    """A measured value as it is counted: three digits, so that any corpus has a bounded number of them.

    >>> rounded(0.123456), rounded(41.0), rounded(123456)
    ('0.123', '41', '1.23e+05')
    """
    return f"{value:.3g}"
