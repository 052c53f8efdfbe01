"""Tasks from files to scores: they learn, resume bit for bit, agree over ranks, and export."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner, Result
from transformers import (
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
)

from hanmill.pipelines.commands.main import main
from hanmill.pipelines.commands.text_annotator import text_annotator
from hanmill.schemas.errors import STOPPED
from hanmill.trainer.commands.task_options import TASKS as NAMES
from hanmill.trainer.configs.task_form import FormConfig
from hanmill.trainer.finetuning import task_learner
from hanmill.trainer.finetuning.batches import collate
from hanmill.trainer.finetuning.presets import presets
from hanmill.trainer.finetuning.saved import load_tuned, rows_for
from hanmill.trainer.finetuning.tasks.registry import TASKS, find_task
from hanmill.trainer.finetuning.text_encoder import TextEncoder, guess_language
from hanmill.trainer.runs import checkpoint
from hanmill.trainer.runs.checkpoint import best_checkpoint

FAST = ("--preset", "small", "--batch", "16", "--rate", "0.005", "--dropout", "0")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, corpus_folder: Path, small: Callable) -> Callable[[str], Path]:
    """``models(kind)``: a run of a few steps."""
    from hanmill.trainer.data.corpus import Corpus
    from hanmill.trainer.pretraining.loop import pretrain
    from hanmill.trainer.registry import find_model

    made: dict[str, Path] = {}

    def make(kind: str) -> Path:
        if kind not in made:
            made[kind] = tmp_path_factory.mktemp(kind) / "run"
            name = "character" if kind == "unihanlm" else "pretraining"
            stage = {"name": name, "steps": 3, "learning_rate": 0.002, "warmup": 0, "schedule": "constant"}
            config = small(kind, stages=[stage], encoder={"feed_forward": 128})
            pretrain(find_model(kind), config, Corpus(corpus_folder), made[kind])
        return made[kind]

    return make


@pytest.fixture
def words(tmp_path: Path, texts: list) -> tuple[Path, Path]:
    """Sentences of the corpus, words parted by spaces."""
    sentences = list(dict.fromkeys(" ".join(s) for text in texts if text.lang in ("zh", "ja") for s in text.sentences))
    paths = tmp_path / "train.txt", tmp_path / "dev.txt"
    for path, part in zip(paths, (sentences[::2] * 2, sentences[1::2]), strict=True):
        path.write_text("".join(f"{line}\n" for line in part), encoding="utf-8")
    return paths


@pytest.fixture
def examples(tmp_path: Path) -> dict[str, Path]:
    """A small file of each other task."""
    pairs = [("今天好", "天气好", "yes"), ("人工智能", "世界", "no"), ("我们去看书", "图书馆", "yes")] * 4
    rows = "".join(f"{a}\t{b}\t{c}\n" for a, b, c in pairs)
    context = "北京是中国的首都，人口很多。东京是日本的首都。"
    questions = [
        {
            "id": str(n),
            "question": f"{country}的首都？",
            "answers": [{"text": city, "answer_start": context.index(city)}],
        }
        for n, (country, city) in enumerate([("中国", "北京"), ("日本", "东京")] * 4)
    ]
    contents = {
        "entities": "北\tB-LOC\n京\tI-LOC\n好\tO\n\n他\tB-PER\n去\tO\n" * 4,
        "pos": "我们 PRON\n去 VERB\n图书馆 NOUN\n\n" * 4,
        "sentence": "".join(f"{a}\t{c}\n" for a, _, c in pairs),
        "pair": "sentence1\tsentence2\tlabel\n" + rows,
        "reading": json.dumps({"data": [{"paragraphs": [{"context": context, "qas": questions}]}]}),
    }
    for name, text in contents.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return {name: tmp_path / name for name in contents}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def learn(task: str, model: Path, train: Path, dev: Path, output: Path, *options: str) -> Result:
    done = run("finetune", task, "--model", model, "--train", train, "--dev", dev, "--output", output, *FAST, *options)
    assert done.exit_code == 0, done.output
    return done


@pytest.mark.parametrize("kind", ["chinesebert", "unihanlm"])
def test_learns_words_and_says_so(models: Callable, words: tuple, tmp_path: Path, kind: str) -> None:
    output = tmp_path / "tuned"
    done = learn("segmentation", models(kind), *words, output, "--epochs", "12", "--test", f"again={words[1]}")
    scores = json.loads((output / "scores.json").read_text(encoding="utf-8"))
    assert scores["seeds"][0]["scores"]["dev"]["f1"] > 0.9
    assert scores["seeds"][0]["scores"]["again"]["f1"] == scores["seeds"][0]["scores"]["dev"]["f1"]
    assert f"dev: f1 {scores['means']['dev']['f1']['mean']:.4f}" in done.stdout
    gold = [line.split() for line in words[1].read_text(encoding="utf-8").splitlines()]
    assert [
        line.split("  ") for line in (output / "predicted" / "dev.gold.txt").read_text("utf-8").splitlines()
    ] == gold
    found = (output / "predicted" / "dev.words.txt").read_text(encoding="utf-8").splitlines()
    assert ["".join(line.split()) for line in found] == ["".join(sentence) for sentence in gold]

    evaluated = json.loads(run("evaluate", "segmentation", "--model", output, "--data", words[1]).stdout)
    assert evaluated["f1"] == scores["seeds"][0]["scores"]["dev"]["f1"]
    raw = tmp_path / "raw.txt"
    raw.write_text("Ｘ 日本的首都是东京。\n\n", encoding="utf-8")
    first, second = map(json.loads, run("predict", "segmentation", "--model", output, raw).stdout.splitlines())
    assert "".join(word["text"] for word in first["words"]) == "Ｘ日本的首都是东京。"
    assert all(first["text"][word["start"] : word["end"]] == word["text"] for word in first["words"])
    assert second == {"text": "", "words": []}


@pytest.mark.parametrize("way", ["killed", "stopped"])
def test_continues_as_if_never_stopped(models: Callable, words: tuple, tmp_path: Path, way: str) -> None:
    options = ("--epochs", "3", "--dropout", "0.1")
    learn("segmentation", models("unihanlm"), *words, tmp_path / "whole", *options)
    with pytest.MonkeyPatch.context() as patch:
        seen = 0
        batch, commit = task_learner.TaskLearner.batch, checkpoint.commit

        def slowly(*values: Any) -> None:
            time.sleep(0.5)
            commit(*values)

        def halt(self: task_learner.TaskLearner, places: list[int]) -> object:
            nonlocal seen
            seen += 1
            if seen == len(self.batches(0)) + 3:
                if way == "killed":
                    raise KeyboardInterrupt
                os.kill(os.getpid(), signal.SIGTERM)
            return batch(self, places)

        patch.setattr(task_learner.TaskLearner, "batch", halt)
        # The run ends while the checkpoint of its first epoch is being written.
        patch.setattr(checkpoint, "commit", slowly)
        cut = tmp_path / "cut"
        done = run("finetune", "segmentation", "--model", models("unihanlm"), "--train", words[0], "--dev", words[1],
                   "--output", cut, *FAST, *options)  # fmt: skip
        assert done.exit_code == (143 if way == "stopped" else STOPPED)
    learn("segmentation", models("unihanlm"), *words, cut, *options)
    log = [json.loads(line) for line in (cut / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["event"] for line in log].count("resume") == 1
    ours, theirs = (best_checkpoint(path)[1].weights for path in (tmp_path / "whole", cut))
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_two_ranks_learn_what_one_learns(models: Callable, words: tuple, tmp_path: Path, repository: Path) -> None:
    options = ["--train", words[0], "--dev", words[1], *FAST, "--epochs", "1", "--batch", "7"]
    learn("segmentation", models("unihanlm"), *words, tmp_path / "one", *map(str, options[4:]))
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone"]
    asked = ["finetune", "segmentation", "--model", models("unihanlm"), *options, "--output", tmp_path / "two"]
    command = [*launcher, "-m", "hanmill", *asked]
    done = subprocess.run(
        command, cwd=repository, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    one, two = (best_checkpoint(tmp_path / name)[1].weights for name in ("one", "two"))
    for name in one:
        # The gradient of a key's bias is zero but for rounding, which Adam makes as large as any other.
        if not name.endswith("attention.inputs.bias"):
            torch.testing.assert_close(two[name], one[name], rtol=1e-3, atol=1e-4)
    losses = [
        json.loads((tmp_path / name / "log.jsonl").read_text("utf-8").splitlines()[-2])["loss"]
        for name in ("one", "two")
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    assert done.stdout.count("dev: f1") == 1


def test_seeds_have_a_mean_and_the_best_is_asked(models: Callable, examples: dict, tmp_path: Path) -> None:
    output = tmp_path / "tuned"
    done = learn("entities", models("unihanlm"), examples["entities"], examples["entities"], output, "--epochs", "2",
                 "--seeds", "2", "--train-share", "0.9")  # fmt: skip
    scores = json.loads((output / "scores.json").read_text(encoding="utf-8"))
    values = [seed["scores"]["dev"]["f1"] for seed in scores["seeds"]]
    assert scores["means"]["dev"]["f1"]["mean"] == pytest.approx(sum(values) / 2)
    assert "±" in done.stdout
    assert load_tuned(output).config.fit.seed == 1 + values.index(max(values))


HEADS = {
    "entities": AutoModelForTokenClassification,
    "pair": AutoModelForSequenceClassification,
    "reading": AutoModelForQuestionAnswering,
}


@pytest.mark.parametrize("kind", ["chinesebert", "unihanlm"])
@pytest.mark.parametrize("task", list(HEADS))
def test_exports_give_the_same_logits(models: Callable, examples: dict, tmp_path: Path, kind: str, task: str) -> None:
    output, folder = tmp_path / "tuned", tmp_path / "exported"
    learn(task, models(kind), examples[task], examples[task], output, "--epochs", "1", "--max-length", "48")
    done = run("export-model", output, folder)
    assert done.exit_code == 0, done.output
    tuned = load_tuned(output)
    rows = rows_for(TextEncoder(tuned.settings, text_annotator), "zh", tuned.config)
    inputs = tuned.task.inputs(find_task(task).read(examples[task], FormConfig())[:3], tuned.labels, rows)
    batch = collate(inputs, tuned.settings.special, pinyin=kind == "chinesebert", kind=tuned.task.kind(tuned.labels))
    theirs = HEADS[task].from_pretrained(folder, trust_remote_code=True).eval()
    further = (
        {"pinyin_ids": batch.inputs.pinyin, "token_type_ids": batch.inputs.types}
        if kind == "chinesebert"
        else {"langs": batch.inputs.language}
    )
    mask = batch.inputs.segments != 0
    with torch.no_grad():
        expected = tuned.model.logits(batch)
        found = theirs(input_ids=batch.inputs.ids, attention_mask=mask.long(), **further)
    if task == "reading":
        both = torch.stack((found.start_logits, found.end_logits), 2)
        torch.testing.assert_close(both[mask], expected[mask], rtol=1e-4, atol=1e-4)
    elif task == "entities":
        torch.testing.assert_close(found.logits.flatten(0, 1)[batch.places], expected, rtol=1e-4, atol=1e-4)
        assert tuple(theirs.config.id2label.values()) == tuned.labels
    else:
        torch.testing.assert_close(found.logits, expected, rtol=1e-4, atol=1e-4)
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
    first = tuned.task.read(examples[task], FormConfig())[0]
    if task == "pair":
        assert tokenizer(first.first, first.second)["input_ids"] == inputs[0].ids


@pytest.mark.parametrize("task", ["pos", "sentence"])
def test_other_tasks_run(models: Callable, examples: dict, tmp_path: Path, task: str) -> None:
    output = tmp_path / "tuned"
    learn(task, models("chinesebert"), examples[task], examples[task], output, "--epochs", "60", "--batch", "4")
    assert json.loads((output / "scores.json").read_text("utf-8"))["means"]["dev"]["accuracy"]["mean"] > 0.8
    assert run("predict", task, "--model", output, examples["sentence"]).exit_code == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"--model": "nowhere"}, "nowhere: found nothing, expected a run"),
        ({"--test": "dev"}, "--test: found 'dev', expected NAME=FILE"),
        ({"--max-length": "512"}, "--max-length: found 512, expected at most the model's 64"),
        ({"--preset": "none"}, "preset: found 'none', expected one of"),
        ({"--train": "missing.txt"}, "missing.txt: cannot be read"),
    ],
)
def test_refusals(models: Callable, words: tuple, tmp_path: Path, changes: dict, message: str) -> None:
    options = {"--model": models("unihanlm"), "--train": words[0], "--dev": words[1], "--output": tmp_path / "x"}
    flat = [str(part) for pair in (options | {"--max-length": "32"} | changes).items() for part in pair]
    done = run("finetune", "segmentation", *flat)
    assert done.exit_code == 2
    assert message in done.stderr


def test_of_another_task(models: Callable, examples: dict, tmp_path: Path) -> None:
    learn("pos", models("unihanlm"), examples["pos"], examples["pos"], tmp_path / "t", "--epochs", "1")
    done = run("evaluate", "entities", "--model", tmp_path / "t", "--data", examples["entities"])
    assert done.exit_code == 2
    assert "fine-tuned for pos, asked for entities" in done.stderr


def test_lists_agree() -> None:
    assert (*TASKS, "translation") == NAMES
    assert all(preset.source for preset in presets().values())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("今天天气很好", "zh"),
        ("看著天空，甚麼都好", "zh"),
        ("東京は日本の首都", "ja"),
        ("서울은 수도", "ko"),
        ("The Nile", "en"),
    ],
)
def test_language_by_its_script(text: str, language: str) -> None:
    assert guess_language([text]) == language


@pytest.mark.parametrize(
    ("task", "content"), [("sentence", "今天好\tyes\n世界\tyes\n"), ("entities", "北 O\n京 O\n\n")]
)
def test_a_training_file_of_one_class_is_refused(models: Callable, tmp_path: Path, task: str, content: str) -> None:
    path = tmp_path / "train"
    path.write_text(content, encoding="utf-8")
    given = ("--model", models("unihanlm"), "--train", path, "--dev", path, "--output", tmp_path / "run")
    done = run("finetune", task, *given, *FAST)
    assert done.exit_code != 0
    assert "--train: labels found:" in done.output
    assert "expected at least two" in done.output


def test_a_development_file_without_entities_scores_nothing(models: Callable, examples: dict, tmp_path: Path) -> None:
    dev = tmp_path / "none.txt"
    dev.write_text("北 O\n京 O\n\n", encoding="utf-8")
    output = tmp_path / "run"
    learn("entities", models("unihanlm"), examples["entities"], dev, output, "--epochs", "1")
    scores = json.loads((output / "scores.json").read_text(encoding="utf-8"))["seeds"][0]["scores"]["dev"]
    assert scores["f1"] == 0
