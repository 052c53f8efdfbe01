"""Writes files whole or not at all, and a cluster table as Parquet."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hanmill.unihan.clusters import ClusterTable
from hanmill.unihan.errors import UnihanError, VariantFileError


def write_whole(path: Path, data: bytes) -> None:
    """Writes beside ``path``, then renames. Raises VariantFileError where the folder does not take it."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            umask = os.umask(0)
            os.umask(umask)
            Path(name).chmod(0o666 & ~umask)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise VariantFileError(f"{path}: cannot be written ({error.strerror})") from error


def parquet_bytes(table: ClusterTable, versions: Mapping[str, str]) -> bytes:
    """One row a token, cluster by cluster.

    Columns: ``cluster`` uint32, ``token`` string, ``representative`` string, ``size`` uint32. The versions of the
    sources stand in the file's metadata under ``unihan.versions`` as JSON. Raises UnihanError without pyarrow.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise UnihanError("a Parquet file needs the package pyarrow, which is not installed") from error
    rows = [
        (number, token, stands, len(cluster))
        for number, (cluster, stands) in enumerate(zip(table.members, table.representatives, strict=True))
        for token in cluster
    ]
    columns = zip(*rows, strict=True) if rows else ((), (), (), ())
    schema = pa.schema(
        [
            pa.field("cluster", pa.uint32(), nullable=False),
            pa.field("token", pa.string(), nullable=False),
            pa.field("representative", pa.string(), nullable=False),
            pa.field("size", pa.uint32(), nullable=False),
        ],
        metadata={"unihan.versions": json.dumps(dict(versions), sort_keys=True), "unihan.sha256": table.sha256()},
    )
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())
