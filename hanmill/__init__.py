"""What a user imports: ``import hanmill as hm``. Nothing is loaded before it is used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hanmill.corpus import Character, Document, Word, read_documents
    from hanmill.pipelines.engines.build_graph import BuildCorpus
    from hanmill.pipelines.transforms.annotate import Annotate
    from hanmill.pipelines.transforms.clean import Clean
    from hanmill.pipelines.transforms.count_vocabulary import CountVocabulary
    from hanmill.pipelines.transforms.deduplicate import Deduplicate
    from hanmill.pipelines.transforms.read import ReadCommonCrawl, ReadSource, ReadWikipedia
    from hanmill.pipelines.transforms.rows import AnnotatedText, AnnotateRows, DocumentRow, DocumentRows
    from hanmill.pipelines.transforms.write_corpus import WriteCorpus
    from hanmill.schemas.errors import HanmillError
    from hanmill.schemas.manifest import Manifest
    from hanmill.schemas.recipe import Recipe
    from hanmill.schemas.recipe_file import load_recipe

_PUBLIC = {
    "Annotate": "hanmill.pipelines.transforms.annotate",
    "AnnotateRows": "hanmill.pipelines.transforms.rows",
    "AnnotatedText": "hanmill.pipelines.transforms.rows",
    "BuildCorpus": "hanmill.pipelines.engines.build_graph",
    "Character": "hanmill.corpus",
    "Clean": "hanmill.pipelines.transforms.clean",
    "CountVocabulary": "hanmill.pipelines.transforms.count_vocabulary",
    "Deduplicate": "hanmill.pipelines.transforms.deduplicate",
    "Document": "hanmill.corpus",
    "DocumentRow": "hanmill.pipelines.transforms.rows",
    "DocumentRows": "hanmill.pipelines.transforms.rows",
    "HanmillError": "hanmill.schemas.errors",
    "Manifest": "hanmill.schemas.manifest",
    "ReadCommonCrawl": "hanmill.pipelines.transforms.read",
    "ReadSource": "hanmill.pipelines.transforms.read",
    "ReadWikipedia": "hanmill.pipelines.transforms.read",
    "Recipe": "hanmill.schemas.recipe",
    "Word": "hanmill.corpus",
    "WriteCorpus": "hanmill.pipelines.transforms.write_corpus",
    "load_recipe": "hanmill.schemas.recipe_file",
    "read_documents": "hanmill.corpus",
}

__all__ = [
    "Annotate",
    "AnnotateRows",
    "AnnotatedText",
    "BuildCorpus",
    "Character",
    "Clean",
    "CountVocabulary",
    "Deduplicate",
    "Document",
    "DocumentRow",
    "DocumentRows",
    "HanmillError",
    "Manifest",
    "ReadCommonCrawl",
    "ReadSource",
    "ReadWikipedia",
    "Recipe",
    "Word",
    "WriteCorpus",
    "load_recipe",
    "read_documents",
]


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'hanmill' has no attribute {name!r}; public are {', '.join(__all__)}")
    return getattr(importlib.import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
