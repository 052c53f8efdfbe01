"""Taggers from files to scores: they learn, resume bit for bit, choose by the development set, and export."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml
from click.testing import CliRunner

from hanmill.schemas.typed_mapping import from_mapping, to_mapping
from hanmill.trainer.commands.export_model import export_model
from hanmill.trainer.commands.runs import runs
from hanmill.trainer.commands.train import train
from hanmill.trainer.configs.config_file import load_config
from hanmill.trainer.data.tagged_batch import collate
from hanmill.trainer.data.tagged_file import TaggedFileError, read_tagged
from hanmill.trainer.data.word_vectors import WordVectorsError, read_word_vectors
from hanmill.trainer.errors import CheckpointError, ConfigError
from hanmill.trainer.export.mlma import save_language_model
from hanmill.trainer.models.lstm_crf import TaggerConfig
from hanmill.trainer.models.mlma import MLMA, MLMAConfig
from hanmill.trainer.models.mom import MOMConfig
from hanmill.trainer.registry import MIXED_ORTHOGRAPHIC, TAGGER, find_model
from hanmill.trainer.tagging.chunks import score
from hanmill.trainer.tagging.evaluation import predict
from hanmill.trainer.tagging.language_model import LanguageModel, load_language_model
from hanmill.trainer.tagging.load import load_tagger
from hanmill.trainer.tagging.romanised import read_romanised
from hanmill.trainer.tagging.saved import read_best
from hanmill.trainer.tagging.train import train_mom, train_tagger

PLACES = (("東京", "toukyou"), ("大阪", "oosaka"), ("京都", "kyouto"), ("欧州", "oushuu"))
PEOPLE = (("亀井", "kamei"), ("鈴木", "suzuki"))
SMALL = {"character_embedding": 6, "character_hidden": 6, "word_hidden": 12, "dropout": 0.3}


def lines(count: int, roman: bool) -> str:
    """Sentences in which a place stands before へ and a person before が."""
    rows = []
    for number in range(count):
        person, place = PEOPLE[number % 2], PLACES[number % 4]
        for (word, reading), tag in (
            (person, "B-PERSON"),
            (("が", "ga"), "O"),
            (place, "B-LOCATION"),
            (("へ", "e"), "O"),
            (("行く", "iku"), "O"),
        ):
            rows.append("\t".join([word, reading, tag] if roman else [word, tag]))
        rows.append("")
    return "\n".join(rows) + "\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "train.tsv", tmp_path / "dev.tsv"
    for path, count in zip(paths, (24, 8), strict=True):
        path.write_text(lines(count, roman=True), encoding="utf-8")
    return paths


def mom_config(**fit: object) -> MOMConfig:
    tiny = to_mapping(load_config(find_model("mom"), "tiny"))
    tiny["fit"] |= {"epochs": 3, "batch": 4, "learning_rate": 0.02} | fit
    tiny["columns"] |= {"roman": 1, "tag_set": "irex"}
    return from_mapping(MOMConfig, tiny | SMALL | {"word_embedding": 8})


def learn_mom(config: MOMConfig, train_file: Path, dev_file: Path, run: Path, **options: object) -> None:
    files = {"train_file": train_file, "dev_file": dev_file}
    train_mom(MIXED_ORTHOGRAPHIC, config, **files, language="ja", output=run, **options)


def learn_tagger(
    config: TaggerConfig, train_file: Path, dev_file: Path, run: Path, language_model: Path, tests: Sequence[str] = (),
    others: Sequence[str] = (),
) -> None:  # fmt: skip
    files = {"train_file": train_file, "dev_file": dev_file}
    train_tagger(
        TAGGER, config, **files, language="ja", output=run, language_model=language_model, tests=tests, others=others
    )


def events(run: Path, kind: str) -> list[dict]:
    found = map(json.loads, (run / "log.jsonl").read_text(encoding="utf-8").splitlines())
    return [line for line in found if line["event"] == kind]


def test_mom_learns_and_writes_what_it_predicts(files: tuple, tmp_path: Path) -> None:
    run = tmp_path / "run"
    learn_mom(mom_config(epochs=6), *files, run, tests=[str(files[1])])
    first, *_, last = events(run, "validation")
    assert last["f1"] == 1
    assert last["loss"] < first["loss"]
    assert last["loss"] < last["unigram"]
    assert [line["f1"] for line in events(run, "test")] == [1, 1]
    predicted = (run / "dev.ja.predicted").read_text(encoding="utf-8").splitlines()
    assert predicted[:3] == ["亀井 B-PER B-PER", "が O O", "東京 B-LOC B-LOC"]
    done = CliRunner().invoke(runs, ["show", str(run)])
    assert done.exit_code == 0
    assert f"{last['loss']:.3f}" in done.stdout


def test_continues_as_if_never_stopped(files: tuple, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    learn_mom(mom_config(epochs=4), *files, whole)
    with pytest.MonkeyPatch.context() as patch:

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        # Goes down in its third epoch, after two were saved.
        patch.setattr("hanmill.trainer.tagging.loop.evaluate", _after(2, die))
        with pytest.raises(KeyboardInterrupt):
            learn_mom(mom_config(epochs=4), *files, cut)
    learn_mom(mom_config(epochs=4), *files, cut)
    # How many of the last epochs were saved is the disk's affair: a step that is done again counts once.
    ours, theirs = ({line["step"]: line["loss"] for line in events(run, "validation")} for run in (whole, cut))
    assert ours == theirs
    weights = [load_tagger(run).learnt.state_dict() for run in (whole, cut)]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def _after(calls: int, action):
    from hanmill.trainer.tagging.evaluation import evaluate

    made = 0

    def count(*arguments: object):
        nonlocal made
        made += 1
        return action() if made > calls else evaluate(*arguments)

    return count


def test_patience_and_the_best_epoch(files: tuple, tmp_path: Path) -> None:
    run = tmp_path / "run"
    learn_mom(mom_config(epochs=30, patience=2, learning_rate=0.03), *files, run)
    reached = [line["f1"] for line in events(run, "validation")]
    best = read_best(run)
    assert best["epoch"] == reached.index(max(reached))
    assert len(reached) == best["epoch"] + 3
    rates = [line["learning_rate"] for line in events(run, "train")]
    assert rates == pytest.approx([0.03] * len(rates))


def test_rate_decays_by_epoch(files: tuple, tmp_path: Path) -> None:
    learn_mom(mom_config(decay=0.9), *files, tmp_path / "run")
    rates = [line["learning_rate"] for line in events(tmp_path / "run", "train")]
    assert rates == pytest.approx([0.02, 0.018, 0.0162])


def test_other_data_or_settings_are_refused(files: tuple, tmp_path: Path) -> None:
    run = tmp_path / "run"
    learn_mom(mom_config(epochs=1), *files, run)
    with pytest.raises(CheckpointError, match=r"fit\.batch of the checkpoint: 4; asked: 5"):
        learn_mom(mom_config(epochs=1, batch=5), *files, run)
    files[1].write_text(lines(4, roman=True), encoding="utf-8")
    with pytest.raises(CheckpointError, match="hash"):
        learn_mom(mom_config(epochs=1), *files, run)


def test_transfer_from_a_run(files: tuple, tmp_path: Path) -> None:
    learn_mom(mom_config(epochs=4), *files, tmp_path / "source")
    scratch, moved = tmp_path / "scratch", tmp_path / "moved"
    learn_mom(mom_config(epochs=1, learning_rate=1e-5), *files, scratch)
    learn_mom(
        mom_config(epochs=1, learning_rate=1e-5), *files, moved, source=tmp_path / "source", groups="char,word,dense"
    )
    (line,) = events(moved, "transfer")
    assert line["groups"] == "char,word,dense"
    assert line["dense.weight"] == 3
    before, after = (events(run, "validation")[0]["loss"] for run in (scratch, moved))
    assert after < before / 3
    with pytest.raises(ConfigError, match=r"--groups: found 'char,crf', expected some of char, word, dense"):
        learn_mom(mom_config(), *files, tmp_path / "x", source=tmp_path / "source", groups="char,crf")


def test_romaji_from_annotated_lines(tmp_path: Path) -> None:
    paths = []
    for name in ("train", "dev"):
        path = tmp_path / f"{name}.tsv"
        path.write_text(lines(8, roman=False), encoding="utf-8")
        annotated = [
            {
                "words": [
                    {"word": word, "romaji": roman} for word, roman in (person, ("が", "ga"), place, ("へ行く", None))
                ]
            }
            for person, place in ((PEOPLE[n % 2], PLACES[n % 4]) for n in range(8))
        ]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, annotated)), encoding="utf-8")
        paths.append(path)
    config = load_config(find_model("mom"), "tiny")
    config = from_mapping(MOMConfig, to_mapping(config) | SMALL | {"fit": {"epochs": 1, "patience": 1}})
    roman = [f"{path}={path.with_suffix('.jsonl')}" for path in paths]
    learn_mom(config, *paths, tmp_path / "run", romanised=roman)
    pieces = json.loads((tmp_path / "run" / "vocabularies.json").read_text(encoding="utf-8"))["pieces"]
    assert {"ky", "ou", "ga"} <= set(pieces)
    # へ行く is one word in the lines and two in the file: both keep their spelling.
    assert {"へ", "行く"} <= set(pieces)
    (tmp_path / "dev.jsonl").write_text('{"text": "x"}\n', encoding="utf-8")
    with pytest.raises(TaggedFileError, match=r"dev\.jsonl, line 1: no output of `hanmill annotate`"):
        read_romanised(tmp_path / "dev.jsonl")
    (tmp_path / "dev.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(TaggedFileError, match=r"dev\.jsonl: lines: 0; sentences of .*dev\.tsv: 8"):
        learn_mom(config, *paths, tmp_path / "other", romanised=roman)


def test_word_vectors(files: tuple, tmp_path: Path) -> None:
    vectors = tmp_path / "vectors.txt"
    numbers = " ".join(["0.5"] * 8)
    vectors.write_text(f"3 8\n東京 {numbers}\nParis {numbers}\nが {numbers} \n", encoding="utf-8")
    settings = mom_config(epochs=1, learning_rate=1e-9)
    learn_mom(settings, *files, tmp_path / "run", word_vectors=vectors)
    tagging = load_tagger(tmp_path / "run")
    words = tagging.vocabularies["words"]
    for word in ("東京", "paris", "が"):
        row = tagging.learnt.words.weight[words.index(word)]
        assert torch.allclose(row, torch.full((8,), 0.5), atol=1e-5)
    assert not torch.allclose(tagging.learnt.words.weight[words.index("へ")], torch.full((8,), 0.5))
    for text, message in (
        (f"東京 {numbers} 1\n", "line 1: numbers found: 9, expected 8"),
        (f"1 8\n東京 {numbers.replace('0.5', 'nan', 1)}\n", "line 2: found a number that is not finite"),
        (f"東京 {numbers.replace('0.5', 'x', 1)}\n", "cannot be read: could not convert"),
        ("", "words found: 0"),
    ):
        vectors.write_text(text, encoding="utf-8")
        with pytest.raises(WordVectorsError, match=message):
            read_word_vectors(vectors, 8)


@pytest.fixture
def language_model(tmp_path: Path) -> Path:
    """An MLMA with random weights that knows the words in Japanese and, spelt otherwise, in Chinese."""
    torch.manual_seed(9)
    tiny = to_mapping(load_config(find_model("mlma"), "tiny"))
    tiny["encoder"] |= {"hidden": 16, "heads": 2, "feed_forward": 16}
    config = from_mapping(MLMAConfig, tiny)
    words = ("", "", *(word for word, _ in (*PLACES, *PEOPLE)), "が", "へ", "行く")
    model = MLMA(config, [len(words), len(words)])
    model.words[1].load_state_dict(model.words[0].state_dict())
    chinese = tuple({"が": "在", "へ": "到", "行く": "去"}.get(word, word) for word in words)
    save_language_model(LanguageModel(model, config, {"ja": words, "zh": chinese}), tmp_path / "mlma")
    return tmp_path / "mlma"


def tagger_config(**changes: object) -> TaggerConfig:
    tiny = to_mapping(load_config(find_model("tagger"), "tiny"))
    tiny["fit"] |= {"epochs": 6, "batch": 4, "learning_rate": 0.02}
    tiny["columns"] |= {"tag": 2}
    return from_mapping(TaggerConfig, tiny | SMALL | changes)


@pytest.mark.parametrize("layer_sum", ["self", "fully"])
def test_tagger_crosses_languages(files: tuple, tmp_path: Path, language_model: Path, layer_sum: str) -> None:
    """Languages that are aligned perfectly: what is learnt in one holds in the other."""
    chinese = tmp_path / "zh.tsv"
    text = files[1].read_text(encoding="utf-8").replace("が", "在").replace("へ", "到").replace("行く", "去")
    chinese.write_text(text, encoding="utf-8")
    run = tmp_path / "run"
    config = tagger_config(layer_sum=layer_sum, characters=False)
    learn_tagger(config, *files, run, language_model, tests=[f"zh={chinese}"])
    assert [(line["language"], line["f1"]) for line in events(run, "test")] == [("ja", 1), ("zh", 1)]
    # The language model has not learnt.
    weights = load_tagger(run).model.language_model.state_dict()
    before = load_language_model(language_model).model.state_dict()
    assert all(torch.equal(weights[name], before[name]) for name in before)
    with pytest.raises(ConfigError, match="language: found 'ko', expected one of the language model's: ja, zh"):
        load_tagger(run, "ko")


def in_chinese(text: str) -> str:
    return text.replace("が", "在").replace("へ", "到").replace("行く", "去")


def test_several_source_languages(files: tuple, tmp_path: Path, language_model: Path) -> None:
    """What only the other language's file has is learnt too, and each sentence is read by its own language."""
    chinese, run = tmp_path / "zh.tsv", tmp_path / "run"
    # Persons are said in Chinese alone.
    files[0].write_text(files[0].read_text(encoding="utf-8").replace("B-PERSON", "O"), encoding="utf-8")
    chinese.write_text(in_chinese(lines(24, roman=True)), encoding="utf-8")
    config = tagger_config(characters=False, fit={**to_mapping(tagger_config().fit), "epochs": 2})
    learn_tagger(config, *files, run, language_model, others=[f"zh={chinese}"], tests=[f"zh={chinese}"])
    tagging = load_tagger(run)
    assert "B-PER" in "".join(tagging.vocabularies["tags"])
    sentences = [replace(s, language="zh") for s in read_tagged(chinese, config.columns, "zh")[:3]]
    sentences += read_tagged(files[1], config.columns, "ja")[:3]
    encoded = [tagging.format.encode(sentence) for sentence in sentences]
    assert [sentence.language for sentence in encoded] == [1, 1, 1, None, None, None]
    assert all(word > 1 for sentence in encoded for word in sentence.words)
    model = tagging.model.eval()
    mixed = [encoded[place] for place in (3, 0, 4, 1, 5, 2)]
    together, _ = model._emissions(collate(mixed))
    for row, sentence in enumerate(mixed):
        alone, _ = model._emissions(collate([sentence]))
        torch.testing.assert_close(together[row], alone[0])
    # A run continues with the same languages alone, and stays what it was.
    began = (run / "source.json").read_bytes()
    with pytest.raises(
        CheckpointError,
        match=r"run: began with --language ja, --also zh=…; asked to go on with --language ja, no --also$",
    ):
        learn_tagger(config, *files, run, language_model)
    assert (run / "source.json").read_bytes() == began
    chinese.write_text(in_chinese(lines(23, roman=True)), encoding="utf-8")
    with pytest.raises(
        CheckpointError, match=r"hash of the files it began with \(training and development sets, and we"
    ):
        learn_tagger(config, *files, run, language_model, others=[f"zh={chinese}"])
    with pytest.raises(ConfigError, match="--also: found ja, which is --language; expected other languages"):
        learn_tagger(config, *files, tmp_path / "other", language_model, others=[f"ja={chinese}"])
    with pytest.raises(ConfigError, match="language: found 'ko', expected one of the language model's: ja, zh"):
        learn_tagger(config, *files, tmp_path / "other", language_model, others=[f"ko={chinese}"])


def test_exported_tagger_tags_alike(files: tuple, tmp_path: Path, language_model: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    config = tagger_config()
    learn_tagger(config, *files, run, language_model)
    done = CliRunner().invoke(export_model, [str(run), str(out)])
    assert done.exit_code == 0, done.output
    assert "language_model" in done.stdout
    sentences = read_tagged(files[1], config.columns, "ja")
    device = torch.device("cpu")
    ours, theirs = (predict(load_tagger(folder), sentences, device) for folder in (run, out))
    assert ours == theirs
    assert score([s.tags for s in sentences], theirs).f1 == 1
    assert "f1 1.0000" in (out / "README.md").read_text(encoding="utf-8")
    shutil.rmtree(out / "language_model")
    with pytest.raises(CheckpointError, match="out/language_model: not found"):
        load_tagger(out)


def test_parts_of_speech_have_no_chunks(tmp_path: Path) -> None:
    path = tmp_path / "pos.tsv"
    path.write_text(lines(24, roman=False).replace("B-PERSON", "PROPN").replace("B-LOCATION", "NOUN"), encoding="utf-8")
    tiny = to_mapping(mom_config(epochs=6, metric="accuracy"))
    tiny["columns"] = {}
    learn_mom(from_mapping(MOMConfig, tiny), path, path, tmp_path / "run")
    (line,) = events(tmp_path / "run", "test")
    assert line["accuracy"] == 1
    assert not {"f1", "chunks"} & set(line)


def test_segmentation_is_tagging(tmp_path: Path) -> None:
    paths = []
    for name in ("train", "dev"):
        path = tmp_path / f"{name}.tsv"
        path.write_text(lines(16, roman=False), encoding="utf-8")
        paths.append(path)
    tiny = to_mapping(mom_config(epochs=6))
    tiny["columns"] = {"units": "characters"}
    learn_mom(from_mapping(MOMConfig, tiny), *paths, tmp_path / "run")
    (line,) = events(tmp_path / "run", "test")
    assert line["f1"] > 0.95
    assert line["chunks"] == 16 * 5


def test_one_process_only(files: tuple, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match="processes found: 2; a tagger learns on 1"):
        learn_mom(mom_config(), *files, tmp_path / "run")


def test_commands(files: tuple, tmp_path: Path) -> None:
    config = tmp_path / "mom.yaml"
    config.write_text(yaml.safe_dump(to_mapping(mom_config(epochs=1))), encoding="utf-8")
    arguments = ["mom", "--train", files[0], "--dev", files[1], "--language", "ja", "--config", config]
    done = CliRunner().invoke(train, [*map(str, arguments), "--output", str(tmp_path / "run")])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(export_model, [str(tmp_path / "run"), str(tmp_path / "out")])
    assert done.exit_code == 0
    assert load_tagger(tmp_path / "out").name == "mom"
    done = CliRunner().invoke(train, ["tagger", "--train", str(files[0])])
    assert done.exit_code == 2
    assert "--train, --dev, --language, --output, --mlma are required" in done.stderr
    done = CliRunner().invoke(train, ["mom", "--config", "base", "--count-parameters"])
    assert done.stdout.strip() == "8,135,409"
    files[0].write_text("東京\n", encoding="utf-8")
    done = CliRunner().invoke(train, [*map(str, arguments), "--output", str(tmp_path / "other")])
    assert done.exit_code == 2
    assert "train.tsv, line 1: columns found: 1" in done.stderr
