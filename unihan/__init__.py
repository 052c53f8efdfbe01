"""Unihan variant data and its neighbours as one graph, and the clusters of that graph.

>>> import unihan
>>> table = unihan.clusters(unihan.load_graph())
>>> table.members[table.cluster_of["気"]]
('⽓', '气', '気', '氣', '炁')
"""

from __future__ import annotations

from unihan.clusters import ClusterTable, Split, clusters
from unihan.errors import FetchError, SourceError, UnihanError, VariantFileError, VocabularyError
from unihan.graph import Edge, VariantGraph
from unihan.ivs import base_character, fold_sequences
from unihan.sources import DEFAULT_SOURCES, expand_sources, load_graph, version_warning
from unihan.triples import kept_triples, triples
from unihan.variants_file import UNIHANLM_FIELDS, VARIANT_FIELDS, UnihanVariants, read_variants

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
