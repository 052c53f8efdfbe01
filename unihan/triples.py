"""Forty-four Simplified/Traditional/Japanese triples that tell whether a variant graph still joins the languages."""

from __future__ import annotations

from hanmill.unihan.clusters import ClusterTable
from hanmill.unihan.embedded import embedded_bytes

Triple = tuple[str, str, str]

_TRIPLES = "triples.tsv"


def triples() -> tuple[Triple, ...]:
    """(Simplified, Traditional, Japanese) forms, all three different, one triple a line of ``data/triples.tsv``."""
    lines = embedded_bytes(_TRIPLES).decode("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return tuple((simplified, traditional, japanese) for simplified, traditional, japanese in rows)


def kept_triples(table: ClusterTable) -> tuple[Triple, ...]:
    """The triples whose three forms have one representative in ``table``."""
    return tuple(triple for triple in triples() if len({table.representative(form) for form in triple}) == 1)
