"""Several corpora as one, by weights, and languages by temperature: exact, whatever the number of ranks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from hanmill.trainer.commands.train import WeightedLocation, train
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.corpus_mix import CorpusMix, WeightedCorpus
from hanmill.trainer.data.documents import read_documents
from hanmill.trainer.data.mixture import Mixture, temperature_rates, times_read
from hanmill.trainer.errors import CorpusError
from hanmill.trainer.models.unihanlm import SPECIALS


@pytest.fixture(scope="module")
def second_folder(texts: list, tmp_path_factory: pytest.TempPathFactory, corpus_tools) -> Path:
    """Other documents, with another table of characters and syllables."""
    chosen = [text for text in texts[200:] if text.lang in ("zh-HK", "ja")]
    return corpus_tools.write(tmp_path_factory.mktemp("second") / "corpus", chosen, validation=10, shards=2)


@pytest.fixture(scope="module")
def mix(corpus_folder: Path, second_folder: Path) -> CorpusMix:
    return CorpusMix([WeightedCorpus(Corpus(second_folder), 2.5), WeightedCorpus(Corpus(corpus_folder), 0.5)])


def test_ids_mean_the_same_characters_and_readings(mix: CorpusMix, corpus_folder: Path, second_folder: Path) -> None:
    parts = [Corpus(second_folder), Corpus(corpus_folder)]
    assert mix.characters[: parts[0].size] == parts[0].characters
    assert set(mix.characters) == {*parts[0].characters, *parts[1].characters}
    assert mix.size == len(set(mix.characters))
    for place in mix.train:
        own = parts[place.part]
        plain = next(item for item in own.train if (item.path, item.index) == (place.path, place.index))
        before = read_documents(plain, (), own.size, len(own.syllables))
        after = read_documents(place, (), mix.size, len(mix.syllables))
        assert [own.characters[i] for i in before.char_ids] == [mix.characters[i] for i in after.char_ids]
        assert np.array_equal(own.syllables[before.pinyin_ids], mix.syllables[after.pinyin_ids])
    for part in parts:
        new = [mix.characters.index(item) for item in part.characters]
        if part is parts[0]:
            assert np.array_equal(mix.glyphs[new], part.glyphs)
        assert np.array_equal(mix.syllables[mix.default_pinyin[new]], part.syllables[part.default_pinyin])
        first = mix.representative
        for old, number in enumerate(new):
            assert first[number] == first[new[part.representative[old]]]
    assert np.array_equal(mix.counts()[1:].sum(), sum(part.counts().sum() for part in parts))
    mix.verify()


def test_weights_are_kept_and_every_document_has_its_turn(mix: CorpusMix, alone) -> None:
    mixture = Mixture(mix.train, ("zh", "ja"), 1.0, 5, alone)
    read = [Counter((place.part, place.path, place.index) for place in mixture.places(epoch)) for epoch in range(4)]
    first, second = ([place for place in mix.train if place.part == part] for part in (0, 1))
    for epoch, found in enumerate(read):
        assert {found[0, place.path, place.index] for place in first} == {2, 3}
        assert {found[1, place.path, place.index] for place in second} == {0, 1}
        characters = sum(found[1, place.path, place.index] * place.characters for place in second)
        assert characters == pytest.approx(0.5 * sum(place.characters for place in second), rel=0.15), epoch
    total = sum(read, Counter())
    assert {total[0, place.path, place.index] for place in first} == {10}
    assert {total[1, place.path, place.index] for place in second} == {2}
    for epoch in range(2):
        ordinals = [place.ordinal for place in mixture.places(epoch)]
        assert len(set(ordinals)) == len(ordinals)
    assert mixture.places(1) == Mixture(mix.train, ("zh", "ja"), 1.0, 5, alone).places(1)
    assert mixture.places(1) != Mixture(mix.train, ("zh", "ja"), 1.0, 6, alone).places(1)


def test_temperature() -> None:
    sizes = np.array([900.0, 90.0, 10.0, 0.0])
    for temperature in (1.0, 2.0, 1e9):
        shares = sizes * temperature_rates(sizes, temperature) / sizes.sum()
        expected = np.where(sizes > 0, sizes ** (1 / temperature), 0)
        assert shares == pytest.approx(expected / expected.sum(), abs=1e-6)
    rates = np.full((50, 1), 0.3)
    positions = np.random.default_rng(1).random((50, 1))
    assert (sum(times_read(rates, positions, epoch) for epoch in range(10)) == 3).all()


def test_languages_are_read_by_temperature(corpus_folder: Path, small, assemble, alone) -> None:
    """Japanese is the smaller language: 1,000,000 makes both equal."""
    shares = []
    for temperature in (1.0, 1e6):
        config = small("unihanlm", data={"temperature": temperature, "languages": ["zh", "ja"]})
        source = assemble("unihanlm", config, corpus_folder).batches
        found = Counter()
        for epoch in range(3):
            batches = source.epoch(config.stages[1], epoch)
            for number in range(len(batches)):
                for batch in batches[number]:
                    found.update(batch.language[batch.ids != SPECIALS.padding].tolist())
        shares.append(found[1] / sum(found.values()))
    assert shares[0] < 0.42
    assert shares[1] == pytest.approx(0.5, abs=0.03)
    with pytest.raises(ValueError, match="temperature of at least 1, and above 1 only with languages"):
        small("chinesebert", data={"temperature": 2.0})


def test_a_mix_trains_and_goes_on(
    mix: CorpusMix, corpus_folder: Path, second_folder: Path, tmp_path: Path, small, train_here, corpus_tools
) -> None:
    stage = {"name": "character", "steps": 6, "learning_rate": 0.005, "warmup": 1, "schedule": "constant"}
    data = {"global_batch": 150, "micro_batch": 75, "temperature": 2.0, "languages": ["zh", "ja"]}
    config = small("unihanlm", stages=[stage], data=data, loop={"checkpoint_every": 2, "keep_checkpoints": 9})
    corpora = ((second_folder, 2.5), (corpus_folder, 0.5))
    train_here("unihanlm", config, corpora, tmp_path / "whole")
    lines = corpus_tools.log_of(tmp_path / "whole", "train")
    assert lines[-1]["epoch"] >= 1
    for name in ("step-00-000000004", "step-00-000000006"):
        (tmp_path / "whole" / "checkpoints" / name).rename(tmp_path / name)
    train_here("unihanlm", config, corpora, tmp_path / "whole")
    again = corpus_tools.log_of(tmp_path / "whole", "train")[6:]
    assert [line["loss"] for line in again] == [line["loss"] for line in lines[2:]]
    with pytest.raises(Exception, match="manifest hash of its corpus"):
        train_here("unihanlm", config, ((second_folder, 2.0), (corpus_folder, 0.5)), tmp_path / "whole")


def test_what_cannot_be_mixed(corpus_folder: Path, word_corpus: Path, small, assemble, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="weight: found 0, expected above 0"):
        CorpusMix([WeightedCorpus(Corpus(corpus_folder), 0.0)])
    config = small("mlma")
    with pytest.raises(CorpusError, match=r"weight of the corpus of .*: found 2, expected 1"):
        assemble("mlma", config, ((word_corpus, 2.0),))


def test_words_of_several_corpora(word_corpus: Path, small, assemble) -> None:
    """The same corpus twice has its tables, its sentences twice."""
    config, corpus = small("mlma"), Corpus(word_corpus)
    twice = CorpusMix([WeightedCorpus(corpus), WeightedCorpus(Corpus(word_corpus))])
    assert twice.words("zh")["word"].to_pylist()[1:5] == corpus.words("zh")["word"].to_pylist()[1:5]
    assert sum(twice.words("zh")["count"].to_pylist()) == 2 * sum(corpus.words("zh")["count"].to_pylist())
    assert len(twice.identical("zh", "ja")) == len(corpus.identical("zh", "ja"))
    batches = assemble("mlma", config, ((word_corpus, 1.0), (word_corpus, 1.0))).batches
    assert len(batches.epoch(config.stages[0], 0)) > len(
        assemble("mlma", config, word_corpus).batches.epoch(config.stages[0], 0)
    )


def test_the_command_takes_weights(tmp_path: Path) -> None:
    convert = WeightedLocation().convert
    assert convert(f"{tmp_path}=0.5", None, None) == (tmp_path, 0.5)
    assert convert(str(tmp_path), None, None) == (tmp_path, 1.0)
    assert convert(f"{tmp_path}/a=b", None, None) == (tmp_path / "a=b", 1.0)
    found = CliRunner().invoke(train, ["unihanlm", "--help"])
    assert "FOLDER[=WEIGHT]" in found.output
