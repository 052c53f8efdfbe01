"""Ingest: one split of a source becomes a shard of documents and a shard of what was dropped, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from hanmill.pipelines.build.dates import Dates, add_day
from hanmill.pipelines.build.job import Task
from hanmill.pipelines.build.kept_measures import KeptMeasures
from hanmill.pipelines.build.shown import EXAMPLES, TEMPLATES, rounded
from hanmill.pipelines.clean.batch import Kept
from hanmill.pipelines.corpus.ingest import Ingest
from hanmill.pipelines.corpus.outcome_rows import documents_table, refused_row
from hanmill.pipelines.corpus.shards import ShardWriter
from hanmill.pipelines.corpus.word_cutter import word_cutter
from hanmill.pipelines.dedup.schema import SIGNATURES
from hanmill.pipelines.dedup.signatures import signature_table, signed
from hanmill.pipelines.sources.records import Failed
from hanmill.schemas.corpus import DOCUMENTS, DROPPED
from hanmill.schemas.manifest import Accounting
from hanmill.schemas.recipe import Recipe

#: Licences that a split's account names.
LICENCES = 50
#: Documents that are signed and stored at once, and characters of theirs.
_STORED_TOGETHER, _STORED_CHARACTERS = 256, 1 << 18


@dataclass(frozen=True, slots=True)
class IngestJob:
    """Reads, filters, cleans and normalises splits."""

    recipe: Recipe
    name: str = "ingest"

    def open(self) -> Callable[[Task], None]:
        """Loads the language model, OpenCC and word lists."""
        ingest = Ingest(self.recipe, word_cutter(self.recipe))

        def run(task: Task) -> None:
            write_split(task, ingest, self.recipe)

        return run


def write_split(task: Task, ingest: Ingest, recipe: Recipe) -> None:
    """Writes the shards ``dropped``, ``signatures`` and, last, ``documents``, whose footer has the accounting."""
    if task.split is None:
        raise ValueError(f"{task.label}: task without a split given to ingest")
    rows = recipe.output.row_group_rows
    account = _Account(recipe)
    with (
        ShardWriter(task.writing("documents"), DOCUMENTS, rows) as documents,
        ShardWriter(task.writing("signatures"), SIGNATURES, rows) as signatures,
        ShardWriter(task.writing("dropped"), DROPPED, rows) as refused,
    ):
        kept: list[Kept] = []
        characters = 0

        def store() -> None:
            if kept:
                table = documents_table(kept)
                documents.append_table(table)
                signatures.append_table(signature_table(signed(table), recipe.deduplicate))
            kept.clear()

        for outcome in ingest.outcomes(task.split):
            account.read += 1
            if isinstance(outcome, Kept):
                account.keep(outcome)
                kept.append(outcome)
                characters += len(outcome.document.text)
                if len(kept) == _STORED_TOGETHER or characters >= _STORED_CHARACTERS:
                    store()
                    characters = 0
                continue
            if isinstance(outcome, Failed):
                account.bytes_lost += outcome.bytes_lost
            row = refused_row(outcome, text=recipe.output.dropped_text)
            refused.append(row)
            account.refuse(row)
        store()
        templates = sorted(ingest.templates_dropped.items(), key=lambda item: (-item[1], item[0]))
        documents.metadata.update(
            accounting=asdict(account.accounting()),
            examples=account.examples,
            measured=account.measured,
            kept_measured=account.kept_measures.counts,
            nearest=account.kept_measures.nearest,
            charsets=account.charsets(),
            dates=account.dates,
            templates_dropped=dict(templates[:TEMPLATES]),
        )


class _Account:
    """Counts of one split, and a few examples of every rule and kind for the report."""

    def __init__(self, recipe: Recipe) -> None:
        self.read = self.kept = self.bytes_lost = 0
        self.kept_measures = KeptMeasures(recipe.clean.rules)
        self.examples: dict[str, list[list[Any]]] = {}
        #: Rule to what it measured of what it refused, to how often.
        self.measured: dict[str, Counter[str]] = {}
        self.dates: Dates = {}
        self._charsets: Counter[tuple[str, str]] = Counter()
        self._masked: Counter[str] = Counter()
        self._licences: Counter[str] = Counter()
        self._opt_out: Counter[str] = Counter()
        self._counts = {"dropped": Counter[str](), "failed": Counter[str]()}

    def keep(self, kept: Kept) -> None:
        """Counts a document, and what was masked in it."""
        self.kept += 1
        if kept.masked:
            self._masked.update(kept.masked)
        document = kept.document
        self.kept_measures.add(kept.measures, document.title, document.text)
        if document.timestamp:
            add_day(self.dates, document.source, document.timestamp)
        if document.charset:
            self._charsets[document.charset, document.charset_from] += 1
        if document.licence:
            self._licences[document.licence.encode("utf-8", "replace").decode()] += 1
        if document.opt_out is not None:
            self._opt_out["refused" if document.opt_out else "allowed"] += 1

    def refuse(self, row: Mapping[str, Any]) -> None:
        """Counts a row of DROPPED."""
        self._counts[row["outcome"]][row["rule"]] += 1
        if row["measured"] is not None:
            self.measured.setdefault(row["rule"], Counter())[rounded(row["measured"])] += 1
        shown = self.examples.setdefault(row["rule"], [])
        if len(shown) < EXAMPLES:
            title = row["title"] or ("" if row["snippet"] else row["url"])
            shown.append([row["measured"], row["threshold"], title, row["snippet"]])

    def charsets(self) -> list[list[Any]]:
        """Charset, how it was known, and pages kept."""
        return [[*key, pages] for key, pages in sorted(self._charsets.items())]

    def accounting(self) -> Accounting:
        """What became of the split's records."""
        dropped, failed = (dict(self._counts[outcome]) for outcome in ("dropped", "failed"))
        masked, opt_out = (dict(sorted(counts.items())) for counts in (self._masked, self._opt_out))
        licences = _commonest(self._licences)
        return Accounting(self.read, self.kept, dropped, failed, self.bytes_lost, masked, licences, opt_out)


def _commonest(licences: Counter[str]) -> dict[str, int]:
    """Addresses of a site's own terms are many: behind the first they are counted together."""
    ordered = sorted(licences.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(count for _, count in ordered[LICENCES:])
    return dict(sorted([*ordered[:LICENCES], *([("other", rest)] if rest else [])]))
