"""UnihanLM: size, tying, and the step from clusters to characters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from trainer.data.corpus import Corpus
from trainer.tasks.masked_language_model import UnihanLMTask


def task_of(corpus_folder: Path, small) -> tuple[UnihanLMTask, Corpus]:
    torch.manual_seed(0)
    corpus = Corpus(corpus_folder)
    return UnihanLMTask(small("unihanlm"), corpus), corpus


def test_cluster_stage_reads_the_first_of_each_cluster(corpus_folder: Path, small) -> None:
    task, corpus = task_of(corpus_folder, small)
    codes = corpus.characters
    clusters, characters = (task.input_format(stage).model_ids for stage in small("unihanlm").stages)
    assert clusters[codes.index("學")] == clusters[codes.index("学")] == characters[codes.index("学")]
    assert clusters[0] == characters[0] == 3
    assert len(set(characters.tolist())) == corpus.size
    assert len(set(clusters.tolist())) < corpus.size


def test_copy_gives_every_member_the_clusters_row_and_bias(corpus_folder: Path, small) -> None:
    task, corpus = task_of(corpus_folder, small)
    model = task.model
    torch.nn.init.normal_(model.output_bias)
    before, bias = model.characters.weight.detach().clone(), model.output_bias.detach().clone()
    task.begin(small("unihanlm").stages[1])
    source = 13 + corpus.representative.astype(np.int64)
    for character in range(1, corpus.size):
        assert torch.equal(model.characters.weight[13 + character], before[source[character]])
        assert model.output_bias[13 + character] == bias[source[character]]
    assert torch.equal(model.characters.weight[:14], before[:14])
    merged = [c for c in range(1, corpus.size) if corpus.representative[c] != c]
    assert len(merged) >= 5


def test_output_layer_is_tied(corpus_folder: Path, small) -> None:
    task, _ = task_of(corpus_folder, small)
    hidden = torch.randn(3, 32)
    scores = task.model.scores(hidden)
    assert torch.allclose(scores, hidden @ task.model.characters.weight.T + task.model.output_bias)
    assert "output" not in {name.split(".")[0] for name, _ in task.model.named_parameters()}
