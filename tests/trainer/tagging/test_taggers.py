"""Layer sums, the LSTM-CRF tagger, the Mixed Orthographic Model and its transfer."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from hanmill.trainer.configs.config_file import load_config
from hanmill.trainer.data.tagged_batch import collate
from hanmill.trainer.data.tagged_file import TaggedSentence
from hanmill.trainer.data.tagged_format import bigrams, vocabulary_of
from hanmill.trainer.models.layer_sums import FullyWeightedSum, SelfWeightedSum
from hanmill.trainer.models.lstm_crf import LSTMCRF
from hanmill.trainer.models.mom import COMBINATIONS, MOM, transfer
from hanmill.trainer.registry import MIXED_ORTHOGRAPHIC, TAGGER, count_parameters
from hanmill.trainer.tagging.taggers import TaggerSource, assemble_mom, mom_vocabularies

ENGLISH = [
    TaggedSentence(("Jazz", "in", "Tokyo", "jazz"), ("O", "O", "B-LOC", "O"), ("Jazz", "in", "Tokyo", "jazz")),
    TaggedSentence(("Tokyo", "in"), ("B-LOC", "O"), ("Tokyo", "in")),
]
JAPANESE = [
    TaggedSentence(("東京", "で", "ジャズ"), ("B-LOC", "O", "O"), ("toukyou", "de", "jazu")),
    TaggedSentence(("jazz", "で", "jazz"), ("O", "O", "B-PER"), ("jazz", "de", "jazz")),
]


def test_published_count_of_the_self_weighted_sum() -> None:
    assert sum(p.numel() for p in SelfWeightedSum(7, 1024).parameters()) == 3_674_119
    assert sum(p.numel() for p in FullyWeightedSum(7, 1024).parameters()) == 7_168


def test_sums_are_their_formulas() -> None:
    torch.manual_seed(1)
    layers = torch.randn(2, 3, 4, 6)
    one = SelfWeightedSum(4, 6)
    weights = torch.tanh(one.outer(torch.tanh(one.inner(layers[1, 2].reshape(-1))))).softmax(0)
    assert torch.allclose(one(layers)[1, 2], sum(w * layer for w, layer in zip(weights, layers[1, 2], strict=True)))
    other = FullyWeightedSum(4, 6)
    assert torch.allclose(other(layers), layers.mean(2))
    other.weights.data[2, 3] = 1e4
    assert torch.allclose(other(layers)[..., 3], layers[:, :, 2, 3])


def test_counts_of_whole_taggers() -> None:
    tagger = load_config(TAGGER, "base")
    lstm = 2 * 4 * (300 * (1024 + 200) + 300 * 300 + 2 * 300)
    characters = 100 * 100 + 2 * 4 * (100 * 100 + 100 * 100 + 2 * 100)
    assert count_parameters(TAGGER, tagger) == 3_674_119 + characters + lstm + 600 * 9 + 9 + 9 * 9 + 18
    assert count_parameters(TAGGER, replace(tagger, characters=False)) < count_parameters(TAGGER, tagger)
    mom = load_config(MIXED_ORTHOGRAPHIC, "base")
    lstm = 2 * 4 * (300 * (64 + 200) + 300 * 300 + 2 * 300)
    characters = 5_000 * 50 + 2 * 4 * (100 * 50 + 100 * 100 + 2 * 100)
    assert count_parameters(MIXED_ORTHOGRAPHIC, mom) == 100_000 * 64 + characters + lstm + 600 * 9 + 9


def test_bigrams() -> None:
    assert bigrams("Yes") == ["Ye", "es"]
    assert bigrams("を") == ["を"]
    assert bigrams("wo") == ["wo"]
    assert vocabulary_of(["b", "a", "b", "c", "c"], least=2) == ("", "", "b", "c")


def mom(sentences: list[TaggedSentence]):
    config = load_config(MIXED_ORTHOGRAPHIC, "tiny")
    return assemble_mom(config, mom_vocabularies(sentences), TaggerSource(None, ""))


def test_words_keep_their_script_and_pieces_are_romanised() -> None:
    tagging = mom(JAPANESE)
    assert tagging.vocabularies["words"] == ("", "", "jazz", "で")
    assert {"to", "ou", "ja", "zz"} <= set(tagging.vocabularies["pieces"])
    encoded = tagging.format.encode(JAPANESE[0])
    # 東京 was seen once; its bigrams to-ou-uk-ky-yo-ou are all known.
    assert encoded.words == [1, 3, 1]
    assert len(encoded.pieces[0]) == 6
    assert min(encoded.pieces[0]) > 1
    # Words are lower-cased, pieces are not.
    english = mom(ENGLISH)
    assert {"jazz", "tokyo"} <= set(english.vocabularies["words"])
    assert {"Ja", "ja"} <= set(english.vocabularies["pieces"])


def test_padding_changes_nothing() -> None:
    tagging = mom(JAPANESE)
    tagging.model.eval()
    encoded = [
        tagging.format.encode(sentence)
        for sentence in (*JAPANESE, TaggedSentence(("で",) * 6, ("O",) * 6, ("de",) * 6))
    ]
    together = tagging.model.emissions(collate(encoded))
    for row, sentence in enumerate(encoded):
        alone = tagging.model.emissions(collate([sentence]))
        assert torch.allclose(alone[0], together[row, : len(sentence.words)], atol=1e-6)


def test_the_tagger_without_padding_too() -> None:
    torch.manual_seed(1)
    model = LSTMCRF(load_config(TAGGER, "tiny"), 3, 8, 20, 4).eval()
    tagging = mom(JAPANESE)
    batch = collate(
        [tagging.format.encode(sentence) for sentence in (*JAPANESE, TaggedSentence(("で",), ("O",), ("de",)))]
    )
    contextual = torch.randn(3, 3, 3, 8)
    valid = torch.arange(3) < batch.lengths[:, None]
    together = model.emissions(contextual, batch, valid)
    alone = collate([tagging.format.encode(TaggedSentence(("で",), ("O",), ("de",)))])
    assert torch.allclose(model.emissions(contextual[2:, :1], alone, valid[2:, :1])[0, 0], together[2, 0], atol=1e-6)


@pytest.mark.parametrize("groups", COMBINATIONS)
def test_transfer_copies_what_both_have_seen(groups: tuple[str, ...]) -> None:
    source, target = mom(ENGLISH), mom(JAPANESE)
    before = {name: weight.clone() for name, weight in target.model.state_dict().items()}
    weights = {name: weight + 10 for name, weight in source.model.state_dict().items()}
    copied = transfer(target.model, weights, groups, target.vocabularies, source.vocabularies)
    after = target.model.state_dict()
    pieces, words, tags = (target.vocabularies[name] for name in ("pieces", "words", "tags"))
    for name, weight in after.items():
        group = {"pieces": "char", "words": "word", "lstm": "word", "dense": "dense"}[name.split(".")[0]]
        if group not in groups:
            assert torch.equal(weight, before[name])
        elif "lstm" in name:
            assert torch.equal(weight, weights[name])
    if "char" in groups:
        zz, de = pieces.index("zz"), pieces.index("de")
        theirs = weights["pieces.embedding.weight"][source.vocabularies["pieces"].index("zz")]
        assert torch.equal(after["pieces.embedding.weight"][zz], theirs)
        assert torch.equal(after["pieces.embedding.weight"][de], before["pieces.embedding.weight"][de])
        assert torch.equal(after["pieces.embedding.weight"][:2], before["pieces.embedding.weight"][:2])
        assert copied["pieces.embedding.weight"] == len(set(pieces) & set(source.vocabularies["pieces"])) - 1
    if "word" in groups:
        assert copied["words.weight"] == 1
        assert torch.equal(
            after["words.weight"][words.index("jazz")],
            weights["words.weight"][source.vocabularies["words"].index("jazz")],
        )
        assert torch.equal(after["words.weight"][words.index("で")], before["words.weight"][words.index("で")])
    if "dense" in groups:
        assert copied["dense.weight"] == 2
        place = tags.index("B-PER")
        assert torch.equal(after["dense.bias"][place], before["dense.bias"][place])


def test_seven_combinations_and_sizes_that_differ() -> None:
    assert len(set(COMBINATIONS)) == 7
    source = mom(ENGLISH)
    wider = MOM(replace(load_config(MIXED_ORTHOGRAPHIC, "tiny"), character_embedding=9), 4, 5, 3)
    with pytest.raises(ValueError, match=r"pieces\.embedding\.weight: size of the source \(\d+, 16\), of the target"):
        transfer(wider, source.model.state_dict(), ("char",), mom(JAPANESE).vocabularies, source.vocabularies)
