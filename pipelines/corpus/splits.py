"""Which documents of a corpus are for validation."""

from __future__ import annotations

#: Resolution of the validation share.
_BUCKETS = 1 << 32


def is_validation(cluster: bytes, share: float) -> bool:
    """Whether the documents of a duplicate cluster are validation rows: no twin is on the other side."""
    return int.from_bytes(cluster[:4], "big") < share * _BUCKETS
