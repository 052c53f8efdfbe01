"""The signature of a document: all that deduplication ever sees of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanmill.pipelines.dedup.address import address_key, seconds_of
from hanmill.pipelines.dedup.fold import FINGERPRINT_BYTES, fingerprints, fold_texts
from hanmill.pipelines.dedup.minhash import SHORT_SHINGLES, Shingles, band_keys, signatures, sketch, text_shingles
from hanmill.pipelines.dedup.repeats import repeat_keys
from hanmill.pipelines.dedup.schema import SIGNATURES
from hanmill.pipelines.sources.registry import SOURCES
from hanmill.schemas.recipe import DeduplicateRecipe


class Signed(NamedTuple):
    """What is signed of a document; ``rank`` is that of its source."""

    uid: int
    rank: int
    text: str
    url: str = ""
    timestamp: str = ""


_SIGNED_TEXTS = ("text", "url", "timestamp")
#: Texts of nobody's source are kept behind all others.
_LAST = 255


def signed(documents: pa.Table | pa.RecordBatch) -> list[Signed]:
    """What is signed of DOCUMENTS."""
    ranks = {name: source.rank for name, source in SOURCES.items()}
    plain = [documents["uid"], documents["source"].cast(pa.string()), *(documents[name] for name in _SIGNED_TEXTS)]
    columns = (column.to_pylist() for column in plain)
    return [Signed(uid, ranks.get(source, _LAST), *rest) for uid, source, *rest in zip(*columns, strict=True)]


def signature_table(documents: Sequence[Signed], settings: DeduplicateRecipe) -> pa.Table:
    """SIGNATURES of documents, in order; lines and passages are hashed where the settings count them."""
    folded = fold_texts([document.text for document in documents])
    shingles = text_shingles(folded)
    values = signatures(shingles)
    repeats = [repeat_keys(document.text, settings) if settings.counts_repeats else _NONE for document in documents]
    columns = [
        pa.array([document.uid for document in documents], pa.uint64()),
        pa.array([document.rank for document in documents], pa.uint8()),
        pa.array(np.diff(folded.bounds).astype(np.uint32)),
        pa.array([address_key(document.url) if document.url else 0 for document in documents], pa.uint64()),
        pa.array([seconds_of(document.timestamp) if document.timestamp else 0 for document in documents], pa.uint32()),
        pa.array(fingerprints(folded), pa.binary(FINGERPRINT_BYTES)),
        _fixed(band_keys(values)),
        _fixed(sketch(values)),
        _of_short(shingles),
        _lists(np.concatenate([_NONE, *repeats]), np.array([len(each) for each in repeats], np.int64)),
    ]
    return pa.Table.from_arrays(columns, schema=SIGNATURES)


_NONE = np.zeros(0, np.uint64)


def _of_short(shingles: Shingles) -> pa.ListArray:
    """The distinct lower halves of the hashes of short documents, sorted; nothing for others."""
    counts = np.diff(shingles.bounds)
    counts[counts >= SHORT_SHINGLES] = 0
    owners = np.repeat(np.arange(len(counts), dtype=np.uint64), np.diff(shingles.bounds))
    short = np.repeat(counts > 0, np.diff(shingles.bounds))
    keys = np.sort((owners[short] << np.uint64(32)) | (shingles.hashes[short] & np.uint64(0xFFFFFFFF)))
    keys = keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]]
    distinct = np.bincount((keys >> np.uint64(32)).astype(np.int64), minlength=len(counts))
    return _lists(keys.astype(np.uint32), distinct)


def _lists(values: npt.NDArray[np.unsignedinteger], lengths: npt.NDArray[np.int64]) -> pa.ListArray:
    offsets = np.concatenate([np.zeros(1, np.int32), np.cumsum(lengths, dtype=np.int32)])
    return pa.ListArray.from_arrays(offsets, pa.array(values))


def _fixed(rows: npt.NDArray[np.unsignedinteger]) -> pa.FixedSizeBinaryArray:
    """The bytes of every row of a matrix."""
    kind = pa.binary(rows.itemsize * rows.shape[1])
    return pa.FixedSizeBinaryArray.from_buffers(kind, len(rows), [None, pa.py_buffer(rows.tobytes())])
