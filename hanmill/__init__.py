"""What a user imports: ``import hanmill as hm``. Nothing is loaded before it is used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.engines.single_job_graph import BuildCorpus
    from pipelines.transforms.annotate import Annotate
    from pipelines.transforms.clean import Clean
    from pipelines.transforms.count_vocabulary import CountVocabulary
    from pipelines.transforms.deduplicate import Deduplicate
    from pipelines.transforms.read import ReadCommonCrawl, ReadSource, ReadWikipedia
    from pipelines.transforms.rows import AnnotatedText, AnnotateRows, DocumentRow, DocumentRows
    from pipelines.transforms.write_corpus import WriteCorpus
    from schemas.errors import HanmillError
    from schemas.manifest import Manifest
    from schemas.recipe import Recipe
    from schemas.recipe_file import load_recipe

_PUBLIC = {
    "Annotate": "pipelines.transforms.annotate",
    "AnnotateRows": "pipelines.transforms.rows",
    "AnnotatedText": "pipelines.transforms.rows",
    "BuildCorpus": "pipelines.engines.single_job_graph",
    "Clean": "pipelines.transforms.clean",
    "CountVocabulary": "pipelines.transforms.count_vocabulary",
    "Deduplicate": "pipelines.transforms.deduplicate",
    "DocumentRow": "pipelines.transforms.rows",
    "DocumentRows": "pipelines.transforms.rows",
    "HanmillError": "schemas.errors",
    "Manifest": "schemas.manifest",
    "ReadCommonCrawl": "pipelines.transforms.read",
    "ReadSource": "pipelines.transforms.read",
    "ReadWikipedia": "pipelines.transforms.read",
    "Recipe": "schemas.recipe",
    "WriteCorpus": "pipelines.transforms.write_corpus",
    "load_recipe": "schemas.recipe_file",
}

__all__ = [
    "Annotate",
    "AnnotateRows",
    "AnnotatedText",
    "BuildCorpus",
    "Clean",
    "CountVocabulary",
    "Deduplicate",
    "DocumentRow",
    "DocumentRows",
    "HanmillError",
    "Manifest",
    "ReadCommonCrawl",
    "ReadSource",
    "ReadWikipedia",
    "Recipe",
    "WriteCorpus",
    "load_recipe",
]


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'hanmill' has no attribute {name!r}; public are {', '.join(__all__)}")
    return getattr(importlib.import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
