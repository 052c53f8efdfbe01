"""Raw text gets, from an exported tokeniser, the ids that the corpus gives it."""

from __future__ import annotations

import random
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from hanmill.pipelines.commands.main import main
from hanmill.pipelines.text.characters import character_table, tokenize
from hanmill.pipelines.text.normalize import Normalizer
from hanmill.schemas.manifest import Manifest
from hanmill.schemas.recipe import NormalizeRecipe
from hanmill.schemas.typed_mapping import from_mapping, to_mapping
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.data.vocabulary import CharacterVocabulary
from hanmill.trainer.export.character_model import write_character_tokenizer
from hanmill.trainer.export.normalizer import describe, unexpressed
from hanmill.trainer.models.chinesebert import SPECIAL_TOKENS, SPECIALS, TOKEN_TYPES
from hanmill.trainer.registry import find_model
from hanmill.trainer.runs.checkpoint import Checkpoint, Checkpoints, Progress

#: Cyrillic modifier letters that Python 3.12 decomposes; the tokenizers library composes by an older Unicode.
UNICODE_15 = range(0x1E030, 0x1E06E)
HARD = (
    "ＡＢＣａｂｃ１２３，！（）：；？～「」", "ｶﾞｷﾞﾊﾟﾋﾟﾌﾟ ﾊﾝｶｸｶﾅ｡｢｣､･", "ΟΔΟΣ ΣΑΣ. Σ ΑΣ´ ἈΧΙΛΛΕΎΣ", "İstanbul DİYARBAKIR",
    "㍿①㎡℃…‥ﬁ½", "か\u3099は\u309aガ", "é é ñ Å Å", "a\0b\u001cc\u0085d\u00a0e\u2003f\u3000g\u200bh", "神\ufa19福 羽",
    "𠮷野家 🍣👨‍👩‍👧",
    "한글 한글", "Straße STRASSE ẞ ǅ", "ﷺ ﬃ ㌕ ㈱", "０．５％　増",
)  # fmt: skip


def lines_of_samples(folder: Path) -> list[str]:
    """Every line of the bundled pages, wikitext and HTML as it stands."""
    pages = sorted(path for path in folder.rglob("pages/**/*") if path.is_file())
    return [line for path in pages for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def drawn_lines(count: int) -> Iterator[str]:
    """Lines of characters from all over Unicode, marks and halves among them."""
    draw = random.Random(7)
    blocks = [
        range(0x20, 0x250),
        range(0x300, 0x400),
        range(0x1100, 0x1200),
        range(0x1E00, 0x2200),
        range(0x2460, 0x2500),
    ]
    blocks += [
        range(0x3000, 0x3400),
        range(0x4E00, 0x5000),
        range(0xAC00, 0xAD00),
        range(0xF900, 0xFB10),
        range(0xFE30, 0xFFF0),
    ]
    assigned = [[chr(code) for code in block if unicodedata.category(chr(code))[0] != "C"] for block in blocks]
    for _ in range(count):
        yield "".join(draw.choice(draw.choice(assigned)) for _ in range(draw.randrange(1, 40)))


@pytest.fixture
def tokenizer_of(tmp_path: Path) -> Callable[..., PreTrainedTokenizerBase]:
    def make(characters: list[str], recipe: NormalizeRecipe) -> PreTrainedTokenizerBase:
        vocabulary = CharacterVocabulary((*SPECIAL_TOKENS, *characters), (), recipe)
        write_character_tokenizer(vocabulary, SPECIALS, SPECIAL_TOKENS, SPECIALS.begin, 512, TOKEN_TYPES, tmp_path)
        return AutoTokenizer.from_pretrained(tmp_path)

    return make


@pytest.mark.parametrize(
    "recipe",
    [
        NormalizeRecipe(),
        NormalizeRecipe(lowercase=True),
        NormalizeRecipe(form="NFKC", lowercase=True),
        NormalizeRecipe(fold_width=True, lowercase=True),
    ],
)
def test_thousands_of_raw_lines(repository: Path, tokenizer_of, recipe: NormalizeRecipe) -> None:
    lines = [*lines_of_samples(repository / "samples"), *HARD, *drawn_lines(2000)]
    assert len(lines) > 2500
    normalizer = Normalizer(recipe)
    normalized = [normalizer.normalize_text(line, chinese=True) for line in lines]
    known = sorted({c for text in normalized for c in text if not c.isspace()})
    # Every tenth character is in no vocabulary.
    known = [c for number, c in enumerate(known) if number % 10]
    found = tokenizer_of(known, recipe)(lines, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    table = character_table(np.array([0, *map(ord, known)], np.uint32))
    wanted = tokenize(normalized, table)
    ids = SPECIALS.model_ids(len(known) + 1)[wanted.ids]
    for number, (line, text) in enumerate(zip(lines, normalized, strict=True)):
        expected = ids[wanted.offsets[number] : wanted.offsets[number + 1]].tolist()
        assert found[number] == expected, (line, text)


@pytest.mark.parametrize("recipe", [NormalizeRecipe(form="NFKC", lowercase=True), NormalizeRecipe(fold_width=True)])
def test_every_character_of_unicode(tokenizer_of, recipe: NormalizeRecipe) -> None:
    # From the categories that Unicode gives to characters: not the private, the unassigned, the halves of pairs.
    every = [
        chr(code)
        for code in range(sys.maxunicode)
        if unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs") and code not in UNICODE_15
    ]
    normalizer = Normalizer(recipe)
    formed = [normalizer.normalize_text(character, chinese=True) for character in every]
    tokenizer = tokenizer_of(["x"], recipe)
    steps = tokenizer.backend_tokenizer.normalizer
    wrong = [one for one, form in zip(every, formed, strict=True) if steps.normalize_str(one) != form]
    assert wrong == []
    split = tokenizer.backend_tokenizer.pre_tokenizer
    spaces = [one for one in every if not split.pre_tokenize_str(f"x{one}x")[1:-1]]
    assert spaces == [one for one in every if one.isspace()]


def test_what_a_tokeniser_cannot_say_is_said() -> None:
    recipe = NormalizeRecipe(opencc="t2s", shinjitai=True, fold_width=True, lowercase=True)
    assert describe(recipe) == "NFC, full-width letters and signs to ASCII, lower case"
    assert unexpressed(recipe) == (
        "Japanese: old forms of kanji made new (學校 to 学校)", "Chinese: converted by OpenCC's `t2s`",
    )  # fmt: skip
    assert unexpressed(NormalizeRecipe(form="NFKC")) == ()


def test_a_corpus_built_and_exported(repository: Path, tmp_path: Path, small, assemble) -> None:
    """Raw pages, the builder's ids of them, and the tokeniser that a run on the corpus exports."""
    samples = repository / "samples"
    inputs = [f"wikipedia={samples}/wikipedia/*-multistream.xml.bz2", f"commoncrawl={samples}/commoncrawl/*.warc.gz"]
    corpus_folder = tmp_path / "corpus"
    arguments = ["build", "chinesebert", *(part for item in inputs for part in ("--input", item))]
    done = CliRunner().invoke(main, [*arguments, "--output", str(corpus_folder)])
    assert done.exit_code == 0, done.output
    config = small("chinesebert")
    parts = assemble("chinesebert", config, corpus_folder)
    corpus, run = Corpus(corpus_folder), tmp_path / "run"
    checkpoint = Checkpoint(
        "chinesebert", to_mapping(config), corpus.fingerprint, Progress(), parts.model.state_dict(), {}
    )
    Checkpoints(run / "checkpoints", 1).save(checkpoint)
    parts.spec.vocabulary(config, corpus).save(run)
    find_model("chinesebert").export(run, tmp_path / "exported")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "exported", trust_remote_code=True)

    manifest = Manifest.load(corpus_folder)
    model_ids = SPECIALS.model_ids(corpus.size)
    compared = 0
    for shard in (*manifest.train, *manifest.validation):
        rows = pq.read_table(corpus_folder / shard.path, columns=["text", "char_ids"]).to_pylist()
        if not rows:
            continue
        found = tokenizer([row["text"] for row in rows], add_special_tokens=False)["input_ids"]
        for row, ids in zip(rows, found, strict=True):
            assert ids == model_ids[row["char_ids"]].tolist()
            compared += len(ids)
    assert compared > 3000

    recipe = from_mapping(NormalizeRecipe, manifest.recipe["normalize"])
    normalizer, lines = Normalizer(recipe), lines_of_samples(samples)
    table = character_table(np.array([0, *(ord(c) for c in corpus.characters[1:])], np.uint32))
    found = tokenizer(lines, add_special_tokens=False)["input_ids"]
    unknown = 0
    for line, ids in zip(lines, found, strict=True):
        text = normalizer.normalize_text(line, chinese=True)
        assert ids == model_ids[tokenize([text], table).ids].tolist(), line
        unknown += ids.count(SPECIALS.unknown)
    # Japanese and Korean pages meet a vocabulary of Chinese; marks, full-width ones too, and capitals are known.
    assert unknown
    found = tokenizer("，。（中国ABC,", add_special_tokens=False)["input_ids"]
    assert tokenizer.convert_ids_to_tokens(found) == list("，。（中国abc,")
