"""The one list of what a build does: local processes run it, the dry run looks at it.

On a Beam runner the same functions are wired by ``engines/build_graph.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from hanmill.pipelines.build import tasks as make
from hanmill.pipelines.build.annotate import AnnotateJob
from hanmill.pipelines.build.content_address import Ingredients, key
from hanmill.pipelines.build.count import CountJob
from hanmill.pipelines.build.deduplicate import ClusterJob, GatherJob, ScatterJob, ShardRanges, StepJob, VerdictsJob
from hanmill.pipelines.build.dependencies import (
    annotate_ingredients,
    count_ingredients,
    deduplicate_ingredients,
    ingest_ingredients,
    tables_ingredients,
    vocabulary_ingredients,
    words_ingredients,
)
from hanmill.pipelines.build.ingest import IngestJob
from hanmill.pipelines.build.job import Job, Task
from hanmill.pipelines.build.merge_counts import CommonestWordsJob, MergeJob
from hanmill.pipelines.build.plan import Plan
from hanmill.pipelines.build.stored_tables import Tables, read_tables
from hanmill.pipelines.build.tables import TablesJob
from hanmill.pipelines.build.task_list import unfinished
from hanmill.pipelines.build.words import WordsJob
from hanmill.pipelines.dedup.exchange import partition_count
from hanmill.pipelines.dedup.steps import (
    BUCKETS,
    CLUSTER_SIZES,
    EDGES,
    LABEL_STEPS,
    NODES_OF_LINKS,
    Grouping,
    Step,
    component_steps,
    node_groups,
)
from hanmill.schemas.location import Location
from hanmill.schemas.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a build.

    ``part`` is what a user calls it (``--force``, ``hanmill plan``). ``job`` does each of ``tasks``; both are asked for
    when the stages before are done. ``needs`` names the stages by whose outcome the addresses of the tasks are found.
    Where ``wanted`` says no, a recipe does without. What a stage with ``for_stage`` leaves is read until that one is
    done and by nobody after it. ``reads`` says what the tasks read where their addresses are known
    before it. ``shards`` is about how many tasks there will be.
    """

    name: str
    part: str
    tasks: Callable[[BuildState], Sequence[Task]]
    job: Callable[[BuildState], Job]
    needs: tuple[str, ...] = ()
    for_stage: str = ""
    reads: Callable[[BuildState], tuple[tuple[str, str], ...]] | None = None
    wanted: Callable[[Recipe], bool] = lambda recipe: True
    shards: Callable[[Plan], int] = lambda plan: len(plan.splits)


@dataclass(frozen=True)
class BuildState:
    """A build as far as its files on disk tell. A stage may be asked for when those that it needs are done."""

    recipe: Recipe
    plan: Plan
    output: Location
    _tasks: dict[str, Sequence[Task]] = field(default_factory=dict)

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """Those that the recipe wants, in order."""
        return tuple(stage for stage in STAGES if stage.wanted(self.recipe))

    def tasks(self, name: str) -> Sequence[Task]:
        """Every task of a stage, done or not; none of a stage that the recipe does without."""
        if name not in self._tasks:
            self._tasks[name] = next((s.tasks(self) for s in self.stages if s.name == name), ())
        return self._tasks[name]

    def left(self, stage: Stage) -> Sequence[Task]:
        """The tasks of a stage that are still to be done."""
        left = self._left(stage, {})
        return [replace(task, reads=stage.reads(self)) for task in left] if stage.reads else left

    def remove_spent(self, stage: Stage) -> None:
        """Removes files that a stage, which is done, was the last to read."""
        left: dict[str, Sequence[Task]] = {}
        read = self._kinds_read(stage)
        for earlier in self.stages:
            if not earlier.for_stage or earlier.for_stage not in (stage.name, stage.for_stage):
                continue
            for kind in read & self._spent(earlier, left):
                for task in self.tasks(earlier.name):
                    task.writing(kind).unlink(missing_ok=True)

    def _left(self, stage: Stage, known: dict[str, Sequence[Task]]) -> Sequence[Task]:
        if stage.name not in known:
            known[stage.name] = unfinished(self.tasks(stage.name), self._spent(stage, known))
        return known[stage.name]

    def _spent(self, stage: Stage, known: dict[str, Sequence[Task]]) -> frozenset[str]:
        """Kinds of files of a stage that nobody will read again, there or not: whoever reads them is done."""
        if not stage.for_stage:
            return frozenset()
        behind = self.stages[self.stages.index(stage) + 1 :]
        readers = [other for other in behind if stage.for_stage in (other.name, other.for_stage)]
        unread = {kind for task in self.tasks(stage.name)[:1] for kind, _ in task.writes}
        for reader in readers:
            if self._left(reader, known):
                unread -= self._kinds_read(reader)
        return frozenset(unread)

    def _kinds_read(self, stage: Stage) -> frozenset[str]:
        if stage.reads:
            return frozenset(kind for kind, _ in stage.reads(self))
        return frozenset(kind for task in self.tasks(stage.name)[:1] for kind, _ in task.reads)

    @cached_property
    def made_from(self) -> dict[str, Ingredients]:
        """Part of a build to what it is made from beside its input; of annotation only what the recipe says."""
        recipe = self.recipe
        return {
            "ingest": ingest_ingredients(recipe, self.plan.sources),
            "deduplicate": deduplicate_ingredients(recipe),
            "vocabulary": vocabulary_ingredients(recipe),
            "tables": tables_ingredients(recipe),
            "annotate": annotate_ingredients(recipe, {}),
        }

    @cached_property
    def of_sources(self) -> Mapping[str, Ingredients]:
        """Source to what its splits are made from."""
        return {source: ingest_ingredients(self.recipe, [source]) for source in self.plan.sources}

    @cached_property
    def sizes(self) -> list[int]:
        """Documents kept of each split."""
        return make.signature_counts(self.tasks("ingest"))

    @cached_property
    def grouping(self) -> Grouping:
        """Into how many groups keys and nodes are cut."""
        documents = sum(self.sizes)
        return Grouping(self.recipe.deduplicate, partition_count(documents), node_groups(documents))

    @cached_property
    def ranges(self) -> ShardRanges:
        """Shards in groups."""
        return ShardRanges(len(self.plan.splits), self.grouping.nodes)

    @cached_property
    def linked(self) -> str:
        """What the names of tasks between links and verdicts depend on."""
        grouping = [self.grouping.keys, self.grouping.nodes]
        return key([task.key for task in self.tasks("scatter")], self.made_from["deduplicate"], grouping)

    @cached_property
    def clusters(self) -> make.Clusters:
        """What deduplication found, by shard."""
        return make.Clusters.read(self.tasks("cluster")[0])

    @cached_property
    def tables(self) -> Tables:
        """The tables of all counts."""
        return read_tables(self.tasks("tables")[0].writing("tables"))

    @property
    def counts_words(self) -> bool:
        """Whether the recipe has a vocabulary of words."""
        return _wants_words(self.recipe)


def _wants_words(recipe: Recipe) -> bool:
    return recipe.vocabulary.words > 0


def _ingest(state: BuildState) -> Sequence[Task]:
    return make.ingest_tasks(state.plan, state.of_sources, state.output)


def _scatter(state: BuildState) -> Sequence[Task]:
    lines = state.recipe.deduplicate.counts_repeats
    made_from = state.made_from["deduplicate"]
    return make.scatter_tasks(state.tasks("ingest"), state.sizes, made_from, state.output, lines=lines)


def _buckets(state: BuildState) -> Sequence[Task]:
    return make.step_tasks(BUCKETS, state.grouping.keys, state.tasks("scatter"), state.linked, state.output)


def _gather(state: BuildState) -> Sequence[Task]:
    made_from = state.made_from["deduplicate"]
    return make.gather_tasks(state.tasks("scatter"), state.tasks("buckets"), made_from, state.output)


def _step(step: Step, producers: Mapping[str, Sequence[str]]) -> Stage:
    """The stage of a step; ``producers`` says which stages leave a collection. One group needs no steps of its own."""
    stages = dict.fromkeys(stage for name in (*step.reads, *step.whole) for stage in producers[name])

    def tasks(state: BuildState) -> Sequence[Task]:
        if state.grouping.nodes == 1:
            return ()
        behind = [task for stage in stages for task in state.tasks(stage)]
        return make.step_tasks(step, state.grouping.nodes, behind, state.linked, state.output)

    def job(state: BuildState) -> Job:
        return StepJob(step, state.grouping, state.ranges)

    return Stage(step.name, "deduplicate", tasks, job, for_stage="cluster")


def _steps() -> Sequence[Stage]:
    producers: dict[str, tuple[str, ...]] = dict.fromkeys((EDGES, NODES_OF_LINKS), ("scatter", "gather"))
    stages = []
    for step in (*component_steps(), *LABEL_STEPS):
        stages.append(_step(step, producers))
        producers |= dict.fromkeys(step.writes, (step.name,))
    return stages


def _verdicts(state: BuildState) -> Sequence[Task]:
    if state.grouping.nodes == 1:
        return ()
    return make.verdict_tasks(state.tasks("ingest"), state.tasks("decide"), state.ranges, state.linked, state.output)


def _cluster_reads(state: BuildState) -> tuple[tuple[str, str], ...]:
    if state.grouping.nodes == 1:
        documents = tuple(("documents", dict(task.writes)["documents"]) for task in state.tasks("ingest"))
        linked = [*state.tasks("scatter"), *state.tasks("gather")]
        names = (EDGES, NODES_OF_LINKS, "repeated")
        return *documents, *(pair for task in linked for pair in task.writes if pair[0] in names)
    behind = [*state.tasks("gather"), *state.tasks("decide"), *state.tasks("verdicts")]
    return tuple(pair for task in behind for pair in task.writes if pair[0] in ("repeated", "listed", CLUSTER_SIZES))


def _cluster(state: BuildState) -> Sequence[Task]:
    lines = state.recipe.deduplicate.counts_repeats
    return [
        make.cluster_task(
            make.keys_of(state.tasks("ingest")), state.made_from["deduplicate"], state.output, lines=lines
        )
    ]


def _count(state: BuildState) -> Sequence[Task]:
    common = key(count_ingredients())
    return make.after_clusters("count", state.tasks("ingest"), state.clusters, common, ["counts"])


def _words(state: BuildState) -> Sequence[Task]:
    common = key(words_ingredients(state.recipe))
    kinds = ("word_counts", "words")
    return make.after_clusters("words", state.tasks("ingest"), state.clusters, common, kinds)


def _word_partitions(state: BuildState) -> int:
    return make.word_partitions(len(state.plan.splits)) if state.counts_words else 0


def _merge(state: BuildState) -> Sequence[Task]:
    made_from, partitions = state.made_from["vocabulary"], _word_partitions(state)
    return make.merge_tasks(state.tasks("count"), state.tasks("words"), partitions, made_from, state.output)


def _commonest(state: BuildState) -> Sequence[Task]:
    made_from = state.made_from["vocabulary"]
    return make.commonest_tasks(state.tasks("merge"), _word_partitions(state), made_from, state.output)


def _tables(state: BuildState) -> Sequence[Task]:
    counted, cut = (make.keys_of(state.tasks(name)) for name in ("count", "words"))
    made_from = (state.made_from["vocabulary"], state.made_from["tables"])
    return [make.tables_task(counted, cut, made_from, state.output)]


def _tables_reads(state: BuildState) -> tuple[tuple[str, str], ...]:
    return tuple(pair for name in ("merge", "commonest") for task in state.tasks(name) for pair in task.writes)


def _annotate(state: BuildState) -> Sequence[Task]:
    common = key(annotate_ingredients(state.recipe, state.tables.files))
    words = state.tasks("words") if state.counts_words else None
    kinds = ("validation", "train")
    return make.after_clusters("annotate", state.tasks("ingest"), state.clusters, common, kinds, words)


def _annotate_job(state: BuildState) -> Job:
    return AnnotateJob(state.recipe, dict(state.tasks("tables")[0].writes)["tables"])


def _one(plan: Plan) -> int:
    return 1


STAGES = (
    Stage("ingest", "ingest", _ingest, lambda state: IngestJob(state.recipe)),
    Stage("scatter", "deduplicate", _scatter, lambda state: ScatterJob(state.grouping), for_stage="cluster"),
    Stage(
        "buckets",
        "deduplicate",
        _buckets,
        lambda state: StepJob(BUCKETS, state.grouping, state.ranges),
        for_stage="cluster",
    ),
    Stage("gather", "deduplicate", _gather, lambda state: GatherJob(state.grouping), for_stage="cluster"),
    *_steps(),
    Stage("verdicts", "deduplicate", _verdicts, lambda state: VerdictsJob(state.ranges), for_stage="cluster"),
    Stage(
        "cluster",
        "deduplicate",
        _cluster,
        lambda state: ClusterJob(state.grouping),
        reads=_cluster_reads,
        shards=_one,
    ),
    Stage("count", "vocabulary", _count, lambda state: CountJob(), needs=("cluster",)),
    Stage(
        "words",
        "vocabulary",
        _words,
        lambda state: WordsJob(state.recipe),
        needs=("cluster",),
        wanted=_wants_words,
    ),
    Stage(
        "merge",
        "vocabulary",
        _merge,
        lambda state: MergeJob(_word_partitions(state)),
        needs=("cluster",),
        for_stage="tables",
    ),
    Stage(
        "commonest",
        "vocabulary",
        _commonest,
        lambda state: CommonestWordsJob(state.recipe.vocabulary.words),
        needs=("cluster",),
        for_stage="tables",
        wanted=_wants_words,
    ),
    Stage(
        "tables",
        "tables",
        _tables,
        lambda state: TablesJob(state.recipe),
        needs=("cluster",),
        reads=_tables_reads,
        shards=_one,
    ),
    Stage("annotate", "annotate", _annotate, _annotate_job, needs=("cluster", "tables")),
)
#: What ``--force`` can name.
PARTS = tuple(dict.fromkeys(stage.part for stage in STAGES))
