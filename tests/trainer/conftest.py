"""A small corpus of regular sentences in several languages and scripts, written as the builder writes it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from pypinyin import Style, lazy_pinyin

from hanmill.schemas import corpus as schema
from hanmill.schemas.hashing import canonical_json, document_uid, file_sha256
from hanmill.schemas.manifest import Accounting, Manifest, RowGroup, Shard, TableFile
from hanmill.schemas.sentence_lengths import FIELD, FOOTER, lengths_to_json, measure_lengths
from hanmill.schemas.typed_mapping import from_mapping, to_mapping
from hanmill.trainer.configs.config_file import load_config
from hanmill.trainer.data.batch_source import BatchSource
from hanmill.trainer.data.corpus_mix import open_corpora
from hanmill.trainer.distributed.process import Process
from hanmill.trainer.model_spec import PretrainingConfig, PretrainingSpec
from hanmill.trainer.objectives.objective import Objective
from hanmill.trainer.pretraining.loop import pretrain
from hanmill.trainer.registry import find_model

torch.set_num_threads(1)
# transformers reads both at import: nothing over the network, and copies of model code not in the user's cache.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_MODULES_CACHE"] = tempfile.mkdtemp(prefix="hanmill-test-modules-")

ROW_GROUP_ROWS = 16
VARIANTS = ("国國", "东東", "气気氣", "学學", "时時", "习習", "说説說", "县縣県", "关関關", "鱼魚", "龙龍竜")
CAPITALS = (("日本", "东京"), ("中国", "北京"), ("韩国", "首尔"), ("法国", "巴黎"), ("英国", "伦敦"), ("泰国", "曼谷"))
CAPITALS_JA = (("日本", "東京"), ("中国", "北京"), ("韓国", "ソウル"), ("英国", "ロンドン"), ("仏蘭西", "パリ"))
FIXED = {
    "zh": ("今天 天气 很 好 ， 我们 去 图书馆 看书 。", "人工 智能 改变 了 世界 。", "他 喜欢 吃 鱼 和 米饭 。"),
    "zh-TW": ("台灣 的 氣候 溫暖 ， 水果 很 多 。", "學 而 時 習 之 ， 不 亦 說 乎 。"),
    "zh-HK": ("佢哋 喺 香港 住 咗 好 耐 。", "我 唔 知 你 講 乜嘢 。"),
    "ja": ("私 は 毎日 学校 に 行き ます 。", "舊字體 で 書か れた 國語 の 本 。", "関東 の 天気 は 良い 。"),
    "ko": ("서울은 한국의 수도 이다 。",),
}


@dataclass(frozen=True)
class Text:
    """A document as sentences of words."""

    lang: str
    sentences: tuple[tuple[str, ...], ...]

    @property
    def words(self) -> list[str]:
        return [word for sentence in self.sentences for word in sentence]


def make_text(number: int) -> Text:
    draw = random.Random(number)
    lang = draw.choice(("zh", "zh", "zh-TW", "zh-HK", "ja", "ja", "ko"))
    sentences = []
    for _ in range(draw.randrange(1, 9)):
        if lang == "ja" and draw.random() < 0.7:
            country, capital = draw.choice(CAPITALS_JA)
            sentences.append(f"{country} の 首都 は {capital} です 。")
        elif lang == "zh" and draw.random() < 0.7:
            country, capital = draw.choice(CAPITALS)
            sentences.append(f"{country} 的 首都 是 {capital} ， 人口 {draw.randrange(10, 100)} 万 。")
        else:
            sentences.append(draw.choice(FIXED[lang]))
    return Text(lang, tuple(tuple(sentence.split()) for sentence in sentences))


class CorpusWriter:
    """Tables and shards of a list of texts."""

    def __init__(self, folder: Path, texts: Sequence[Text]) -> None:
        self.folder = folder
        counted: dict[str, Counter[str]] = {}
        for text in texts:
            for character in "".join(text.words):
                counted.setdefault(character, Counter())[text.lang] += 1
        self.characters = ["", *sorted(counted)]
        self.ids = {character: number for number, character in enumerate(self.characters)}
        self.counts = counted
        spelled = {self.syllable(character) for character in self.characters[1:]} - {""}
        self.syllables = ["", *sorted(spelled)]
        (folder / "tables").mkdir(parents=True)
        self.write_tables()

    @staticmethod
    def syllable(character: str) -> str:
        found = lazy_pinyin(character, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore", v_to_u=False)
        return found[0] if found and len(found[0]) <= schema.SYLLABLE_LENGTH else ""

    def spelling(self, syllable: str) -> list[int]:
        ids = [int(c) if c.isdigit() else ord(c) - ord("a") + 6 for c in syllable]
        return ids + [0] * (schema.SYLLABLE_LENGTH - len(ids))

    def write_tables(self) -> None:
        size = len(self.characters)
        clusters = list(range(size))
        for variants in VARIANTS:
            members = sorted(self.ids[c] for c in variants if c in self.ids)
            for member in members:
                clusters[member] = members[0]
        reading = [self.syllables.index(self.syllable(c)) if c else 0 for c in self.characters]
        rows = {
            "id": range(size),
            "codepoint": [ord(c) if c else 0 for c in self.characters],
            "character": self.characters,
            "counts": [
                [{"lang": lang, "count": n} for lang, n in sorted(self.counts.get(c, {}).items())]
                for c in self.characters
            ],
            "default_pinyin": reading,
            "cluster": clusters,
            "representative": clusters,
        }
        self.table("characters", rows, schema.CHARACTERS)
        syllables = {
            "id": range(len(self.syllables)),
            "syllable": self.syllables,
            "ids": [self.spelling(syllable) for syllable in self.syllables],
        }
        self.table("syllables", syllables, schema.SYLLABLES)
        bitmaps = np.random.default_rng(7).integers(0, 256, (size, schema.GLYPH_BYTES), np.uint8)
        bitmaps[0] = 0
        glyphs = {"id": range(size), "bitmaps": [b.tobytes() for b in bitmaps], "missing": [[False] * 3] * size}
        self.table("glyphs", glyphs, schema.GLYPHS)

    def table(self, name: str, columns: dict, kind: pa.Schema) -> None:
        arrays = [pa.array(list(columns[field.name]), field.type) for field in kind]
        pq.write_table(pa.Table.from_arrays(arrays, schema=kind), self.folder / "tables" / f"{name}.parquet")

    def row(self, text: Text, number: int) -> dict:
        flat = "".join(text.words)
        chinese = text.lang.startswith("zh")
        return {
            "uid": document_uid("test", str(number)),
            "source": "test",
            "lang": text.lang,
            "script": "Jpan" if text.lang == "ja" else "Hans",
            "title": f"文章 {number}",
            "url": "",
            "revision": "",
            "text": flat,
            "char_ids": [self.ids.get(c, 0) for c in flat],
            "sent_lens": [sum(map(len, sentence)) for sentence in text.sentences],
            "word_lens": [len(word) for word in text.words],
            "pinyin_ids": [self.syllables.index(self.syllable(c)) for c in flat] if chinese else None,
            "word_ids": None,
            "word_roman": None,
        }

    def shard(self, path: str, rows: list[dict]) -> Shard:
        target = self.folder / path
        target.parent.mkdir(exist_ok=True)
        write_rows(target, rows)
        sizes = [len(row["char_ids"]) for row in rows]
        groups = tuple(
            RowGroup(len(sizes[i : i + ROW_GROUP_ROWS]), sum(sizes[i : i + ROW_GROUP_ROWS]))
            for i in range(0, len(sizes), ROW_GROUP_ROWS)
        )
        return Shard(path, file_sha256(target), len(rows), sum(sizes), groups)

    def manifest(self, train: list[Shard], validation: list[Shard]) -> Manifest:
        tables = {
            path.stem: TableFile(f"tables/{path.name}", file_sha256(path), pq.read_metadata(path).num_rows)
            for path in sorted((self.folder / "tables").iterdir())
        }
        kept = sum(shard.rows for shard in [*train, *validation])
        accounting = Accounting(kept, kept, {}, {})
        return Manifest(
            schema_version=schema.SCHEMA_VERSION,
            hanmill_version="0",
            recipe={},
            recipe_sha256="",
            inputs=(),
            resources={},
            tables=tables,
            train=tuple(train),
            validation=tuple(validation),
            accounting=accounting,
            splits={"0": accounting},
            measures={},
        )


def write_rows(path: Path, rows: list[dict]) -> None:
    """Row groups of ``ROW_GROUP_ROWS``, and a footer with their lengths."""
    table = pa.Table.from_pylist(rows, schema.CORPUS)
    groups = [table.slice(start, ROW_GROUP_ROWS) for start in range(0, len(table), ROW_GROUP_ROWS)]
    footer = {FIELD: [lengths_to_json(measure_lengths(group)) for group in groups]}
    pq.write_table(table.replace_schema_metadata({FOOTER: canonical_json(footer)}), path, row_group_size=ROW_GROUP_ROWS)


def write_corpus(folder: Path, texts: Sequence[Text], validation: int, shards: int) -> Path:
    """Writes the last ``validation`` texts as validation and the others as ``shards`` training shards."""
    writer = CorpusWriter(folder, texts)
    rows = [writer.row(text, number) for number, text in enumerate(texts)]
    cut = len(rows) - validation
    step = -(-cut // shards)
    train = [
        writer.shard(f"train/part-{number:05d}.parquet", rows[start : min(start + step, cut)])
        for number, start in enumerate(range(0, cut, step))
    ]
    held_out = [writer.shard("validation/part-00000.parquet", rows[cut:])] if validation else []
    write_manifest(folder, writer.manifest(train, held_out))
    return folder


def write_manifest(folder: Path, manifest: Manifest) -> None:
    for name, content in manifest.files().items():
        (folder / name).write_bytes(content)


def rehash(folder: Path) -> None:
    """Makes the manifest's hashes true of the files again."""
    manifest = Manifest.load(folder)
    fresh = tuple(replace(shard, sha256=file_sha256(folder / shard.path)) for shard in manifest.train)
    write_manifest(folder, replace(manifest, train=fresh))


def drop_table(folder: Path, name: str) -> None:
    """Removes a table, as a recipe without it would."""
    (folder / "tables" / f"{name}.parquet").unlink()
    manifest = Manifest.load(folder)
    left = {key: value for key, value in manifest.tables.items() if key != name}
    write_manifest(folder, replace(manifest, tables=left))


def edit_row(folder: Path, shard: int, row: int, **values: object) -> None:
    """Rewrites one training row and the hash that the manifest gives its shard, which is left without lengths."""
    path = folder / Manifest.load(folder).train[shard].path
    rows = pq.read_table(path).to_pylist()
    rows[row] |= values
    pq.write_table(pa.Table.from_pylist(rows, schema.CORPUS), path, row_group_size=ROW_GROUP_ROWS)
    rehash(folder)


def strip_lengths(folder: Path) -> None:
    """Writes all shards anew as they were before footers had lengths."""
    manifest = Manifest.load(folder)
    for shard in (*manifest.train, *manifest.validation):
        table = pq.read_table(folder / shard.path).replace_schema_metadata(None)
        pq.write_table(table, folder / shard.path, row_group_size=ROW_GROUP_ROWS)
    rehash(folder)


def log_of(run: Path, event: str) -> list[dict]:
    lines = (run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [record for record in map(json.loads, lines) if record["event"] == event]


@pytest.fixture(autouse=True)
def _signals_are_left_as_they_were() -> Iterator[None]:
    """A handler that stays would stop, or not stop, another test's run."""
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    yield
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


@pytest.fixture(scope="session")
def texts() -> list[Text]:
    return [make_text(number) for number in range(400)]


@pytest.fixture(scope="session")
def corpus_folder(texts: list[Text], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """360 training documents in three shards of several row groups, 40 for validation. Not to be changed."""
    return write_corpus(tmp_path_factory.mktemp("corpus") / "demo", texts, validation=40, shards=3)


@pytest.fixture(scope="session")
def word_corpus(corpus_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same corpus with word_ids and the word tables of Chinese and Japanese, as the recipe ``mlma`` writes them."""
    folder = Path(shutil.copytree(corpus_folder, tmp_path_factory.mktemp("words") / "corpus"))
    manifest = Manifest.load(folder)
    shards = [*manifest.train, *manifest.validation]
    rows = {shard.path: pq.read_table(folder / shard.path).to_pylist() for shard in shards}
    counts: dict[str, Counter[str]] = {"ja": Counter(), "zh": Counter()}
    for row in (row for shard in rows.values() for row in shard):
        if row["lang"] in counts:
            counts[row["lang"]].update(cut_words(row))
    ids = {}
    for lang, counted in counts.items():
        words = ["", *sorted(counted, key=lambda word: (-counted[word], word))]
        ids[lang] = {word: number for number, word in enumerate(words)}
        columns = [
            pa.array(range(len(words)), pa.uint32()),
            pa.array(words),
            pa.array([0, *(counted[w] for w in words[1:])]),
        ]
        pq.write_table(pa.table(columns, schema.WORDS), folder / "tables" / f"words.{lang}.parquet")
    both = [word for word in ids["ja"] if word and word in ids["zh"]]
    columns = [pa.array(both), *(pa.array([ids[lang][word] for word in both], pa.uint32()) for lang in ("ja", "zh"))]
    pq.write_table(pa.table(columns, schema.IDENTICAL), folder / "tables" / "identical.ja-zh.parquet")
    for path, found in rows.items():
        for row in found:
            row["word_ids"] = [ids[row["lang"]][word] for word in cut_words(row)] if row["lang"] in ids else None
        write_rows(folder / path, found)
    tables = {
        path.stem: TableFile(f"tables/{path.name}", file_sha256(path), pq.read_metadata(path).num_rows)
        for path in sorted((folder / "tables").iterdir())
    }
    train, held_out = (
        tuple(replace(shard, sha256=file_sha256(folder / shard.path)) for shard in part)
        for part in (manifest.train, manifest.validation)
    )
    write_manifest(folder, replace(manifest, tables=tables, train=train, validation=held_out))
    return folder


def cut_words(row: dict) -> list[str]:
    ends = np.cumsum(row["word_lens"]).tolist()
    return [row["text"][start:end] for start, end in zip([0, *ends], ends, strict=False)]


@pytest.fixture
def corpus_copy(corpus_folder: Path, tmp_path: Path) -> Path:
    """A copy of the corpus that a test may damage."""
    return Path(shutil.copytree(corpus_folder, tmp_path / "copy"))


@pytest.fixture(scope="session")
def corpus_tools() -> SimpleNamespace:
    """The functions of this file, for tests that write or damage corpora and read logs."""
    return SimpleNamespace(
        write=write_corpus, edit_row=edit_row, drop_table=drop_table, log_of=log_of, strip_lengths=strip_lengths
    )


@dataclass(frozen=True)
class Parts:
    """What the loop would have of a model and a corpus, as rank 0 of 1."""

    spec: PretrainingSpec
    model: torch.nn.Module
    batches: BatchSource
    objective: Objective


#: Several corpora with their weights.
Corpora = tuple[tuple[Path, float], ...]


def _listed(corpus: Path | Corpora) -> Corpora:
    return ((corpus, 1.0),) if isinstance(corpus, Path) else corpus


@pytest.fixture(scope="session")
def alone() -> Process:
    """Rank 0 of 1, on the processor."""
    return Process(0, 1, torch.device("cpu"))


@pytest.fixture(scope="session")
def assemble(alone: Process) -> Callable[..., Parts]:
    """``assemble(model, config, folder)``: the model with its tables, its batches and its objective."""

    def make(model: str, config: PretrainingConfig, folder: Path | Corpora) -> Parts:
        spec, corpus = find_model(model), open_corpora(_listed(folder))
        built = spec.build(config, spec.sizes(config, corpus))
        spec.load_tables(built, config, corpus)
        return Parts(spec, built, spec.batches(config, corpus, alone), spec.objective(config))

    return make


@pytest.fixture(scope="session")
def small() -> Callable[..., PretrainingConfig]:
    """``small(model, **changes)``: the tiny configuration made smaller still; changes are overlaid by section."""

    def make(model: str, **changes: object) -> PretrainingConfig:
        config = to_mapping(load_config(find_model(model), "tiny"))
        config["encoder"] |= {"hidden": 32, "heads": 2, "feed_forward": 64, "positions": 64}
        sizes = {"window": 32, "global_batch": 12, "micro_batch": 12, "validation_rows": 24}
        config["data"] |= {"tokens": 128, "longest": 64} if model == "mlma" else sizes
        config["loop"] |= {"log_every": 1, "evaluate_every": 1000, "checkpoint_every": 1000}
        for section, value in changes.items():
            config[section] = config[section] | value if isinstance(value, dict) else value
        return from_mapping(type(load_config(find_model(model), "tiny")), config)

    return make


@pytest.fixture
def train_here(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``train_here(model, config, corpus, output)`` in this process, as rank 0 of 1."""
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)

    def start(model: str, config: PretrainingConfig, corpus: Path | Corpora, output: Path) -> None:
        pretrain(find_model(model), config, open_corpora(_listed(corpus)), output)

    return start


@pytest.fixture
def run_ranks(repository: Path, tmp_path: Path) -> Callable[[Sequence[dict]], None]:
    """``run_ranks(jobs)``: the jobs of ``ranks.py``, each on a free port."""

    def start(jobs: Sequence[dict]) -> None:
        with ExitStack() as held:
            ports = [held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in jobs]
        described = [job | {"port": port} for job, port in zip(jobs, ports, strict=True)]
        (tmp_path / "jobs.json").write_text(json.dumps(described), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, repository / "tests" / "trainer" / "ranks.py", tmp_path / "jobs.json"],
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(repository)},
            cwd=repository, capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-4000:]

    return start
