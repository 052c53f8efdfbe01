"""Ingest: one split of a source becomes a shard of documents and a shard of what was dropped, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pipelines.build.job import Task
from pipelines.clean.batch import Cleaner, Kept
from pipelines.clean.rules import check_rules
from pipelines.corpus.shards import ShardWriter
from pipelines.dedup.evaluation import EVALUATION_OVERLAP, EvaluationItems, Overlap
from pipelines.dedup.fold import fingerprint, fold
from pipelines.dedup.lines import line_hashes
from pipelines.dedup.minhash import SHORT_SHINGLES, band_keys, shingle_hashes, signature, sketch
from pipelines.dedup.schema import SIGNATURES
from pipelines.extract.document import Document
from pipelines.extract.forms import Extractor
from pipelines.sources.records import SNIPPET_CHARACTERS, Dropped, Failed, Record, Split
from pipelines.sources.registry import SOURCES
from schemas.corpus import DOCUMENTS, DROPPED
from schemas.hashing import document_uid
from schemas.manifest import Accounting
from schemas.recipe import Recipe, SourcesRecipe

#: A batch ends at whichever comes first; the worker holds no more than this much text.
BATCH_DOCUMENTS = 64
BATCH_CHARACTERS = 1 << 20
#: Examples of every rule that the shard's footer carries to the report, and templates that showed nothing.
EXAMPLES, TEMPLATES = 5, 200


@dataclass(frozen=True, slots=True)
class IngestJob:
    """Reads, filters, cleans and normalises splits."""

    recipe: Recipe
    name: str = "ingest"

    def open(self) -> Callable[[Task], None]:
        """Loads the language model, OpenCC and word lists."""
        ingest = Ingest(self.recipe)

        def run(task: Task) -> None:
            write_split(task, ingest, self.recipe)

        return run


class Ingest:
    """What becomes of the records of splits by a recipe, in a build and in a preview of one. Built once a process."""

    def __init__(self, recipe: Recipe) -> None:
        """Raises what is wrong with a rule, a word list or an evaluation file."""
        check_rules(recipe.clean.rules)
        self._recipe = recipe
        self._cleaner = Cleaner(recipe.clean, recipe.normalize)
        wanted = recipe.clean.decontaminate
        self._evaluation = EvaluationItems(wanted.files, wanted.ngram, wanted.share)
        self.templates_dropped: Counter[str] = Counter()

    def outcomes(self, split: Split, extracted: dict[str, Document] | None = None) -> Iterator[Kept | Dropped | Failed]:
        """One outcome per record of a split; ``extracted`` is given the documents by place as they come.

        ``templates_dropped`` counts the templates of this split that showed nothing.
        """
        extractor = Extractor(self._recipe.sources)
        self.templates_dropped = extractor.templates_dropped
        documents = extractor.documents(read_records(split, self._recipe.sources))
        for outcome in clean_documents(_noted(documents, extracted), self._cleaner):
            yield self._decontaminated(outcome) if isinstance(outcome, Kept) and self._evaluation.compared else outcome

    def _decontaminated(self, kept: Kept) -> Kept | Dropped:
        overlap = self._evaluation.overlap(fold(kept.document.text))
        share = self._recipe.clean.decontaminate.share
        return kept if overlap is None else _contaminated(kept.document, overlap, share)


def write_split(task: Task, ingest: Ingest, recipe: Recipe) -> None:
    """Writes the shards ``dropped``, ``signatures`` and, last, ``documents``, whose footer has the accounting."""
    if task.split is None:
        raise ValueError(f"{task.label}: task without a split given to ingest")
    rows = recipe.output.row_group_rows
    account = _Account()
    with (
        ShardWriter(task.writing("documents"), DOCUMENTS, rows) as documents,
        ShardWriter(task.writing("signatures"), SIGNATURES, rows) as signatures,
        ShardWriter(task.writing("dropped"), DROPPED, rows) as refused,
    ):
        for outcome in ingest.outcomes(task.split):
            account.read += 1
            if isinstance(outcome, Kept):
                row = _document_row(outcome)
                documents.append(row)
                signatures.append(_signature_row(row, lines=recipe.deduplicate.lines > 0))
                account.kept += 1
                continue
            if isinstance(outcome, Failed):
                account.bytes_lost += outcome.bytes_lost
            row = _dropped_row(outcome) if isinstance(outcome, Dropped) else _failed_row(outcome)
            refused.append(row)
            account.refuse(row)
        templates = sorted(ingest.templates_dropped.items(), key=lambda item: (-item[1], item[0]))
        documents.metadata.update(
            accounting=asdict(account.accounting()),
            examples=account.examples,
            templates_dropped=dict(templates[:TEMPLATES]),
        )


class _Account:
    """Counts of one split, and a few examples of every rule and kind for the report."""

    def __init__(self) -> None:
        self.read = self.kept = self.bytes_lost = 0
        self.examples: dict[str, list[list[Any]]] = {}
        self._counts = {"dropped": Counter[str](), "failed": Counter[str]()}

    def refuse(self, row: Mapping[str, Any]) -> None:
        """Counts a row of DROPPED."""
        self._counts[row["outcome"]][row["rule"]] += 1
        shown = self.examples.setdefault(row["rule"], [])
        if len(shown) < EXAMPLES:
            shown.append([row["measured"], row["threshold"], row["title"], row["snippet"]])

    def accounting(self) -> Accounting:
        """What became of the split's records."""
        dropped, failed = (dict(self._counts[outcome]) for outcome in ("dropped", "failed"))
        return Accounting(self.read, self.kept, dropped, failed, self.bytes_lost)


def read_records(split: Split, settings: SourcesRecipe) -> Iterator[Record]:
    """The records of a split, by its source's reader."""
    source = SOURCES[split.source]
    return source.read(split, source.settings(settings))


def _noted(
    documents: Iterable[Document | Dropped | Failed], extracted: dict[str, Document] | None
) -> Iterator[Document | Dropped | Failed]:
    for document in documents:
        if extracted is not None and isinstance(document, Document):
            extracted[document.place] = document
        yield document


def clean_documents(
    records: Iterable[Document | Dropped | Failed], cleaner: Cleaner
) -> Iterator[Kept | Dropped | Failed]:
    """Cleans documents batch by batch; what was dropped or failed before passes through."""
    batch: list[Document] = []
    characters = 0
    for record in records:
        if not isinstance(record, Document):
            yield record
            continue
        batch.append(record)
        characters += len(record.text)
        if len(batch) == BATCH_DOCUMENTS or characters >= BATCH_CHARACTERS:
            yield from cleaner.clean(batch)
            batch, characters = [], 0
    if batch:
        yield from cleaner.clean(batch)


def _document_row(kept: Kept) -> dict[str, Any]:
    document = kept.document
    return {
        "uid": document_uid(document.source, document.document_id),
        "source": document.source,
        "lang": kept.lang,
        "script": kept.script,
        "title": _printable(document.title),
        "url": _printable(document.url),
        "revision": _printable(document.revision),
        "text": document.text,
        "timestamp": _printable(document.timestamp),
        "raw": None if kept.raw is None else _printable(kept.raw),
        "readings": [{"start": r.start, "end": r.end, "reading": r.reading} for r in document.readings],
    }


def _signature_row(row: Mapping[str, Any], *, lines: bool) -> dict[str, Any]:
    folded = fold(row["text"])
    hashes = shingle_hashes(folded)
    values = signature(hashes)[None]
    hashed_lines = np.unique(line_hashes(row["text"])) if lines else np.zeros(0, np.uint64)
    return {
        "uid": row["uid"],
        "source_rank": SOURCES[row["source"]].rank,
        "length": len(folded),
        "fingerprint": fingerprint(folded),
        "bands": band_keys(values).tobytes(),
        "sketch": sketch(values).tobytes(),
        "shingles": np.unique(hashes.astype(np.uint32)) if len(hashes) < SHORT_SHINGLES else (),
        "lines": hashed_lines[hashed_lines != 0],
    }


def _contaminated(document: Document, overlap: Overlap, share: float) -> Dropped:
    return Dropped(
        source=document.source,
        document_id=document.document_id,
        rule=EVALUATION_OVERLAP,
        measured=overlap.share,
        threshold=share,
        title=document.title,
        url=document.url,
        place=document.place,
        snippet=f"{overlap.item.place} {overlap.item.text}",
    )


def _dropped_row(dropped: Dropped) -> dict[str, Any]:
    return {
        "uid": document_uid(dropped.source, dropped.document_id),
        "source": dropped.source,
        "outcome": "dropped",
        "rule": dropped.rule,
        "measured": dropped.measured,
        "threshold": dropped.threshold,
        "title": _printable(dropped.title),
        "url": _printable(dropped.url),
        "place": dropped.place,
        "snippet": _printable(dropped.snippet)[:SNIPPET_CHARACTERS],
    }


def _failed_row(failed: Failed) -> dict[str, Any]:
    return {
        "uid": document_uid(failed.source, failed.document_id or failed.place),
        "source": failed.source,
        "outcome": "failed",
        "rule": failed.kind,
        "measured": float(failed.bytes_lost),
        "threshold": None,
        "title": "",
        "url": "",
        "place": failed.place,
        "snippet": _printable(failed.message)[:SNIPPET_CHARACTERS],
    }


def _printable(text: str) -> str:
    """Lone surrogates, which no file can hold, become question marks, so that offsets stay."""
    return text.encode("utf-8", "replace").decode("utf-8")
