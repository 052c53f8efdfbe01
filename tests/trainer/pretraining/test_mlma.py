"""MLMA in the loop: it learns, resumes bit for bit, and every alignment brings languages together."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
import yaml

from hanmill.schemas.typed_mapping import to_mapping
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.errors import CheckpointError, CorpusError
from hanmill.trainer.export.mlma import export_language_model
from hanmill.trainer.models.mlma import MLMA
from hanmill.trainer.pretraining.loop import pretrain
from hanmill.trainer.registry import MLMA as SPEC
from hanmill.trainer.runs.checkpoint import Checkpoints
from hanmill.trainer.tagging.language_model import load_language_model


def stage(steps: int) -> list[dict]:
    return [{"name": "pretraining", "steps": steps, "learning_rate": 0.005, "warmup": 0, "schedule": "constant"}]


def losses(tools, run: Path, event: str = "train") -> list[float]:
    return [line["loss"] for line in tools.log_of(run, event)]


@pytest.fixture(scope="module")
def trained(word_corpus: Path, tmp_path_factory: pytest.TempPathFactory, small, corpus_tools) -> Path:
    run = tmp_path_factory.mktemp("mlma") / "run"
    with pytest.MonkeyPatch.context() as patch:
        for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
            patch.delenv(name, raising=False)
        pretrain(SPEC, small("mlma", stages=stage(60), samples=30), Corpus(word_corpus), run)
    return run


def test_held_out_loss_falls_below_unigram(trained: Path, corpus_tools) -> None:
    first, last = corpus_tools.log_of(trained, "validation")
    assert first["loss"] > first["unigram"]
    assert last["loss"] < last["unigram"] - 0.5


def test_continues_the_same_curve(word_corpus: Path, tmp_path: Path, small, train_here, corpus_tools) -> None:
    changes = {"encoder": {"dropout": 0.1}, "loop": {"checkpoint_every": 3}, "samples": 30}
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    train_here("mlma", small("mlma", stages=stage(6), **changes), word_corpus, whole)
    # Stops as a run that is killed does: the later checkpoint is not there.
    train_here("mlma", small("mlma", stages=stage(6), **changes), word_corpus, cut)
    for late in Checkpoints(cut / "checkpoints", 9).paths()[1:]:
        shutil.rmtree(late)
    train_here("mlma", small("mlma", stages=stage(6), **changes), word_corpus, cut)
    assert losses(corpus_tools, cut)[6:] == losses(corpus_tools, whole)[3:]
    ended = [Checkpoints(run / "checkpoints", 9).newest()[1].weights for run in (whole, cut)]
    assert all(torch.equal(ended[0][name], ended[1][name]) for name in ended[0])


def distance(model: MLMA, batch) -> float:
    """How far apart the means of the two languages' last layers are."""
    ids = [bundle.ids for bundle in batch.bundles]
    means = [model.contextual(part, n)[:, :, -1][part > 0].mean(0) for n, part in enumerate(ids)]
    return (means[0] - means[1]).norm().item()


@pytest.mark.parametrize("method", ["average_linkage", "mean_variance", "identical"])
def test_alignment_brings_languages_together(word_corpus: Path, small, assemble, method: str) -> None:
    """The alignment alone, with each method, against where it began."""
    config = small("mlma", stages=stage(1), alignment={"method": method, "mean_weight": 1.0}, samples=30)
    torch.manual_seed(1)
    parts = assemble("mlma", config, word_corpus)
    model = parts.model
    with torch.no_grad():
        model.words[0].weight += 0.3
    batches = parts.batches.epoch(config.stages[0], 0)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    model.train()
    before = distance(model, batches[0][0])
    first = model(batches[0][0]).alignment.item()
    for step in range(15):
        optimizer.zero_grad()
        model(batches[step][0]).alignment.backward()
        optimizer.step()
    assert model(batches[0][0]).alignment.item() < 0.7 * first
    # Words that are not spelt alike need not come nearer.
    assert method == "identical" or distance(model, batches[0][0]) < before


def test_weighting(word_corpus: Path, small, assemble) -> None:
    found = []
    for weighting in ("paper", "code"):
        config = small("mlma", stages=stage(1), weighting=weighting, encoder={"dropout": 0.0})
        torch.manual_seed(1)
        parts = assemble("mlma", config, word_corpus)
        batch = parts.batches.epoch(config.stages[0], 0)[0][0]
        words, alignment = parts.model(batch)
        found.append((parts.objective.loss_sum(parts.model, batch).item(), words.sum().item(), alignment.item()))
    (paper, words, alignment), (code, *_) = found
    assert paper == pytest.approx(words + alignment, rel=1e-5)
    assert code == pytest.approx(words / 2 + alignment, rel=1e-5)


def test_export_holds_the_same_model(trained: Path, tmp_path: Path) -> None:
    export_language_model(trained, tmp_path / "out")
    ours, theirs = load_language_model(trained), load_language_model(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "README.md", "config.json", "model.safetensors", "modeling_mlma.py", "tokenizer-ja", "tokenizer-zh",
        "words.json",
    ]  # fmt: skip
    assert ours.config == theirs.config
    assert ours.words == theirs.words
    words = {word: number for number, word in enumerate(theirs.words["ja"])}
    ids = torch.tensor([[words[word] for word in ("日本", "の", "首都", "は")]])
    assert torch.equal(ours.model.contextual(ids, 0), theirs.model.contextual(ids, 0))
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert f"| ja | {len(theirs.words['ja']):,} |" in card


def test_refusals(trained: Path, corpus_folder: Path, tmp_path: Path, small, assemble) -> None:
    with pytest.raises(CheckpointError, match=r"found neither config\.json nor a checkpoint"):
        load_language_model(tmp_path)
    with pytest.raises(CorpusError, match=r"needed: words\.ja"):
        assemble("mlma", small("mlma", stages=stage(1)), corpus_folder)
    export_language_model(trained, tmp_path / "out")
    (tmp_path / "out" / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(CheckpointError, match="found no MLMA exported by hanmill"):
        load_language_model(tmp_path / "out")


def test_any_number_of_ranks(word_corpus: Path, tmp_path: Path, small, train_here, corpus_tools, run_ranks) -> None:
    # Three bundles a step: of two ranks one has two of them, the other one and a bundle of padding.
    jobs = []
    for name, parallel, world in (("ddp2", "ddp", 2), ("fsdp2", "fsdp", 2), ("ddp3-after-fsdp2", "ddp", 3)):
        loop = {"parallel": parallel, "checkpoint_every": 2, "keep_checkpoints": 9}
        config = small(
            "mlma", stages=stage(4), data={"global_batch": 3, "validation_bundles": 3}, loop=loop, samples=30
        )
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(to_mapping(config)), encoding="utf-8")
        places = {"model": "mlma", "config": str(path), "corpus": str(word_corpus), "output": str(tmp_path / name)}
        jobs.append(places | {"world": world})
    jobs[2]["after"] = [str(tmp_path / "fsdp2"), "step-00-000000002"]
    run_ranks(jobs)
    train_here("mlma", config, word_corpus, tmp_path / "one")
    for event in ("train", "validation"):
        one = losses(corpus_tools, tmp_path / "one", event)
        for name in ("ddp2", "fsdp2"):
            assert losses(corpus_tools, tmp_path / name, event) == pytest.approx(one, rel=1e-5)
    assert losses(corpus_tools, tmp_path / "ddp3-after-fsdp2") == pytest.approx(
        losses(corpus_tools, tmp_path / "one")[2:], rel=1e-5
    )
