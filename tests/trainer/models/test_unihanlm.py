"""UnihanLM: size, tying, and the step from clusters to characters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.models.unihanlm import UnihanLM, begin_stage, stream_format


@pytest.fixture
def model(corpus_folder: Path, small, assemble) -> UnihanLM:
    torch.manual_seed(0)
    return assemble("unihanlm", small("unihanlm"), corpus_folder).model


def test_cluster_stage_reads_the_first_of_each_cluster(corpus_folder: Path, small) -> None:
    corpus, config = Corpus(corpus_folder), small("unihanlm")
    codes = corpus.characters
    clusters, characters = (stream_format(config, stage, corpus).model_ids for stage in config.stages)
    assert clusters[codes.index("學")] == clusters[codes.index("学")] == characters[codes.index("学")]
    assert clusters[0] == characters[0] == 3
    assert len(set(characters.tolist())) == corpus.size
    assert len(set(clusters.tolist())) < corpus.size


def test_copy_gives_every_member_the_clusters_row_and_bias(corpus_folder: Path, small, model: UnihanLM) -> None:
    corpus = Corpus(corpus_folder)
    torch.nn.init.normal_(model.output_bias)
    before, bias = model.characters.weight.detach().clone(), model.output_bias.detach().clone()
    begin_stage(model, small("unihanlm").stages[1], corpus)
    source = 13 + corpus.representative.astype(np.int64)
    for character in range(1, corpus.size):
        assert torch.equal(model.characters.weight[13 + character], before[source[character]])
        assert model.output_bias[13 + character] == bias[source[character]]
    assert torch.equal(model.characters.weight[:14], before[:14])
    merged = [c for c in range(1, corpus.size) if corpus.representative[c] != c]
    assert len(merged) >= 5


def test_output_layer_is_tied(model: UnihanLM) -> None:
    hidden = torch.randn(3, 32)
    scores = model.scores(hidden)
    assert torch.allclose(scores, hidden @ model.characters.weight.T + model.output_bias)
    assert "output" not in {name.split(".")[0] for name, _ in model.named_parameters()}
