from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from hanmill.unihan.cli import unihan


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(unihan, list(map(str, arguments)))


def value(*arguments: str | Path) -> dict:  # type: ignore[type-arg]
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def version_12(shared_data: Path) -> Path:
    return shared_data / "unihan/Unihan_Variants-12.0.0.txt.bz2"


class TestClusters:
    def test_paper(self, version_12: Path, shared_data: Path) -> None:
        vocabulary = shared_data / "unihan/unihanlm-han-vocabulary.txt"
        fields = "kSemanticVariant,kSimplifiedVariant,kTraditionalVariant,kZVariant"
        found = value("clusters", "--file", version_12, "--vocabulary", vocabulary, "--json")
        assert (found["version"], found["entries"], len(found["clusters"])) == ("12.0.0", 12_373, 4_002)
        assert ["台", "枱", "檯", "臺", "颱"] in found["clusters"]
        assert (
            value("clusters", "--file", version_12, "--fields", fields, "--vocabulary", vocabulary, "--json") == found
        )

    def test_default(self) -> None:
        found = value("clusters", "--json")
        assert found["version"] == "15.0.0"
        assert len(found["clusters"]) == 7_592
        assert "opencc:jp2t" in found["sources"]
        assert found["splits"] == found["problems"] == []

    def test_file_with_further_sources(self, version_12: Path) -> None:
        found = value("clusters", "--file", version_12, "--sources", "opencc:jp2t", "--json")
        assert list(found["sources"]) == [
            *(f"unihan:k{name}Variant" for name in ("Semantic", "Simplified", "Traditional", "Z")),
            "opencc:jp2t",
        ]

    def test_fields_with_sources(self) -> None:
        found = value("clusters", "--fields", "kZVariant", "--sources", "default", "--json")
        assert [name for name in found["sources"] if name.startswith("unihan:")] == ["unihan:kZVariant"]
        assert "radicals" in found["sources"]

    def test_lines(self, tmp_path: Path) -> None:
        vocabulary = tmp_path / "v.txt"
        vocabulary.write_text("気 3\n気象 9\n氣 5\n气 1\nの 2\n", encoding="utf-8")
        result = run("clusters", "--vocabulary", vocabulary, "--representative", "most_frequent")
        assert result.stdout == "0\t氣\t気 氣 气\n1\t気象\t気象\n2\tの\tの\n"
        assert "Unihan 15.0.0: 17,042 entries" in result.stderr
        assert "clusters: 3, of two and more: 1 over 3 characters" in result.stderr

    def test_report_without_vocabulary(self) -> None:
        alone, default = run("clusters", "--fields", "kZVariant").stderr, run("clusters").stderr
        assert "warning: Unihan 15.0.0 holds 139 kZVariant entries" in alone
        assert "triples joined: 1 of 44" in alone
        assert "warning" not in default
        assert "triples joined: 44 of 44" in default
        assert "largest: 总搃摠総緫縂總𢰾" in default

    def test_cut_and_cap_are_reported(self, tmp_path: Path) -> None:
        vocabulary = tmp_path / "v.txt"
        vocabulary.write_text("历\n曆\n歷\n", encoding="utf-8")
        result = run("clusters", "--vocabulary", vocabulary, "--cut", "历-曆", "--cut", "曆-歷")
        assert "cut (历-曆, 曆-歷) splits 历曆歷: 历歷 | 曆" in result.stderr
        capped = value("clusters", "--max-size", "6", "--json")
        assert all(split["reason"] == "cap" and len(split["before"]) > 6 for split in capped["splits"])
        assert max(map(len, capped["clusters"])) == 6

    def test_malformed_lines_are_shown(self, tmp_path: Path) -> None:
        path = tmp_path / "bad.txt"
        path.write_text("# Unicode version: 15.0.0\n" + "気\n" * 7 + "U+6C17\tkZVariant\tU+6C23\n", encoding="utf-8")
        result = run("clusters", "--file", path, "--fields", "kZVariant")
        assert "bad.txt, line 2: found '気'; expected three fields between tabs" in result.stderr
        assert "… and 2 more lines" in result.stderr
        assert result.stdout == "0\t気\t気 氣\n"

    def test_parquet(self, tmp_path: Path) -> None:
        out = tmp_path / "clusters.parquet"
        assert run("clusters", "--sources", "opencc:t2s", "--parquet", out).stdout == ""
        table = pq.read_table(out)
        assert [(field.name, str(field.type)) for field in table.schema] == [
            ("cluster", "uint32"),
            ("token", "string"),
            ("representative", "string"),
            ("size", "uint32"),
        ]
        rows = {row["token"]: row for row in table.to_pylist()}
        assert rows["髮"]["cluster"] == rows["發"]["cluster"] == rows["发"]["cluster"]
        assert rows["发"]["size"] == 3
        assert json.loads(table.schema.metadata[b"unihan.versions"])["opencc:t2s"].startswith("1.4.2")
        first = out.read_bytes()
        run("clusters", "--sources", "opencc:t2s", "--parquet", out)
        assert out.read_bytes() == first
        assert list(tmp_path.iterdir()) == [out]


class TestShow:
    def test_text(self) -> None:
        lines = run("show", "気").stdout.splitlines()
        assert lines[0] == "気 U+6C17: cluster of 5: ⽓ 气 気 氣 炁"
        assert "  気  U+6C17   JP" in lines
        assert "  気 → 氣  opencc:jp2t (1.4.2)" in lines
        assert "  炁 → 氣  unihan:kSemanticVariant-kLau (15.0.0)  <kLau, kMatthews>" in lines

    def test_json_and_notation(self) -> None:
        found = value("show", "u+6c17", "--json")
        assert found["cluster"] == ["⽓", "气", "気", "氣", "炁"]
        assert found["usage"]["气"] == ["Hans"]
        assert {"head": "氣", "tail": "气", "source": "opencc:t2s", "tags": []} in found["edges"]

    def test_lone_character_and_sequence(self) -> None:
        assert run("show", "ね").stdout.startswith("ね U+306D: cluster of 1: ね")
        assert "→ 葛  ivs (UTS #37)" in run("show", "葛\U000e0100").stdout


def test_diff(version_12: Path) -> None:
    found = value("diff", version_12, "15.0.0", "--json")
    assert any(set("帯帶带") <= set(change["cluster"]) for change in found["split"])
    result = run("diff", "15.0.0", "default")
    assert "57 clusters of 15.0.0 split" in result.stderr  # what kLau alone states
    assert "triples joined: 14 and 44 of 44" in result.stderr
    assert "merge\t⽓ | 气氣炁 | 気\t⽓气気氣炁\n" in result.stdout


def test_graph(tmp_path: Path) -> None:
    out = tmp_path / "out.svg"
    assert run("graph", "台", "--svg", out).exit_code == 0
    assert out.read_text(encoding="utf-8").startswith("<svg ")


def test_fetch_from_a_local_file(version_12: Path, tmp_path: Path) -> None:
    out = tmp_path / "v.txt"
    result = run("fetch", "12.0", "--file", version_12, "--out", out)
    assert "Unihan 12.0.0, 12,373 entries" in result.stdout
    assert "(as known)" in result.stdout
    assert value("clusters", "--file", out, "--json")["entries"] == 12_373


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["clusters", "--file", "none.txt"], "none.txt: cannot be read"),
        (["clusters", "--sources", "cc"], "source 'cc' is not known"),
        (["clusters", "--fields", "kSpoof"], "source 'unihan:kSpoof' is not known"),
        (["clusters", "--cut", "历曆"], "--cut: found '历曆'; expected two characters and a hyphen"),
        (["clusters", "--cut", "猫-犬"], "cut 猫-犬"),
        (["clusters", "--max-size", "0"], "max_size: found 0; expected 1 or more"),
        (["clusters", "--max-size", "many"], "'many' is not a valid integer"),
        (["clusters", "--representative", "most_frequent"], "no counts given"),
        (["clusters", "--nonsense"], "No such option"),
        (["clusters", "--sources", "opencc", "--parquet", "no/such/folder/x"], "no/such/folder/x: cannot be written"),
        (["show", "気象"], "character: found '気象'; expected one character"),
        (["show", "\udcff"], "character: found '\\udcff'; expected one character"),
        (["show"], "Missing argument"),
        (["graph", "台"], "Missing option '--svg'"),
        (["diff", "12.0.0", "default"], "12.0.0: neither a file nor the embedded version"),
        (["fetch", "newest"], "version: found 'newest'"),
        (["nonsense"], "No such command"),
    ],
)
def test_errors_are_one_line_and_exit_code_2(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
