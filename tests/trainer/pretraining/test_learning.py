"""What a model has learnt, in the shape of ``tiny``: the order of characters, their glyphs, its language."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from hanmill.trainer.data.masked_batch import MaskedBatch
from hanmill.trainer.model_spec import PretrainingConfig
from hanmill.trainer.runs.checkpoint import newest_checkpoint

Change = Callable[[MaskedBatch], MaskedBatch]


@pytest.fixture
def preset(small) -> Callable[..., PretrainingConfig]:
    """``tiny`` with rows of 32 tokens and so many steps of each stage."""

    def make(model: str, *steps: int, **data: object) -> PretrainingConfig:
        names = ("cluster", "character")[-len(steps) :] if model == "unihanlm" else ("pretraining",)
        stage = {"learning_rate": 0.002, "warmup": 20, "schedule": "linear"}
        return small(
            model,
            stages=[{"name": name, "steps": count} | stage for name, count in zip(names, steps, strict=True)],
            encoder={"hidden": 128, "heads": 4, "feed_forward": 512},
            data={"global_batch": 32, "micro_batch": 32, "validation_rows": 200} | data,
            loop={"log_every": 50, "evaluate_every": 1000},
        )

    return make


@pytest.fixture
def learnt(train_here, assemble, tmp_path: Path) -> Callable[..., tuple[torch.nn.Module, Callable[..., float]]]:
    """Trains; gives the model, and a function from a change of batches, and languages, to nats a token held out."""

    def make(model: str, config: PretrainingConfig, corpus: Path) -> tuple[torch.nn.Module, Callable[..., float]]:
        run = tmp_path / f"{model}-{'-'.join(config.data.languages)}"
        train_here(model, config, corpus, run)
        parts = assemble(model, config, corpus)
        parts.model.load_state_dict(newest_checkpoint(run)[1].weights)
        parts.model.eval()

        def loss(change: Change = lambda batch: batch, other: PretrainingConfig | None = None) -> float:
            batches = assemble(model, other, corpus).batches if other else parts.batches
            with torch.no_grad():
                found = [
                    parts.objective.validation_loss(parts.model, change(held_out.batch))
                    for held_out in batches.validation(config.stages[-1], 0)
                ]
            return sum(item.nats for item in found) / sum(item.targets for item in found)

        return parts.model, loss

    return make


def shuffled(batch: MaskedBatch) -> MaskedBatch:
    """Positions in another order within each segment."""
    draw = torch.rand(batch.ids.shape, generator=torch.Generator().manual_seed(3))
    segments = torch.zeros_like(draw) if batch.segments is None else batch.segments
    return batch._replace(positions=batch.positions.gather(1, (segments + 0.9 * draw).argsort(1)))


@pytest.mark.parametrize(("model", "steps"), [("unihanlm", (60, 300)), ("chinesebert", (300,))])
def test_order_and_features_are_learnt(
    corpus_folder: Path, tmp_path: Path, preset, learnt, corpus_tools, model: str, steps: tuple
) -> None:
    config = preset(model, *steps)
    trained, loss = learnt(model, config, corpus_folder)
    (run,) = tmp_path.glob(f"{model}-*")
    first, *_, last = corpus_tools.log_of(run, "validation")
    assert first["loss"] > first["unigram"]
    assert last["stage"] == config.stages[-1].name
    assert last["loss"] < last["unigram"] - 1.2
    assert loss() == pytest.approx(last["loss"])
    # A bag of words would not notice.
    assert loss(shuffled) > last["loss"] + 0.5
    if model == "chinesebert":
        # Readings add little to characters that are known, at this size; glyphs add much.
        assert abs(loss(lambda batch: batch._replace(pinyin=torch.zeros_like(batch.pinyin))) - last["loss"]) > 1e-5
        with torch.no_grad():
            trained.glyphs.projection.weight.zero_()
        assert loss() > last["loss"] + 0.1


def test_a_model_knows_its_own_language_better(corpus_folder: Path, preset, learnt) -> None:
    configs = {language: preset("unihanlm", 120, languages=[language]) for language in ("zh", "ja")}
    losses = {language: learnt("unihanlm", config, corpus_folder)[1] for language, config in configs.items()}
    for own, other in (("zh", "ja"), ("ja", "zh")):
        assert losses[own](other=configs[own]) < losses[other](other=configs[own]) - 1
