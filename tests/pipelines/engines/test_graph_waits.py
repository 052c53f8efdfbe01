"""What a step of a build waits for: a group, or a side input, of all that is made before it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.portability.api import beam_runner_api_pb2

from hanmill.pipelines.engines.build_graph import BuildCorpus
from hanmill.schemas.recipe_file import load_recipe

GROUP_BY_KEY = "beam:transform:group_by_key:v1"
RECIPE = (
    "extends: demo\nname: waits\nglyphs: {styles: []}\ndeduplicate: {near: true, lines: 2}\nvocabulary: {words: 300}\n"
)
#: Step to the steps all of whose outcome it needs before it begins.
WAITS = {
    "Plan/Number": ("Plan/Hash",),
    "Ingest": ("Plan/Number",),
    "Deduplicate/Scatter": ("Ingest",),
    "Deduplicate/Link/Link": ("Deduplicate/Scatter", "Deduplicate/Link/Buckets", "Deduplicate/Link/Fill"),
    "Deduplicate/Components/Large1": ("Deduplicate/Link/Link",),
    "Deduplicate/Components/Label": ("Deduplicate/Components/Roots",),
    "Deduplicate/Verdicts": ("Ingest", "Deduplicate/Components/Decide"),
    "Deduplicate/List": ("Deduplicate/Verdicts", "Deduplicate/Repeated"),
    "Vocabulary/Characters": ("Deduplicate/Verdicts", "Deduplicate/List"),
    "Vocabulary/Words": ("Deduplicate/Verdicts", "Deduplicate/List"),
    "Vocabulary/ReadCharacters": ("Vocabulary/Characters", "Vocabulary/Words"),
    "Vocabulary/Tables": ("Vocabulary/Characters", "Vocabulary/Words", "Vocabulary/Commonest"),
    "Annotate": ("Deduplicate/List", "Vocabulary/Characters", "Vocabulary/Words", "Vocabulary/Tables"),
    "Finish": ("Plan/Number", "Ingest", "Deduplicate/List", "Vocabulary/Tables", "Annotate", "Sum"),
    "Sweep": ("Finish",),
}


class Waiting:
    """A graph, and what must have come to its end before a step of it begins, on whatever runner: in the one window of
    a batch a group is there when all of its rows are, and a side input when all of its collection is."""

    def __init__(self, graph: beam_runner_api_pb2.Pipeline) -> None:
        # A composite that gives what it is given is no step.
        self.steps = {
            name: step
            for name, step in graph.components.transforms.items()
            if not step.subtransforms and not set(step.outputs.values()) & set(step.inputs.values())
        }
        self.maker = {made: name for name, step in self.steps.items() for made in step.outputs.values()}
        self.before = cache(self._before)
        self.waits = cache(self._waits)

    def named(self, prefix: str) -> list[str]:
        return [name for name, step in self.steps.items() if f"{step.unique_name}/".startswith(f"Build/{prefix}/")]

    def _side_inputs(self, name: str) -> set[str]:
        step = self.steps[name]
        if step.spec.urn != "beam:transform:pardo:v1":
            return set()
        payload = beam_runner_api_pb2.ParDoPayload.FromString(step.spec.payload)
        return set(payload.side_inputs)

    def _makers(self, name: str, *, side: bool) -> Iterator[str]:
        apart = self._side_inputs(name)
        for tag, collection in self.steps[name].inputs.items():
            if (tag in apart) == side and collection in self.maker:
                yield self.maker[collection]

    def _before(self, name: str) -> frozenset[str]:
        """A step and all that anything of it comes from."""
        makers = [*self._makers(name, side=True), *self._makers(name, side=False)]
        return frozenset({name}).union(*(self.before(maker) for maker in makers))

    def _waits(self, name: str) -> frozenset[str]:
        main, side = list(self._makers(name, side=False)), list(self._makers(name, side=True))
        whole = [*side, *(main if self.steps[name].spec.urn == GROUP_BY_KEY else [])]
        return frozenset().union(*(self.before(maker) for maker in whole), *(self.waits(maker) for maker in main))


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Waiting:
    folder: Path = tmp_path_factory.mktemp("waits")
    recipe = folder / "waits.yaml"
    recipe.write_text(RECIPE, encoding="utf-8")
    pipeline = beam.Pipeline(runner="FnApiRunner")
    pipeline | "Build" >> BuildCorpus(load_recipe(str(recipe)), (("wikipedia", "x"),), str(folder), in_process=True)
    return Waiting(pipeline.to_runner_api())


@pytest.mark.parametrize("step", WAITS)
def test_a_step_begins_when_all_that_it_needs_is_there(step: str, waiting: Waiting) -> None:
    steps = waiting.named(step)
    assert steps
    for needed in WAITS[step]:
        before = waiting.named(needed)
        assert before
        for name in steps:
            assert waiting.waits(name) >= set(before), (step, needed)


def test_shards_do_not_wait_for_one_another_where_they_need_not(waiting: Waiting) -> None:
    (ingest,) = waiting.named("Ingest")
    (annotate,) = waiting.named("Annotate")
    assert ingest not in waiting.waits(ingest)
    assert not waiting.waits(ingest) & set(waiting.named("Deduplicate"))
    assert annotate not in waiting.waits(annotate)
