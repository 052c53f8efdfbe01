"""Unihan variant data and its neighbours as one graph, and the clusters of that graph.

>>> from hanmill import unihan
>>> table = unihan.clusters(unihan.load_graph())
>>> table.members[table.cluster_of["気"]]
('⽓', '气', '気', '氣', '炁')
"""

from __future__ import annotations

from hanmill.unihan.clusters import ClusterTable, Split, clusters
from hanmill.unihan.errors import FetchError, SourceError, UnihanError, VariantFileError, VocabularyError
from hanmill.unihan.graph import Edge, VariantGraph
from hanmill.unihan.ivs import base_character, fold_sequences
from hanmill.unihan.sources import DEFAULT_SOURCES, expand_sources, load_graph, version_warning
from hanmill.unihan.triples import kept_triples, triples
from hanmill.unihan.variants_file import UNIHANLM_FIELDS, VARIANT_FIELDS, UnihanVariants, read_variants

__all__ = [
    "DEFAULT_SOURCES",
    "UNIHANLM_FIELDS",
    "VARIANT_FIELDS",
    "ClusterTable",
    "Edge",
    "FetchError",
    "SourceError",
    "Split",
    "UnihanError",
    "UnihanVariants",
    "VariantFileError",
    "VariantGraph",
    "VocabularyError",
    "base_character",
    "clusters",
    "expand_sources",
    "fold_sequences",
    "kept_triples",
    "load_graph",
    "read_variants",
    "triples",
    "version_warning",
]
