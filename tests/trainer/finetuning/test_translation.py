"""Unsupervised translation: noise, a decoder begun from the encoder, and runs from two texts to BLEU."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from sacrebleu.metrics import BLEU

from hanmill.pipelines.commands.main import main
from hanmill.trainer.data.specials import Specials
from hanmill.trainer.errors import TrainerError
from hanmill.trainer.finetuning.files.task_file import TaskFileError
from hanmill.trainer.finetuning.pretrained import load_backbone
from hanmill.trainer.finetuning.translation.bleu import character_bleu
from hanmill.trainer.finetuning.translation.learner import denoising_weight, frame
from hanmill.trainer.finetuning.translation.noise import NoiseConfig, add_noise
from hanmill.trainer.finetuning.translation.texts import read_parallel, two_languages
from hanmill.trainer.finetuning.translation.translation import build
from hanmill.trainer.finetuning.translation.translator import DecoderLayer, Lesson, Pairs, Translator
from hanmill.trainer.runs.checkpoint import best_checkpoint

MASK = 5
ZH = ("我们去学校。", "天气很好。", "他喜欢吃鱼。", "北京是中国的首都。", "人工智能改变了世界。")
JA = (
    "私は学校に行きます。",
    "天気は良いです。",
    "彼は魚が好きです。",
    "東京は日本の首都です。",
    "世界が変わりました。",
)


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory: pytest.TempPathFactory, corpus_folder: Path, small: Callable) -> Path:
    from hanmill.trainer.data.corpus import Corpus
    from hanmill.trainer.pretraining.loop import pretrain
    from hanmill.trainer.registry import find_model

    run = tmp_path_factory.mktemp("unihanlm") / "run"
    stage = {"name": "character", "steps": 2, "learning_rate": 0.002, "warmup": 0, "schedule": "constant"}
    pretrain(find_model("unihanlm"), small("unihanlm", stages=[stage]), Corpus(corpus_folder), run)
    return run


@pytest.fixture
def translator(pretrained: Path) -> Translator:
    return build(load_backbone(pretrained), 1, 0.0).eval()


@pytest.fixture
def special(pretrained: Path) -> Specials:
    return load_backbone(pretrained).settings.special


def files(folder: Path) -> tuple[Path, Path, Path]:
    """Texts of two languages, and a parallel file whose first column is Japanese."""
    paths = folder / "zh.txt", folder / "ja.txt", folder / "dev.tsv"
    paths[0].write_text("".join(f"{text}\n" for text in ZH * 4), encoding="utf-8")
    paths[1].write_text("".join(f"{text}\n" for text in JA * 4), encoding="utf-8")
    paths[2].write_text("".join(f"{ja}\t{zh}\n" for zh, ja in zip(ZH, JA, strict=True)), encoding="utf-8")
    return paths


def finetune(model: Path, folder: Path, output: Path, *options: str) -> Result:
    zh, ja, dev = files(folder)
    command = ["finetune", "translation", "--model", model, "--train", zh, "--train", ja, "--dev", dev]
    settings = ("--batch", "8", "--rate", "0.003", "--epochs", "2", "--dropout", "0.1", "--max-length", "24")
    return CliRunner().invoke(main, [*map(str, command), "--output", str(output), *settings, *options])


def test_noise_moves_drops_and_blanks_as_it_says() -> None:
    ids = list(range(100, 4100))
    found = add_noise(ids, NoiseConfig(), MASK, np.random.default_rng(1))
    blank = found.count(MASK)
    assert len(found) / len(ids) == pytest.approx(0.9, abs=0.02)
    assert blank / len(found) == pytest.approx(0.1, abs=0.02)
    shuffled = add_noise(ids, NoiseConfig(3, 0, 0), MASK, np.random.default_rng(1))
    assert sorted(shuffled) == ids
    assert max(abs(place - (token - 100)) for place, token in enumerate(shuffled)) <= 3
    assert add_noise([7], NoiseConfig(3, 0.99, 0), MASK, np.random.default_rng(1)) == [7]


def test_denoising_weighs_as_xlm_has_it() -> None:
    assert [denoising_weight(done) for done in (0.0, 1 / 3, 1.0)] == [1.0, pytest.approx(0.1), 0.0]
    assert denoising_weight(2 / 3) == pytest.approx(0.05)


def test_the_decoder_begins_as_the_encoder(translator: Translator, pretrained: Path) -> None:
    weights = load_backbone(pretrained).weights
    for name, weight in weights.items():
        assert torch.equal(translator.decoder.state_dict()[name], weight), name
        assert torch.equal(translator.encoder.state_dict()[name], weight), name
    assert all(isinstance(layer, DecoderLayer) for layer in translator.decoder.encoder.layers)


def test_no_target_sees_what_comes_after_it(translator: Translator, special: Specials) -> None:
    memory = translator.remember(frame([[20, 21, 22]], 0, special))
    one, other = (translator._decode(frame([row], 1, special), *memory) for row in ([30, 31, 32], [30, 31, 40]))
    assert torch.equal(one[:, :3], other[:, :3])
    assert not torch.equal(one[:, 3:], other[:, 3:])


def test_padding_changes_nothing(translator: Translator, special: Specials) -> None:
    rows, made = [[20, 21], [22, 23, 24, 25, 26]], [[30], [31, 32, 33]]
    whole = translator(Lesson((Pairs(frame(rows, 0, special), frame(made, 1, special), 1.0),)))
    parts = [
        translator(Lesson((Pairs(frame([row], 0, special), frame([target], 1, special), 1.0),)))
        for row, target in zip(rows, made, strict=True)
    ]
    torch.testing.assert_close(whole, torch.stack(parts).sum())
    together = translator.translate(frame(rows, 0, special), 1, special.begin, 12)
    for number, row in enumerate(rows):
        alone = translator.translate(frame([row], 0, special), 1, special.begin, 12)
        kept = together.ids[number][together.valid[number]]
        assert torch.equal(kept, alone.ids[0])
        assert kept[-1] == special.end


def test_a_translation_is_what_the_decoder_finds_likeliest(translator: Translator, special: Specials) -> None:
    sources = frame([[20, 21, 22, 23]], 0, special)
    made = translator.translate(sources, 1, special.begin, 9)
    hidden = translator._decode(
        made._replace(ids=made.ids[:, :-1], valid=made.valid[:, :-1]), *translator.remember(sources)
    )
    likeliest = translator.decoder.scores(hidden).argmax(2)
    # The last one is the end because there is no more room.
    assert torch.equal(likeliest[0, :-1], made.ids[0, 1:-1])
    assert made.ids.shape[1] <= 9


def test_from_two_texts_to_bleu(pretrained: Path, tmp_path: Path) -> None:
    output = tmp_path / "run"
    result = finetune(pretrained, tmp_path, output, "--test", f"same={tmp_path / 'dev.tsv'}")
    assert result.exit_code == 0, result.output
    scores = json.loads((output / "scores.json").read_text(encoding="utf-8"))["seeds"][0]["scores"]
    assert scores["dev"] == scores["same"]
    assert set(scores["dev"]) == {"language", "bleu", "bleu_zh_ja", "bleu_ja_zh"}
    written = [(output / "predicted" / f"dev.zh-ja.{kind}.txt").read_text(encoding="utf-8") for kind in ("hyp", "ref")]
    made, wanted = (text.splitlines() for text in written)
    assert wanted == list(JA)
    assert BLEU(tokenize="char").corpus_score(made, [wanted]).score == pytest.approx(scores["dev"]["bleu_zh_ja"])

    asked = CliRunner().invoke(
        main, ["evaluate", "translation", "--model", str(output), "--data", str(tmp_path / "dev.tsv")]
    )
    assert asked.exit_code == 0, asked.output
    assert json.loads(asked.output)["bleu"] == pytest.approx(scores["dev"]["bleu"])
    said = CliRunner().invoke(main, ["predict", "translation", "--model", str(output), str(tmp_path / "zh.txt")])
    assert said.exit_code == 0, said.output
    first = json.loads(said.output.splitlines()[0])
    assert (first["text"], first["from"], first["to"]) == (ZH[0], "zh", "ja")
    assert first["translation"] == made[0]


def test_a_run_that_went_on_ends_as_one_that_never_stopped(
    pretrained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert finetune(pretrained, tmp_path, tmp_path / "whole").exit_code == 0
    from hanmill.trainer.finetuning import loop

    monkeypatch.setattr(loop, "_CHECKPOINT_EVERY", 2)
    real = loop._Loop._evaluate

    def stopped(self: loop._Loop, epoch: int) -> None:
        if epoch == 1:
            raise KeyboardInterrupt
        real(self, epoch)

    monkeypatch.setattr(loop._Loop, "_evaluate", stopped)
    finetune(pretrained, tmp_path, tmp_path / "parts")
    monkeypatch.setattr(loop._Loop, "_evaluate", real)
    assert finetune(pretrained, tmp_path, tmp_path / "parts").exit_code == 0
    one, other = (best_checkpoint(tmp_path / name)[1].weights for name in ("whole", "parts"))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_it_learns_to_give_back_what_it_reads(pretrained: Path, tmp_path: Path) -> None:
    assert finetune(pretrained, tmp_path, tmp_path / "run", "--epochs", "30", "--rate", "0.005").exit_code == 0
    log = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    costs = [line["loss"] for line in log if line["event"] == "train"]
    # The weight of denoising falls by a tenth meanwhile: compare with back-translation alone at the start.
    assert costs[-1] < costs[0] / 4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("你好\tこんにちは\n你好\n", "line 2: found 1 columns, expected two texts"),
        ("你好\tこんにちは\tx\n", "line 1: found 3 columns"),
        ("你好\t再见\n", "found columns of zh and zh, expected zh and ja"),
        ('{"translation": {"zh": "你好", "ja": "やあ"}}\n{"zh": "你好"}\n', "line 2: found no texts of zh and ja"),
        ("\n\n", "pairs found: 0"),
    ],
)
def test_a_parallel_file_that_does_not_fit_is_named(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "dev.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TaskFileError, match=f"dev.tsv.*{said}"):
        read_parallel(path, ("zh", "ja"))


def test_columns_are_told_by_their_texts(tmp_path: Path) -> None:
    path = tmp_path / "dev.tsv"
    path.write_text("これは本です。\t这是书。\n", encoding="utf-8")
    assert read_parallel(path, ("zh", "ja")).texts == (["这是书。"], ["これは本です。"])


def test_two_languages_are_needed() -> None:
    with pytest.raises(TrainerError, match="--train: found files of zh, expected two languages"):
        two_languages([("", ["你好"]), ("", ["再见"])], ("zh", "ja"))
    with pytest.raises(TrainerError, match="found text of en"):
        two_languages([("", ["hello"]), ("", ["再见"])], ("zh", "ja"))


def test_a_model_of_one_language_is_refused(tmp_path: Path, corpus_folder: Path, small: Callable) -> None:
    from hanmill.trainer.data.corpus import Corpus
    from hanmill.trainer.pretraining.loop import pretrain
    from hanmill.trainer.registry import find_model

    stage = {"name": "pretraining", "steps": 1, "learning_rate": 0.0, "warmup": 0, "schedule": "constant"}
    pretrain(find_model("chinesebert"), small("chinesebert", stages=[stage]), Corpus(corpus_folder), tmp_path / "run")
    result = finetune(tmp_path / "run", tmp_path, tmp_path / "out")
    assert result.exit_code != 0
    assert "expected UnihanLM" in result.output


def test_bleu_is_sacrebleus() -> None:
    found, wanted = ["今天天气好", "東京は 首都"], ["今天天气很好", "東京は日本の首都"]
    assert character_bleu(found, wanted) == BLEU(tokenize="char").corpus_score(found, [wanted]).score
    assert character_bleu(wanted, wanted) == pytest.approx(100)
