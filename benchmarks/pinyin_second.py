"""Makes the second reader of polyphones: g2pM's weights as whole numbers, and the characters it is asked about.

Run from the repository root, in the folder in which ``benchmarks.segmenter_weights`` has built its teacher:
python -m benchmarks.pinyin_second --work FOLDER --output pipelines/annotate/pinyin/data/pinyin-second.parquet

g2pM 0.1.2.5 (Apache-2.0) keeps its weights as pickles: they are read in the teacher's environment, not in this process.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.pinyin_contexts import marked_contexts
from benchmarks.pinyin_teacher import G2PM, NOT_TAUGHT, unpacked
from benchmarks.pinyin_told import expressions
from benchmarks.segmenter_weights import teacher as python_of_the_teacher
from hanmill.pipelines.annotate.pinyin.neural_reader import SecondReader, quantised, write_second
from hanmill.pipelines.training.marked_polyphones import MARK
from hanmill.schemas.hashing import file_sha256

_DUMP = """
import json
import pickle
import sys
from pathlib import Path

import numpy as np

def load(name):
    return pickle.loads(Path(sys.argv[1], name).read_bytes())

json.dump(
    {
        "weights": {name: np.asarray(value).tolist() for name, value in load("np_ckpt.pkl").items()},
        "characters": load("char2idx.pkl"),
        "classes": load("class2idx.pkl"),
        "readings": load("digest_cedict.pkl"),
    },
    sys.stdout,
)
"""
#: g2pM's signs for the begin and the end of a sentence and for unknown characters.
_SIGNS = ("\uc2dc", "\ub05d", "<UNK>")
_NAMES = {
    "input": "lstm.weight_ih_l0",
    "recurrent": "lstm.weight_hh_l0",
    "input_back": "lstm.weight_ih_l0_reverse",
    "recurrent_back": "lstm.weight_hh_l0_reverse",
    "hidden": "logit_layer.0.weight",
    "hidden_bias": "logit_layer.0.bias",
    "output": "logit_layer.2.weight",
    "output_bias": "logit_layer.2.bias",
}
_BIASES = ("lstm.bias_ih_l0", "lstm.bias_hh_l0")


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line, fetches the package and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--work", "--output"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args(arguments)
    command = [python_of_the_teacher(options.work), "-c", _DUMP, str(unpacked(options.work))]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    weights, numbers = found["weights"], found["characters"]
    arrays = {name: quantised(weights[own]) for name, own in _NAMES.items()}
    for back, suffix in (("", ""), ("_back", "_reverse")):
        pairs = zip(*(weights[bias + suffix] for bias in _BIASES), strict=True)
        arrays[f"bias{back}"] = quantised([one + other for one, other in pairs])
    characters = sorted(each for each in numbers if len(each) == 1 and each not in _SIGNS)
    arrays["embedding"] = quantised([weights["embedding.weight"][numbers[each]] for each in (*_SIGNS, *characters)])
    classes = sorted(found["classes"], key=found["classes"].__getitem__)
    several = {each for each, readings in found["readings"].items() if len(readings) > 1 and len(each) == 1}
    asked = "".join(sorted(several - NOT_TAUGHT - taught_otherwise()))
    readings = tuple(reading.replace("u:", "v") for reading in classes)
    made_from = {"files": {G2PM.file: G2PM.sha256}}
    write_second(options.output, SecondReader(arrays, "".join(characters), readings, asked, made_from))
    print(
        f"{options.output}: {len(characters):,} characters, asked about {len(asked):,}, {file_sha256(options.output)}"
    )


def taught_otherwise() -> set[str]:
    """Characters of everyday phrases, of which short contexts and rules know more than an encyclopaedia."""
    of_contexts = {text.split(MARK)[1] for text, _ in marked_contexts()}
    return of_contexts | {character for _, character, _ in expressions()}


if __name__ == "__main__":
    main()
