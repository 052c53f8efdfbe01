"""Opening a corpus: tables as arrays, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from hanmill.schemas.manifest import Manifest, ManifestError
from hanmill.trainer.data.corpus import Corpus
from hanmill.trainer.errors import CorpusError


def test_tables(corpus_folder: Path) -> None:
    corpus = Corpus(corpus_folder)
    corpus.verify()
    codes = corpus.characters
    assert corpus.size == len(codes)
    assert codes[0] == ""
    school, old_school = codes.index("学"), codes.index("學")
    assert corpus.representative[old_school] == school
    assert corpus.representative[codes.index("の")] == codes.index("の")
    # 的 de5: d, e, neutral tone.
    assert corpus.syllables[corpus.default_pinyin[codes.index("的")]].tolist() == [9, 10, 5, 0, 0, 0, 0, 0]
    assert corpus.glyphs.shape == (corpus.size, 1728)
    assert len(corpus.train) == 3 * 8
    assert [place.ordinal for place in corpus.train] == list(range(24))


def test_counts_are_summed_over_languages(corpus_folder: Path, texts: list) -> None:
    corpus = Corpus(corpus_folder)
    codes = corpus.characters
    for languages in ((), ("zh",), ("ja", "ko")):
        flat = "".join("".join(t.words) for t in texts if not languages or t.lang.split("-")[0] in languages)
        counts = corpus.counts(languages)
        for character in "国の。學서佢":
            assert counts[codes.index(character)] == flat.count(character)
        assert counts.sum() == len(flat)


def test_wrong_hash_names_file_and_both_hashes(corpus_copy: Path) -> None:
    path = corpus_copy / Manifest.load(corpus_copy).train[1].path
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(
        ManifestError, match=r"part-00001\.parquet: sha256 in the manifest: [0-9a-f]{64}; of the file: "
    ):
        Corpus(corpus_copy).verify()


def test_missing_shard(corpus_copy: Path) -> None:
    (corpus_copy / Manifest.load(corpus_copy).train[2].path).unlink()
    with pytest.raises(ManifestError, match=r"part-00002\.parquet: named in the manifest, not found"):
        Corpus(corpus_copy).verify()


def test_unfinished_corpus(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="no finished corpus here"):
        Corpus(tmp_path)


def test_glyphs_of_another_vocabulary(corpus_copy: Path) -> None:
    path = corpus_copy / "tables" / "glyphs.parquet"
    table = pq.read_table(path)
    pq.write_table(table.slice(0, 10), path)
    with pytest.raises(CorpusError, match=r"glyphs: 10; characters in the table: \d+"):
        _ = Corpus(corpus_copy).glyphs


def test_representative_must_represent_itself(corpus_copy: Path) -> None:
    path = corpus_copy / "tables" / "characters.parquet"
    table = pq.read_table(path)
    chain = np.arange(len(table), dtype=np.uint16)
    chain[3], chain[4] = 4, 5
    index = table.schema.get_field_index("representative")
    pq.write_table(table.set_column(index, table.schema.field(index), [chain]), path)
    with pytest.raises(CorpusError, match="representative of 3 is 4, whose own representative is 5"):
        _ = Corpus(corpus_copy).representative


def test_a_corpus_is_hashed_once(corpus_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And again where a file has changed, or where what was noted has."""
    memory = tmp_path / "verified.json"
    hashed = []
    check = Manifest.check_files
    monkeypatch.setattr(Manifest, "check_files", lambda self, folder: (hashed.append(folder), check(self, folder)))
    for _ in range(2):
        Corpus(corpus_copy).verify(memory)
    assert len(hashed) == 1
    memory.write_text(memory.read_text().replace("0", "1"))
    Corpus(corpus_copy).verify(memory)
    assert len(hashed) == 2
    shard = corpus_copy / "train" / "part-00000.parquet"
    shard.write_bytes(shard.read_bytes()[:-1] + b"X")
    with pytest.raises(ManifestError, match="sha256 in the manifest"):
        Corpus(corpus_copy).verify(memory)
    Corpus(corpus_copy)
    assert len(hashed) == 3
