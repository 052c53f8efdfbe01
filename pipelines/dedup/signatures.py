"""The signature of a document: all that deduplication ever sees of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from hanmill.pipelines.dedup.fold import fingerprint, fold
from hanmill.pipelines.dedup.lines import line_hashes
from hanmill.pipelines.dedup.minhash import SHORT_SHINGLES, band_keys, shingle_hashes, signature, sketch


def signature_row(uid: int, rank: int, text: str, *, lines: bool) -> dict[str, Any]:
    """A row of SIGNATURES; ``rank`` is that of the document's source, and lines are hashed where ``lines`` says so."""
    folded = fold(text)
    hashes = shingle_hashes(folded)
    values = signature(hashes)[None]
    hashed_lines = np.unique(line_hashes(text)) if lines else np.zeros(0, np.uint64)
    return {
        "uid": uid,
        "source_rank": rank,
        "length": len(folded),
        "fingerprint": fingerprint(folded),
        "bands": band_keys(values).tobytes(),
        "sketch": sketch(values).tobytes(),
        "shingles": np.unique(hashes.astype(np.uint32)) if len(hashes) < SHORT_SHINGLES else (),
        "lines": hashed_lines[hashed_lines != 0],
    }
