"""Tables of texts: every row is a page, or says why it is none."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from hanmill.pipelines.sources.records import Dropped, Failed, RawPage, Record
from hanmill.pipelines.sources.registry import SOURCES
from hanmill.pipelines.sources.tables.columns import TableFileError, language
from hanmill.pipelines.sources.tables.reader import plan_splits, read_split
from hanmill.schemas.recipe import TablesRecipe

TEXTS = [
    "日本国憲法は、日本の憲法です。",
    "著作權法於一九二八年公布。",
    "人工智能是计算机科学的一个分支。",
    "佢哋嘅嘢喺邊度？",
]


def records(path: Path, settings: TablesRecipe | None = None, target: int = 1 << 20) -> list[Record]:
    chosen = settings or TablesRecipe()
    return [record for split in plan_splits(str(path), target, chosen) for record in read_split(split, chosen)]


def texts(found: list[Record]) -> list[str | bytes]:
    return [record.content for record in found if isinstance(record, RawPage)]


def json_lines(*rows: object) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


@pytest.mark.parametrize(
    ("ending", "compress"),
    [
        ("", bytes),
        (".gz", gzip.compress),
        (".zst", zstandard.ZstdCompressor().compress),
        (".bz2", bz2.compress),
        (".xz", lzma.compress),
    ],
)
def test_json_lines_in_every_wrapping(ending: str, compress, tmp_path: Path) -> None:
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(compress(json_lines(*({"text": text} for text in TEXTS))))
    assert texts(records(path)) == TEXTS
    # Frames and members behind one another are one file.
    path.write_bytes(path.read_bytes() * 2)
    assert texts(records(path)) == TEXTS * 2


@pytest.mark.parametrize("target", [1 << 10, 1100, 3000, 1 << 20])
def test_a_line_is_read_once_wherever_the_file_is_cut(target: int, tmp_path: Path) -> None:
    rows = [{"text": f"{number}：{TEXTS[number % 4] * (number % 7 + 1)}"} for number in range(200)]
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json_lines(*rows))
    found = records(path, target=target)
    assert texts(found) == [row["text"] for row in rows]
    assert len({record.document_id for record in found}) == 200
    whole = records(path, target=1 << 30)
    assert [record.place for record in found] == [record.place for record in whole]


def test_every_bad_line_has_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = [
        '{"text": "好"}'.encode(),
        b'{"text": "cut',
        b"",
        '{"text": "壊れた'.encode()[:-1] + b'"}',
        b'["text"]',
        b'{"text": 7}',
        b'{"text": null}',
        b'{"text": "  "}',
        b'{"texte": "x"}',
        b"[" * 100_000,
        b'{"text": "' + b"x" * 5000 + b'"}',
        '{"text": "終"}'.encode(),
    ]
    path.write_bytes(b"\n".join(lines))
    found = records(path, TablesRecipe(max_row_bytes=200_000))
    kinds = [r.kind if isinstance(r, Failed) else r.rule if isinstance(r, Dropped) else "page" for r in found]
    assert kinds == [
        "page",
        "bad_json",
        "bad_utf8",
        "bad_row",
        "bad_row",
        "no_text@1",
        "no_text@1",
        "missing_column",
        "bad_json",
        "page",
        "page",
    ]
    assert found[7].message == "found columns texte, expected text"
    short = records(path, TablesRecipe(max_row_bytes=4096))
    assert [r.kind for r in short if isinstance(r, Failed)][-2:] == ["row_too_long", "row_too_long"]
    assert sum(r.bytes_lost for r in short[-3:-1]) == 100_001 + 5013
    assert texts(short) == ["好", "終"]


@pytest.mark.parametrize("ending", [".gz", ".zst", ".xz", ".bz2"])
def test_a_cut_stream_keeps_what_was_read(ending: str, tmp_path: Path) -> None:
    compress = {".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress, ".xz": lzma.compress}
    rows = json_lines(*({"text": f"{n} {n * 7919 % 10007} {TEXTS[n % 4]}"} for n in range(60_000)))
    data = compress.get(ending, bz2.compress)(rows)
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(data[: len(data) * 2 // 3])
    found = records(path)
    assert isinstance(found[-1], Failed)
    assert found[-1].kind == "truncated_stream"
    assert len(texts(found)) > 100


def test_columns_by_name_and_inside_structures(tmp_path: Path) -> None:
    row = {
        "body": TEXTS[0],
        "meta": {"url": "https://例え.jp/1", "lang": ["jpn_Jpan", "eng_Latn"], "id": 17},
        "licence": "CC-BY-4.0",
        "when": "2024-05-01T12:00:00Z",
        "score": 0.25,
        "empty": None,
    }
    path = tmp_path / "a.jsonl"
    path.write_bytes(json_lines(row))
    settings = TablesRecipe(
        text="body",
        id="meta.id",
        url="meta.url",
        lang="meta.lang",
        licence="licence",
        timestamp="when",
        carry=("score", "empty"),
    )
    (page,) = records(path, settings)
    assert isinstance(page, RawPage)
    assert (page.document_id, page.url, page.lang, page.licence) == ("17", "https://例え.jp/1", "ja", "CC-BY-4.0")
    assert (page.timestamp, page.columns, page.form) == ("2024-05-01T12:00:00Z", (("score", "0.25"),), "text")
    table = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist([row | {"when": datetime(2024, 5, 1, 12, tzinfo=UTC)}]), table)
    (other,) = records(table, settings)
    assert isinstance(other, RawPage)
    assert other.columns == page.columns
    assert (other.document_id, other.url, other.lang, other.timestamp) == ("17", page.url, "ja", page.timestamp)


PRESETS = {
    "fineweb-2": {
        "text": TEXTS[2],
        "id": "<urn:uuid:1>",
        "dump": "CC-MAIN-2024-10",
        "url": "https://a.cn/",
        "date": "2024-03-01T00:00:00Z",
        "file_path": "s3://…",
        "language": "cmn",
        "language_score": 0.99,
        "language_script": "Hani",
        "minhash_cluster_size": 3,
    },
    "hplt-2": {
        "f": "./x.warc.gz",
        "o": 1,
        "u": "https://b.tw/",
        "ts": "2020-01-01T00:00:00Z",
        "lang": ["zho_Hant"],
        "prob": [0.9],
        "text": TEXTS[1],
        "id": "a1",
        "filter": "keep",
        "doc_scores": [9.1],
    },
    "llm-jp": {"text": TEXTS[0], "meta": {"url": "https://c.jp/", "title": "憲法"}},
    "wikipedia": {"id": "12", "url": "https://ja.wikipedia.org/wiki/憲法", "title": "憲法", "text": TEXTS[0]},
}


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_know_published_columns(preset: str, tmp_path: Path) -> None:
    row = PRESETS[preset]
    for name in ("a.jsonl", "a.parquet"):
        path = tmp_path / name
        if name.endswith("parquet"):
            pq.write_table(pa.Table.from_pylist([row]), path)
        else:
            path.write_bytes(json_lines(row))
        (page,) = records(path, TablesRecipe(preset=preset))
        assert isinstance(page, RawPage)
        assert page.url.startswith("https://")
        assert page.content == row["text"]
        if preset in ("fineweb-2", "hplt-2"):
            assert (page.lang, page.document_id) == ("zh", row["id"])
            assert page.timestamp == row.get("date", row.get("ts"))
        else:
            assert (page.lang, page.title) == ("", "憲法")
        assert dict(page.columns) == (
            {"language_score": "0.99", "minhash_cluster_size": "3"} if preset == "fineweb-2" else {}
        )


def test_parquet_is_cut_at_row_groups_and_broken_bytes_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    values = pa.array([text.encode() for text in TEXTS] + [b"\xff\xfe", None, b""], pa.binary())
    broken = pa.StringArray.from_buffers(len(values), values.buffers()[1], values.buffers()[2], values.buffers()[0])
    pq.write_table(pa.table({"text": broken, "beside": list(range(7))}), path, row_group_size=2)
    splits = plan_splits(str(path), 1, TablesRecipe())
    assert [(split.start, split.end) for split in splits] == [(0, 1), (1, 2), (2, 3), (3, 4)]
    found = records(path, target=1)
    assert texts(found) == TEXTS
    assert [getattr(record, "kind", None) or record.rule for record in found[4:]] == [
        "bad_utf8",
        "no_text@1",
        "no_text@1",
    ]
    assert [record.place for record in found[:3]] == ["a.parquet:0:0", "a.parquet:0:1", "a.parquet:1:0"]
    assert records(path) == found


def test_a_damaged_row_group_is_one_failure(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": TEXTS * 50}), path, row_group_size=100, use_dictionary=False)
    data = bytearray(path.read_bytes())
    data[40:400] = b"\xaa" * 360
    path.write_bytes(data)
    found = records(path)
    assert [record.kind for record in found if isinstance(record, Failed)] == ["damaged_row_group"]
    assert len(texts(found)) >= 100


def test_separated_values(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        '\ufefftext,url\n"一行\n二行, ""引用""",https://a.jp\n三,,四\n\n'.encode() + b"\xff,u\n" + "五,v\n".encode()
    )
    found = records(path, TablesRecipe(url="url"))
    assert texts(found) == ['一行\n二行, "引用"', "五"]
    assert [(r.kind, r.place) for r in found if isinstance(r, Failed)] == [
        ("bad_row", "a.csv:4"),
        ("bad_utf8", "a.csv:6"),
    ]
    tabs = tmp_path / "a.tsv.gz"
    tabs.write_bytes(gzip.compress('id\ttext\n1\t"引用" だけ\n2\t「"\n'.encode()))
    found = records(tabs, TablesRecipe(id="id"))
    assert texts(found) == ['"引用" だけ', '「"']
    assert [page.document_id for page in found] == ["1", "2"]
    path.write_bytes('text\n"開いたまま\n'.encode())
    assert [r.kind for r in records(path)] == ["bad_row"]


def test_plain_text_is_a_document_or_one_a_line(tmp_path: Path) -> None:
    path = tmp_path / "憲法.txt"
    path.write_bytes("\n".join(TEXTS).encode("utf-8"))
    (page,) = records(path)
    assert isinstance(page, RawPage)
    assert (page.title, page.form) == ("憲法", "text")
    assert isinstance(page.content, bytes)
    assert texts(records(path, TablesRecipe(lines=True))) == TEXTS
    path.write_bytes("日本語\n".encode("shift_jis"))
    assert [r.kind for r in records(path, TablesRecipe(lines=True))] == ["bad_utf8"]


REFUSED = [
    ("a.csv", b"texte,url\nx,y\n", TablesRecipe(), "a.csv: found columns 'texte', 'url', expected text"),
    ("a.csv", b"text,url\nx,y\n", TablesRecipe(title="t"), "a.csv: found columns 'text', 'url', expected t"),
    ("a.parquet", b'{"text": 1}', TablesRecipe(), "expected what its name says: parquet"),
    ("a.parquet", b"PAR1 and no more", TablesRecipe(), "a.parquet: found no readable Parquet file"),
    ("a.jsonl", b"PAR1", TablesRecipe(), "expected what its name says: json_lines"),
    ("a.json", b' [\n{"text": "x"}]', TablesRecipe(), "a.json: found a JSON array, expected JSON lines"),
    (
        "README.md",
        b"# x",
        TablesRecipe(),
        "README.md: found a name that ends in '.md', expected one of .parquet, .jsonl",
    ),
    ("a.csv.gz", b"\x1f\x8bnothing", TablesRecipe(), "a.csv.gz: found no header"),
]


@pytest.mark.parametrize(("name", "content", "settings", "message"), REFUSED)
def test_what_cannot_be_read_is_refused_in_a_line(
    name: str, content: bytes, settings: TablesRecipe, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TableFileError) as caught:
        plan_splits(str(path), 1 << 20, settings)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_parquet_without_the_column_or_of_another_type(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"body": ["x"], "n": [1]}), path)
    with pytest.raises(TableFileError, match=r"a\.parquet: found columns body, n, expected text"):
        plan_splits(str(path), 1, TablesRecipe())
    with pytest.raises(TableFileError, match=r"found n of type int64, expected text"):
        plan_splits(str(path), 1, TablesRecipe(text="n"))


@pytest.mark.parametrize(("code", "name"), [("yue_Hani", "yue"), ("ZHO", "zh"), ("", ""), ("日本", ""), ("mul", "")])
def test_languages(code: str, name: str) -> None:
    assert language(code) == name


def test_sources_that_declare_languages_are_those_that_are_believed() -> None:
    from hanmill.pipelines.clean import batch

    assert {name for name, source in SOURCES.items() if source.declares_language} == batch._DECLARING_SOURCES
    assert max(SOURCES.values(), key=lambda source: source.rank).name == "tables"
