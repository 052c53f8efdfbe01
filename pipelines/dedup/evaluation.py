"""Decontamination: documents that hold an item of an evaluation set, whatever script either is written in."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from hanmill.pipelines.dedup.fold import fold
from hanmill.pipelines.dedup.minhash import shingle_hashes
from hanmill.schemas.errors import HanmillError

#: Decoded bytes of one evaluation file; more is no evaluation file.
MAX_BYTES = 1 << 30
EVALUATION_OVERLAP = "evaluation_overlap@1"
_OPENERS: Mapping[str, Callable[..., Any]] = {".bz2": bz2.open, ".gz": gzip.open, ".xz": lzma.open}


class EvaluationFileError(HanmillError, ValueError):
    """An evaluation file that cannot be read, or holds nothing to compare with."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an evaluation set: its file and line (from 1), and its text."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """The item a document shares most of: ``share`` of the item's different n-grams stand in the document."""

    item: Item
    share: float


class EvaluationItems:
    """The n-grams of all items, sorted, so that a document is looked up by arrays.

    Items shorter than ``ngram`` folded characters count as one gram of their own length and are passed over: they
    would match by chance. ``compared`` says how many items are left.
    """

    def __init__(self, files: Sequence[str], ngram: int, share: float) -> None:
        self._ngram, self._share = ngram, share
        self._items: list[Item] = []
        grams: list[npt.NDArray[np.uint64]] = []
        for item in (item for name in files for item in read_items(Path(name))):
            folded = fold(item.text)
            if len(folded) >= ngram:
                self._items.append(item)
                grams.append(np.unique(shingle_hashes(folded, ngram)))
        if files and not grams:
            raise EvaluationFileError(f"{', '.join(files)}: found no item of {ngram} letters and more")
        self._sizes = np.array([len(item) for item in grams], np.int64)
        everything = np.concatenate([np.zeros(0, np.uint64), *grams])
        order = np.argsort(everything, kind="stable")
        self._grams = everything[order]
        self._owners = np.repeat(np.arange(len(grams)), self._sizes)[order]

    @property
    def compared(self) -> int:
        """Items long enough to be compared."""
        return len(self._items)

    def overlap(self, folded: npt.NDArray[np.uint32]) -> Overlap | None:
        """The item most of which stands in a folded text, None where no item reaches the share."""
        if len(folded) < self._ngram or not self._items:
            return None
        found = np.unique(shingle_hashes(folded, self._ngram))
        starts = np.searchsorted(self._grams, found, "left")
        counts = np.searchsorted(self._grams, found, "right") - starts
        if not counts.any():
            return None
        places = np.repeat(starts - np.r_[0, np.cumsum(counts)[:-1]], counts) + np.arange(counts.sum())
        shares = np.bincount(self._owners[places], minlength=len(self._items)) / self._sizes
        best = int(np.argmax(shares))
        return Overlap(self._items[best], float(shares[best])) if shares[best] >= self._share else None


def read_items(path: Path) -> Iterator[Item]:
    """Items of an evaluation file, by its name: JSON (an array or one object a line), CoNLL-U, or plain lines.

    Of JSON every string of an object counts, longest first by itself; of CoNLL-U the ``# text`` lines; of anything
    else each line, its tabs as spaces. ``.gz``, ``.bz2`` and ``.xz`` are undone. Raises EvaluationFileError.
    """
    try:
        with _OPENERS.get(path.suffix, open)(path, "rb") as file:
            text = _bounded(file, path).decode("utf-8-sig")
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise EvaluationFileError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    kind = Path(path.stem).suffix if path.suffix in _OPENERS else path.suffix
    if kind in (".json", ".jsonl"):
        yield from _json_items(text, path)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if kind == ".conllu":
            _, mark, line = line.partition("# text = ")
            if not mark:
                continue
        if line.strip():
            yield Item(f"{path.name}:{number}", line.replace("\t", " "))


def _json_items(text: str, path: Path) -> Iterator[Item]:
    try:
        if text.lstrip().startswith("["):
            values = list(enumerate(json.loads(text), 1))
        else:
            values = [(number, json.loads(line)) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    except (ValueError, RecursionError) as error:
        raise EvaluationFileError(f"{path}: not JSON: {error}") from error
    for number, value in values:
        for string in _strings(value):
            yield Item(f"{path.name}:{number}", string)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _bounded(file: IO[bytes], path: Path) -> bytes:
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise EvaluationFileError(f"{path}: decoded size above {MAX_BYTES:,} bytes")
    return data
