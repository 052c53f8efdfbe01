"""What becomes of the records of splits by a recipe: the same in a build, in a Beam pipeline and in a preview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from hanmill.pipelines.clean.batch import Cleaner, Kept
from hanmill.pipelines.clean.rules import open_models
from hanmill.pipelines.dedup.evaluation import EVALUATION_OVERLAP, EvaluationItems, Overlap
from hanmill.pipelines.dedup.fold import fold
from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.extract.forms import Extractor
from hanmill.pipelines.sources.records import Dropped, Failed, Record, Split
from hanmill.pipelines.sources.registry import SOURCES
from hanmill.pipelines.text.phrase_conversion import CutWords
from hanmill.schemas.recipe import Recipe, SourcesRecipe

#: A batch ends at whichever comes first; the worker holds no more than this much text.
BATCH_DOCUMENTS = 64
BATCH_CHARACTERS = 1 << 20


class Ingest:
    """What becomes of the records of splits by a recipe, in a build and in a preview of one. Built once a process."""

    def __init__(self, recipe: Recipe, cut: CutWords | None = None) -> None:
        """``cut`` cuts Chinese into words, for conversions by word.

        Raises what is wrong with a rule, a word list or an evaluation file.
        """
        open_models(recipe.clean.rules)
        self._recipe = recipe
        self._cut = cut
        self._cleaner = Cleaner(recipe.clean, recipe.normalize, self._cut)
        wanted = recipe.clean.decontaminate
        self._evaluation = EvaluationItems(wanted.files, wanted.ngram, wanted.share)
        self.templates_dropped: Counter[str] = Counter()

    def outcomes(self, split: Split, extracted: dict[str, Document] | None = None) -> Iterator[Kept | Dropped | Failed]:
        """One outcome per record of a split; ``extracted`` is given the documents by place as they come.

        ``templates_dropped`` counts the templates of this split that showed nothing.
        """
        extractor = Extractor(self._recipe.sources, self._cut)
        self.templates_dropped = extractor.templates_dropped
        documents = extractor.documents(read_records(split, self._recipe.sources))
        yield from self.judged(_noted(documents, extracted))

    def judged(self, documents: Iterable[Document | Dropped | Failed]) -> Iterator[Kept | Dropped | Failed]:
        """One outcome for each; what was dropped or failed before passes through."""
        for outcome in clean_documents(documents, self._cleaner):
            yield self._decontaminated(outcome) if isinstance(outcome, Kept) and self._evaluation.compared else outcome

    def _decontaminated(self, kept: Kept) -> Kept | Dropped:
        overlap = self._evaluation.overlap(fold(kept.document.text))
        share = self._recipe.clean.decontaminate.share
        return kept if overlap is None else _contaminated(kept, overlap, share)


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


def _contaminated(kept: Kept, overlap: Overlap, share: float) -> Dropped:
    document = kept.document
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
        lang=kept.lang,
        script=kept.script,
        text=document.text if kept.raw is None else kept.raw,
        measures=kept.measures,
    )
