"""Tokens per second of one loader process, and the ratio to Hugging Face's whole-word-mask collator.

    python benchmarks/loader.py CORPUS [--batches 100]

Ours goes from Parquet on disk to masked ChineseBERT (ids, pinyin, segments, labels) and UnihanLM batches, packing
and shuffling included. Theirs starts from rows that are already tokenised and packed, in memory or an Arrow table,
and masks ids alone. Same rows, same window, one process and one thread each.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hanmill.trainer.configs.config_file import load_config
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.row_batches import RowBatches, count_tokens, plan_epoch
from hanmill.trainer.data.row_format import RowFormat
from hanmill.trainer.data.row_source import RowSource
from hanmill.trainer.data.windows import NO_UNIT
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.registry import CHINESEBERT, UNIHANLM

ROWS = 64
MASKED = {"unihanlm": UNIHANLM, "chinesebert": CHINESEBERT}
ALONE = Process(0, 1, torch.device("cpu"))


def form_of(model: str, corpus: Corpus) -> RowFormat:
    spec = MASKED[model]
    config = load_config(spec, "base")
    data = replace(config.data, global_batch=ROWS, micro_batch=ROWS)
    batches = spec.batches(replace(config, data=data), corpus, ALONE)
    assert isinstance(batches, RowSource)
    return batches.format_of(config.stages[-1])


def ours(model: str, corpus: Corpus, limit: int) -> float:
    """Epoch after epoch until ``limit`` batches are made, planning included."""
    form = form_of(model, corpus)
    tokens = made = epoch = 0
    start = time.perf_counter()
    while made < limit:
        batches = RowBatches(corpus.train, form, plan_epoch(corpus.train, form, epoch, ALONE).counts, epoch, 0, 1)
        for number in range(min(len(batches), limit - made)):
            tokens += count_tokens(batches[number])
            made += 1
        epoch += 1
    return tokens / (time.perf_counter() - start)


def tokenised_rows(corpus: Corpus, limit: int) -> Iterator[dict[str, Any]]:
    """Our packed rows as a tokeniser with offsets would give them: a gap before each word."""
    form = form_of("chinesebert", corpus)
    rows = (row for place in corpus.train for row in zip(*_columns(form, place), strict=True))
    for ids, unit, segment in islice(rows, limit):
        first = np.ones(len(unit), bool)
        first[1:] = unit[1:] != unit[:-1]
        start = np.arange(len(unit)) + np.cumsum(first)
        yield {
            # Padded beforehand: the collator cannot pad offsets.
            "input_ids": ids.tolist(),
            "offset_mapping": np.stack((start, start + 1), 1).tolist(),
            "special_tokens_mask": (unit == NO_UNIT).astype(int).tolist(),
            "attention_mask": (segment > 0).astype(int).tolist(),
        }


def _columns(form: RowFormat, place: Any) -> tuple[np.ndarray, ...]:
    windows = form.windows(place, 0)
    return windows.ids, windows.unit, windows.segment


def theirs(corpus: Corpus, limit: int) -> float | None:
    try:
        from datasets import Dataset
        from tokenizers import Tokenizer, models
        from transformers import DataCollatorForLanguageModeling, PreTrainedTokenizerFast
    except ImportError as error:
        print(f"comparison skipped: {error.name} is not installed")
        return None
    specials = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    names = [*specials.values(), "[MASK]"]
    vocabulary = {name: number for number, name in enumerate([*names, *corpus.characters[1:]])}
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, mask_token="[MASK]", **specials)
    warnings.simplefilter("ignore")
    collator = DataCollatorForLanguageModeling(tokenizer, whole_word_mask=True, mlm_probability=0.15)
    rows = Dataset.from_list(list(tokenised_rows(corpus, limit * ROWS)))
    loader = torch.utils.data.DataLoader(rows, batch_size=ROWS, shuffle=True, collate_fn=collator, drop_last=True)
    tokens = 0
    start = time.perf_counter()
    for batch in loader:
        tokens += int(batch["attention_mask"].sum())
    return tokens / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--batches", type=int, default=200)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    corpus = Corpus(arguments.corpus)
    found = {model: ours(model, corpus, arguments.batches) for model in MASKED}
    for model, speed in found.items():
        print(f"{model}: {speed / 1e6:.2f} M tokens/s per process")
    reference = theirs(corpus, min(arguments.batches, 20))
    if reference:
        print(f"DataCollatorForLanguageModeling(whole_word_mask=True): {reference / 1e6:.3f} M tokens/s per process")
        print(f"chinesebert is {found['chinesebert'] / reference:.1f} times as fast")


if __name__ == "__main__":
    main()
