"""Any number of ranks, replicated or sharded, computes what one process computes, and continues what others began."""

from __future__ import annotations

import inspect
import json
import warnings
from pathlib import Path

import pytest
import torch
import yaml

from hanmill.schemas.typed_mapping import to_mapping
from hanmill.trainer.distributed import parallel as replication
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.model_spec import PretrainingConfig
from hanmill.trainer.registry import find_model
from hanmill.trainer.runs.checkpoint import Checkpoints


def stages(model: str, *steps: int) -> list[dict]:
    names = ("cluster", "character") if model == "unihanlm" else ("pretraining",)
    # The norm is about 3 at the start: clipped, so that a norm of one rank's share alone would show.
    stage = {"learning_rate": 0.005, "warmup": 2, "schedule": "inverse_sqrt", "clip": 0.5}
    return [{"name": name, "steps": count} | stage for name, count in zip(names, steps, strict=True)]


def losses(tools, run: Path, event: str = "train") -> list[tuple]:
    return [(line["stage"], line["step"], line["loss"]) for line in tools.log_of(run, event)]


def same(found: list[tuple], expected: list[tuple], rel: float = 1e-5) -> None:
    assert [line[:2] for line in found] == [line[:2] for line in expected]
    assert [line[2] for line in found] == pytest.approx([line[2] for line in expected], rel=rel)


def test_any_number_of_ranks(corpus_folder: Path, tmp_path: Path, small, train_here, corpus_tools, run_ranks) -> None:
    # 13 rows in pieces of 3: ranks of unlike size, accumulation, and for 5 ranks one validation batch too few.
    data = {"global_batch": 13, "micro_batch": 3, "validation_rows": 20}
    loop = {"checkpoint_every": 2, "evaluate_every": 2, "keep_checkpoints": 9}
    jobs: list[dict] = []
    configs: dict[tuple, PretrainingConfig] = {}

    optimised: dict[str, PretrainingConfig] = {}

    def job(
        name: str, model: str, parallel: str, world: int, *, bf16: bool = False, optimizer: str = "adamw",
        after: list | None = None,
    ) -> None:  # fmt: skip
        steps = (3, 2) if model == "unihanlm" else (4,)
        settings = loop | {"parallel": parallel, "bf16": bf16}
        if optimizer != "adamw":
            settings |= {"recompute": True, "spikes": {"action": "skip", "after": 1, "factor": 50.0}}
        listed = [stage | {"optimizer": optimizer} for stage in stages(model, *steps)]
        config = small(model, stages=listed, data=data, loop=settings)
        if optimizer == "adamw":
            configs[model, bf16] = config
        else:
            optimised[optimizer] = config
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(to_mapping(config)), encoding="utf-8")
        places = {"model": model, "config": str(path), "corpus": str(corpus_folder), "output": str(tmp_path / name)}
        jobs.append(places | {"world": world} | ({"after": after} if after else {}))

    early = [str(tmp_path / "glyph-fsdp2"), "step-00-000000002"]
    job("stream-ddp2", "unihanlm", "ddp", 2)
    job("stream-fsdp2", "unihanlm", "fsdp", 2)
    job("glyph-ddp2", "chinesebert", "ddp", 2)
    job("glyph-fsdp2", "chinesebert", "fsdp", 2)
    job("glyph-fsdp3-after-fsdp2", "chinesebert", "fsdp", 3, after=early)
    job("glyph-ddp2-after-fsdp2", "chinesebert", "ddp", 2, after=early)
    job("half-fsdp2", "chinesebert", "fsdp", 2, bf16=True)
    job("muon-fsdp2", "chinesebert", "fsdp", 2, optimizer="muon")
    half_way = [str(tmp_path / "muon-fsdp2"), "step-00-000000002"]
    job("muon-ddp2-after-fsdp2", "chinesebert", "ddp", 2, optimizer="muon", after=half_way)
    job("stable_adamw-fsdp2", "chinesebert", "fsdp", 2, optimizer="stable_adamw")
    job("shares", "unihanlm", "fsdp", 3)
    jobs[-1]["shares"] = str(tmp_path)
    run_ranks(jobs)

    for model, bf16 in configs:
        train_here(model, configs[model, bf16], corpus_folder, tmp_path / f"{model}-{bf16}")
    for kind, model in (("stream", "unihanlm"), ("glyph", "chinesebert")):
        alone = tmp_path / f"{model}-False"
        for parallel in ("ddp2", "fsdp2"):
            for event in ("train", "validation"):
                same(losses(corpus_tools, tmp_path / f"{kind}-{parallel}", event), losses(corpus_tools, alone, event))
        norms = [[line["gradient_norm"] for line in corpus_tools.log_of(run, "train")] for run in (
            alone, tmp_path / f"{kind}-ddp2", tmp_path / f"{kind}-fsdp2")]  # fmt: skip
        assert min(norms[0]) > 0.5
        assert norms[1] == pytest.approx(norms[0], rel=1e-4)
        assert norms[2] == pytest.approx(norms[0], rel=1e-4)
        ended = [Checkpoints(run / "checkpoints", 9).newest()[1].weights for run in (alone, tmp_path / f"{kind}-fsdp2")]
        assert ended[0].keys() == ended[1].keys()
        for name, weight in ended[0].items():
            torch.testing.assert_close(ended[1][name], weight, rtol=1e-3, atol=1e-5)

    shares = [json.loads((tmp_path / f"{rank}.json").read_text()) for rank in range(3)]
    assert all(share["gathered"] for share in shares)
    assert sum(share["held"] for share in shares) == shares[0]["whole"]
    # 101 characters and layers of 32 units do not divide by three: the last rank holds less.
    assert [round(share["held"] / share["whole"], 1) for share in shares] == [0.3, 0.3, 0.3]

    whole = losses(corpus_tools, tmp_path / "chinesebert-False")
    for name in ("glyph-fsdp3-after-fsdp2", "glyph-ddp2-after-fsdp2"):
        assert corpus_tools.log_of(tmp_path / name, "resume")[0]["step"] == 2
        same(losses(corpus_tools, tmp_path / name), whole[2:])
    # Other optimisers, with activations computed again and a rule about spikes.
    for optimizer, config in optimised.items():
        train_here("chinesebert", config, corpus_folder, tmp_path / optimizer)
    for name, begun in (("muon-fsdp2", 0), ("muon-ddp2-after-fsdp2", 2), ("stable_adamw-fsdp2", 0)):
        same(losses(corpus_tools, tmp_path / name), losses(corpus_tools, tmp_path / name.split("-")[0])[begun:])
    # bf16 rounds sharded weights before they are gathered, autocast rounds them later: near, not equal.
    same(losses(corpus_tools, tmp_path / "half-fsdp2"), losses(corpus_tools, tmp_path / "chinesebert-True"), rel=0.02)


def test_one_rank_then_four_then_three_then_one(
    corpus_folder: Path, tmp_path: Path, small, corpus_tools, run_ranks
) -> None:
    """Every change of ranks at a checkpoint, from replicas to shares and back, continues the curve of one process."""
    data = {"global_batch": 13, "micro_batch": 3, "validation_rows": 20}
    jobs, before = [], None
    for step, (world, parallel) in enumerate(((1, "ddp"), (4, "ddp"), (3, "fsdp"), (1, "ddp"))):
        loop = {"checkpoint_every": 1, "keep_checkpoints": 9, "parallel": parallel}
        config = small("chinesebert", stages=stages("chinesebert", 4), data=data, loop=loop)
        name = f"{step}-{world}-{parallel}"
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(to_mapping(config)), encoding="utf-8")
        places = {
            "config": str(tmp_path / f"{name}.yaml"),
            "corpus": str(corpus_folder),
            "output": str(tmp_path / name),
        }
        after = {"after": [str(tmp_path / before), f"step-00-{step:09d}"]} if before else {}
        jobs.append({"model": "chinesebert", "world": world} | places | after)
        before = name
    run_ranks(jobs)
    whole = losses(corpus_tools, tmp_path / "0-1-ddp")
    for step, job in enumerate(jobs[1:], 1):
        assert corpus_tools.log_of(Path(job["output"]), "resume")[0]["step"] == step
        same(losses(corpus_tools, Path(job["output"])), whole[step:])
    # 13 rows divide into one lane, or thirteen: more ranks than that are told so.
    for run, ranks in (("1-4-ddp", 4), ("2-3-fsdp", 3)):
        (lanes,) = corpus_tools.log_of(tmp_path / run, "lanes")
        assert (lanes["lanes"], lanes["ranks"]) == (1, ranks)
    assert not corpus_tools.log_of(tmp_path / "0-1-ddp", "lanes")


@pytest.mark.parametrize("name", ["forward_sync_buffers", "broadcast_buffers"])
def test_replicas_are_compiled_by_layer_and_send_no_buffers(small, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    given = {}

    def replicate(module: torch.nn.Module, **settings: object) -> torch.nn.Module:
        given.update(settings)
        return module

    # As PyTorch has them, and as it had them before.
    parameters = [inspect.Parameter(word, inspect.Parameter.KEYWORD_ONLY) for word in (name, "gradient_as_bucket_view")]
    replicate.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]

    monkeypatch.setattr(replication, "DistributedDataParallel", replicate)
    config = small("chinesebert", loop={"compile": True})
    spec = find_model("chinesebert")
    model = spec.build(config, {"tokens": 50})
    found = replication.spread(model, spec.layers, Process(0, 2, torch.device("cpu")), config.loop)
    assert found is model
    assert given == {name: False, "gradient_as_bucket_view": True}
    compiled = [name for name, module in model.named_modules() if module._compiled_call_impl is not None]
    assert compiled == ["encoder.layers.0", "encoder.layers.1"]


def test_a_replica_is_made_without_a_warning(tmp_path: Path) -> None:
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path / 'meet'}", rank=0, world_size=1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = replication.replicate(torch.nn.BatchNorm1d(2))
        assert not found.broadcast_buffers
    finally:
        torch.distributed.destroy_process_group()


def test_what_one_rank_finds_damaged_all_pass_over(
    corpus_folder: Path, tmp_path: Path, small, corpus_tools, run_ranks
) -> None:
    """Sharded, the first rank reads nothing of the second's rows; the second says what it found, and both go back."""
    loop = {"checkpoint_every": 2, "keep_checkpoints": 9, "parallel": "fsdp"}
    config = small("chinesebert", stages=stages("chinesebert", 4), loop=loop)
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(to_mapping(config)), encoding="utf-8")
    run = tmp_path / "run"
    job = {"model": "chinesebert", "config": str(path), "corpus": str(corpus_folder), "output": str(run), "world": 2}
    run_ranks([job])
    whole = losses(corpus_tools, run)
    victim = run / "checkpoints" / "step-00-000000004" / "optimizer-00001-of-00002.safetensors"
    content = bytearray(victim.read_bytes())
    content[-3] ^= 1
    victim.write_bytes(content)
    run_ranks([job])
    (damaged,) = corpus_tools.log_of(run, "damaged")
    assert damaged["found"].startswith(f"{victim}: sha256 found: ")
    assert corpus_tools.log_of(run, "fallback")[0]["taken"] == "step-00-000000002"
    assert losses(corpus_tools, run) == whole + whole[2:]
