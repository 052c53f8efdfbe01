"""Tasks are scored while a model is pretrained, and nothing else of the run is touched."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
import yaml
from click.testing import CliRunner

from hanmill.pipelines.commands.main import main
from hanmill.pipelines.commands.text_annotator import text_annotator
from hanmill.schemas.typed_mapping import SettingError, to_mapping
from hanmill.trainer.configs.scored_task import MEASURES
from hanmill.trainer.data.corpus_mix import open_corpora
from hanmill.trainer.errors import ConfigError
from hanmill.trainer.finetuning.tasks.registry import METRICS, TASKS
from hanmill.trainer.model_spec import PretrainingConfig
from hanmill.trainer.pretraining.loop import pretrain
from hanmill.trainer.registry import find_model
from hanmill.trainer.runs.checkpoint import Checkpoints, best_checkpoint


@pytest.fixture
def files(tmp_path: Path, texts: list) -> dict[str, str]:
    """Words of the corpus's sentences, and sentences with a class or a number."""
    sentences = list(dict.fromkeys(" ".join(s) for text in texts if text.lang in ("zh", "ja") for s in text.sentences))
    found = {"train": sentences[::2], "dev": sentences[1::2][:12]}
    contents = {name: "".join(f"{line}\n" for line in lines) for name, lines in found.items()}
    contents["classes"] = "".join(f"{line}\t{'の' in line}\n" for line in sentences[:24])
    contents["numbers"] = "".join(f"{line}\t{len(line) / 7:.3f}\n" for line in sentences[:24])
    for name, text in contents.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return {name: str(tmp_path / name) for name in contents}


def words(files: dict[str, str], **changes: object) -> dict:
    task = {"task": "segmentation", "train": files["train"], "dev": files["dev"], "every": 2, "preset": "small"}
    return task | {"examples": 16, "dev_examples": 8, "epochs": 2, "batch": 4, "learning_rate": 0.01} | changes


def stages(model: str, *steps: int) -> list[dict]:
    names = ("cluster", "character") if model == "unihanlm" else ("pretraining",)
    stage = {"learning_rate": 0.005, "warmup": 2, "schedule": "inverse_sqrt"}
    return [{"name": name, "steps": count} | stage for name, count in zip(names, steps, strict=True)]


def train(model: str, config: PretrainingConfig, corpus: Path, output: Path) -> None:
    pretrain(find_model(model), config, open_corpora(((corpus, 1.0),)), output, annotators=text_annotator)


def scores(tools, run: Path) -> list[dict]:
    lines = tools.log_of(run, "tasks")
    return [{name: value for name, value in line.items() if name not in ("event", "seconds")} for line in lines]


def same_weights(*runs: Path) -> bool:
    ended = [Checkpoints(run / "checkpoints", 9).newest()[1].weights for run in runs]
    return all(torch.equal(ended[0][name], other[name]) for other in ended[1:] for name in ended[0])


@pytest.mark.parametrize("model", ["unihanlm", "chinesebert"])
def test_the_run_is_what_it_would_have_been(
    corpus_folder: Path, tmp_path: Path, small, corpus_tools, files: dict, model: str
) -> None:
    steps = (3, 4) if model == "unihanlm" else (6,)
    loop = {"checkpoint_every": 2, "keep_checkpoints": 9, "best": "segmentation.f1"}
    frozen = words(files, name="probe", encoder="frozen", every=3, task="sentence", train=files["classes"])
    tasks = [words(files), frozen | {"dev": files["classes"]}]
    shape = {"stages": stages(model, *steps), "encoder": {"dropout": 0.1}}
    config = small(model, loop=loop | {"tasks": tasks}, **shape)
    torch.manual_seed(5)
    train(model, config, corpus_folder, tmp_path / "with")
    train(model, small(model, loop=loop | {"best": "none"}, **shape), corpus_folder, tmp_path / "without")
    assert same_weights(tmp_path / "with", tmp_path / "without")
    assert [line["loss"] for line in corpus_tools.log_of(tmp_path / "with", "train")] == [
        line["loss"] for line in corpus_tools.log_of(tmp_path / "without", "train")
    ]

    found = scores(corpus_tools, tmp_path / "with")
    expected = [(s["name"], step) for s in shape["stages"] for step in range(s["steps"] + 1)]
    ends = {s["name"]: s["steps"] for s in shape["stages"]}
    expected = [(name, step) for name, step in expected if step % 2 == 0 or step % 3 == 0 or step == ends[name]]
    assert [(line["stage"], line["step"]) for line in found] == expected
    assert all(("segmentation.f1" in line) == (line["step"] % 2 == 0 or line["step"] == ends[line["stage"]])
               for line in found)  # fmt: skip
    assert all("probe.accuracy" in line and "probe.spearman" not in line for line in found if line["step"] % 3 == 0)
    # The highest of the last stage, but for what it began with.
    last = [line for line in found if line["stage"] == expected[-1][0] and line["step"]]
    highest = max(line["segmentation.f1"] for line in last if "segmentation.f1" in line)
    path, best = best_checkpoint(tmp_path / "with")
    assert best.progress.best == highest
    at = next(line["step"] for line in last if line.get("segmentation.f1") == highest)
    assert (path.name, best.progress.step) == (f"best-{len(steps) - 1:02d}-{at:09d}", at)
    assert not Checkpoints(tmp_path / "without" / "checkpoints", 9).paths("best")

    # A machine that went down: what is scored again is the same, and so is what comes after.
    shutil.copytree(tmp_path / "with", tmp_path / "cut")
    paths = Checkpoints(tmp_path / "cut" / "checkpoints", 9)
    for path in paths.paths()[1:] + paths.paths("best"):
        shutil.rmtree(path)
    train(model, config, corpus_folder, tmp_path / "cut")
    again = scores(corpus_tools, tmp_path / "cut")[len(found) :]
    assert again == found[-len(again) :]
    assert again
    assert same_weights(tmp_path / "with", tmp_path / "cut")
    assert best_checkpoint(tmp_path / "cut")[1].progress == best.progress


def test_ranks_share_the_tasks(
    corpus_folder: Path, tmp_path: Path, small, corpus_tools, run_ranks, files: dict
) -> None:
    """Each task is learnt by one rank, on gathered weights; one rank has none, and waits."""
    jobs = []
    for parallel in ("fsdp", "ddp"):
        for name, tasks in (("with", [words(files), words(files, name="other", seed=2)]), ("without", [])):
            loop = {"parallel": parallel, "checkpoint_every": 2, "tasks": tasks, "best": "none"}
            loop |= {"best": "other.f1"} if tasks else {}
            data = {"global_batch": 13, "micro_batch": 3, "validation_rows": 20}
            config = small("chinesebert", stages=stages("chinesebert", 4), loop=loop, data=data)
            path = tmp_path / f"{parallel}-{name}.yaml"
            path.write_text(yaml.safe_dump(to_mapping(config)), encoding="utf-8")
            jobs.append({"model": "chinesebert", "config": str(path), "corpus": str(corpus_folder), "world": 3,
                         "output": str(tmp_path / f"{parallel}-{name}")})  # fmt: skip
    run_ranks(jobs)
    for parallel in ("fsdp", "ddp"):
        assert same_weights(tmp_path / f"{parallel}-with", tmp_path / f"{parallel}-without")
        found = scores(corpus_tools, tmp_path / f"{parallel}-with")
        assert [line["step"] for line in found] == [0, 2, 4]
        assert all({"segmentation.f1", "other.f1"} <= line.keys() for line in found)
        assert best_checkpoint(tmp_path / f"{parallel}-with")[1].progress.best == max(
            line["other.f1"] for line in found[1:]
        )
    # The weights that a run begins with are the same however they are spread, and so is what is learnt from them.
    assert scores(corpus_tools, tmp_path / "fsdp-with")[0] == scores(corpus_tools, tmp_path / "ddp-with")[0]


def test_another_measure_begins_anew(corpus_folder: Path, tmp_path: Path, small, corpus_tools, files: dict) -> None:
    def config(best: str, steps: int) -> PretrainingConfig:
        loop = {"checkpoint_every": 2, "evaluate_every": 2, "best": best, "tasks": [words(files)]}
        return small("unihanlm", stages=[stages("unihanlm", 1, steps)[1]], loop=loop)

    train("unihanlm", config("perplexity", 2), corpus_folder, tmp_path / "run")
    assert best_checkpoint(tmp_path / "run")[1].progress.best > 1
    train("unihanlm", config("segmentation.recall", 4), corpus_folder, tmp_path / "run")
    assert corpus_tools.log_of(tmp_path / "run", "resume")[0]["changed"]["loop.best"] == [
        "perplexity", "segmentation.recall",
    ]  # fmt: skip
    path, best = best_checkpoint(tmp_path / "run")
    assert path.name == "best-00-000000004"
    assert best.progress.best == scores(corpus_tools, tmp_path / "run")[-1]["segmentation.recall"]


@pytest.mark.parametrize(
    ("changes", "best", "message"),
    [
        ({"task": "segmentatoin"}, "none", r"loop\.tasks\[0\]\.task: found 'segmentatoin', expected one of 'segment"),
        ({}, "segmentation.f2", r"best \(found segmentation\.f2\) one of none, perplexity, segmentation\.f1"),
        ({"name": "pku"}, "segmentation.f1", r"best .* one of none, perplexity, pku\.f1"),
        ({"name": "p.ku"}, "none", "name of ASCII letters"),
        ({"every": 0}, "none", "every of at least 1"),
        ({"learning_rate": 0.0}, "none", "learning_rate above 0"),
    ],
)
def test_wrong_settings(small, files: dict, changes: dict, best: str, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        small("unihanlm", loop={"tasks": [words(files) | changes], "best": best})


def test_names_are_told_apart(small, files: dict) -> None:
    with pytest.raises(SettingError, match=r"best \(found pku\.f1\) .*or a measure of one of tasks, of which"):
        small("unihanlm", loop={"best": "pku.f1"})
    with pytest.raises(SettingError, match="tasks each with a name of its own, found segmentation, segmentation"):
        small("unihanlm", loop={"tasks": [words(files)] * 2})


@pytest.mark.parametrize(
    ("model", "changes", "best", "message"),
    [
        ("unihanlm", {"dev": "nowhere.txt"}, "none", r"^loop\.tasks, segmentation: nowhere\.txt: cannot be read"),
        ("unihanlm", {"preset": "large"}, "none", r"loop\.tasks, segmentation: preset: found 'large', expected one of"),
        ("unihanlm", {"task": "sentence", "train": "numbers", "dev": "numbers"}, "sentence.accuracy",
         r"loop\.tasks, sentence: loop\.best: found sentence\.accuracy, expected one of sentence\.spearman.* numbers"),
        ("unihanlm", {"task": "pair", "train": "classes", "dev": "classes"}, "none", r"loop\.tasks, pair: .*classes"),
        ("mlma", {}, "none", r"loop\.tasks: found segmentation for mlma, expected none: .* unihanlm and chinesebert"),
    ],
)  # fmt: skip
def test_refusals(
    corpus_folder: Path, word_corpus: Path, tmp_path: Path, small, files: dict, model: str, changes: dict, best: str,
    message: str,
) -> None:  # fmt: skip
    places = {key: files.get(value, value) for key, value in changes.items()}
    config = small(model, loop={"tasks": [words(files) | places], "best": best})
    with pytest.raises(ConfigError, match=message):
        train(model, config, word_corpus if model == "mlma" else corpus_folder, tmp_path / "run")
    assert not (tmp_path / "run" / "log.jsonl").exists()


def test_without_a_reader_of_text(corpus_folder: Path, tmp_path: Path, small, train_here, files: dict) -> None:
    with pytest.raises(ConfigError, match=r"loop\.tasks: found no reader of raw text"):
        train_here("unihanlm", small("unihanlm", loop={"tasks": [words(files)]}), corpus_folder, tmp_path / "run")


def test_what_cannot_be_learnt_ends_nothing(corpus_folder: Path, tmp_path: Path, small, files: dict) -> None:
    """A rate with which the copy's loss is no number leaves the run alone; the score is null."""
    task = words(files, learning_rate=1e30, epochs=1)
    config = small("unihanlm", stages=[stages("unihanlm", 1, 2)[1]], loop={"tasks": [task], "best": "segmentation.f1"})
    train("unihanlm", config, corpus_folder, tmp_path / "run")
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    found = [line for line in lines if line["event"] == "tasks"]
    assert [line["segmentation.f1"] for line in found] == [None, None]
    assert not Checkpoints(tmp_path / "run" / "checkpoints", 9).paths("best")


def test_lists_agree() -> None:
    assert MEASURES.keys() == TASKS.keys()
    assert all(METRICS[task] == measures[0] for task, measures in MEASURES.items())


@pytest.mark.parametrize("model", ["unihanlm", "chinesebert"])
def test_scores_are_those_of_fine_tuning_a_checkpoint(
    corpus_folder: Path, tmp_path: Path, small, corpus_tools, files: dict, model: str
) -> None:
    """In a stage of clusters too, whose rows fine-tuning spreads in the same way."""
    stage = stages(model, *((2, 2) if model == "unihanlm" else (2,)))[:1]
    loop = {"tasks": [words(files, examples=12, dev_examples=99)], "best": "segmentation.f1"}
    train(model, small(model, stages=stage, loop=loop), corpus_folder, tmp_path / "run")
    expected = scores(corpus_tools, tmp_path / "run")[-1]
    share = 12 / len(Path(files["train"]).read_text(encoding="utf-8").splitlines())
    settings = {"preset": "small", "epochs": 2, "batch": 4, "rate": 0.01, "train-share": share}
    options = [str(part) for name, value in settings.items() for part in (f"--{name}", value)]
    for source in (tmp_path / "run", tmp_path / "run" / "checkpoints" / "best-00-000000002"):
        places = {"model": source, "train": files["train"], "dev": files["dev"], "output": tmp_path / source.name / "f"}
        command = [str(part) for name, value in places.items() for part in (f"--{name}", value)]
        done = CliRunner().invoke(main, ["finetune", "segmentation", *command, *options], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        found = json.loads((tmp_path / source.name / "f" / "scores.json").read_text(encoding="utf-8"))
        reached = found["seeds"][0]["scores"]["dev"]
        assert {name: reached[name] for name in MEASURES["segmentation"]} == {
            name.partition(".")[2]: value for name, value in expected.items() if "." in name
        }
