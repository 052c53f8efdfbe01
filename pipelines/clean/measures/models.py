"""Measures by a model that the recipe names: fastText classifiers, n-gram language models of KenLM."""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import Any

from hanmill.pipelines.clean.measures.registry import Page, rule
from hanmill.schemas.errors import HanmillError

_PREFIX = "__label__"
#: Text on which a classifier is asked for its labels.
_PROBE = "文 文字 text"


class ModelFileError(HanmillError, ValueError):
    """A model that is missing, of another kind, without the label, or whose library is not installed."""


def open_classifier(file: str, label: str) -> None:
    """Loads a fastText classifier. Raises ModelFileError, also where it has no such label."""
    # Below a threshold, even of 0, a model leaves out what is all but impossible.
    found = _classifier(file).predict(_PROBE, k=-1, threshold=-1.0)[0]
    labels = [name.removeprefix(_PREFIX) for name in found]
    if label.removeprefix(_PREFIX) not in labels:
        known = ", ".join(sorted(labels)[:12]) + (", …" if len(labels) > 12 else "")
        raise ModelFileError(f"{file}: found labels {known or 'none'}, expected {label!r} among them")


def open_language_model(file: str, label: str) -> None:
    """Loads a KenLM model. Raises ModelFileError, also where the package kenlm is not installed."""
    _language_model(file)


@rule("fasttext@1", reads_list=True, reads_label=True, opens=open_classifier)
def fasttext(page: Page) -> float:
    """Probability of a label, between 0 and 1, by a fastText classifier, of the text as it stands in one line.

    Raises ModelFileError.
    """
    text = page.document.text.encode("utf-8", "replace").decode()
    labels, scores = _classifier(page.file).predict(" ".join(text.replace("\x00", " ").split()), k=-1)
    wanted = page.label.removeprefix(_PREFIX)
    found = (score for name, score in zip(labels, scores, strict=True) if name.removeprefix(_PREFIX) == wanted)
    return min(1.0, float(next(found, 0.0)))


@rule("perplexity@1", reads_list=True, opens=open_language_model)
def perplexity(page: Page) -> float:
    """Perplexity of a character, by a KenLM model over characters, every line a sentence; 0 for no text.

    Characters that are not white space are given to the model one by one; the end of a line counts as one. Raises
    ModelFileError.
    """
    model = _language_model(page.file)
    score, units = 0.0, 0
    for line in page.lines:
        characters = "".join(line.split())
        score += float(model.score(" ".join(characters), bos=True, eos=True))
        units += len(characters) + 1
    return float(10.0 ** min(300.0, -score / units)) if units else 0.0


@lru_cache(maxsize=8)
def _classifier(file: str) -> Any:
    library = importlib.import_module("fasttext")
    try:
        model = library.load_model(file)
        model.predict(_PROBE)
    except (ValueError, RuntimeError) as error:
        raise ModelFileError(f"{file}: expected a fastText classifier: {error}") from error
    return model


@lru_cache(maxsize=4)
def _language_model(file: str) -> Any:
    try:
        library = importlib.import_module("kenlm")
    except ImportError as error:
        raise ModelFileError(f"perplexity@1 with {file}: expected the package kenlm, which is not installed") from error
    try:
        return library.Model(file)
    except (OSError, RuntimeError) as error:
        raise ModelFileError(f"{file}: expected a model of KenLM: {error}") from error
