from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hanmill import unihan
from hanmill.unihan.bounded import sha256
from hanmill.unihan.compatibility import compatibility_pairs
from hanmill.unihan.embedded import embedded_bytes
from hanmill.unihan.fetch import KNOWN_SHA256
from hanmill.unihan.opencc_relations import opencc_table, parse_opencc_table
from hanmill.unihan.radicals import parse_radicals
from hanmill.unihan.sources import OPENCC, RADICALS, UNIHAN_VARIANTS


def test_default_graph_names_and_versions_every_source() -> None:
    graph = unihan.load_graph()
    assert graph.sources == unihan.DEFAULT_SOURCES == tuple(graph.versions)
    assert graph.versions["unihan:kZVariant"] == f"15.0.0 sha256:{KNOWN_SHA256['15.0.0']}"
    assert graph.versions["opencc:t2s"].startswith("1.4.2 sha256:")
    assert {edge.source for edge in graph.edges} == set(unihan.DEFAULT_SOURCES) - {"ivs"}
    assert all(edge.head != edge.tail for edge in graph.edges)


def test_embedded_unihan_is_the_published_file() -> None:
    assert sha256(embedded_bytes(UNIHAN_VARIANTS)) == KNOWN_SHA256["15.0.0"]


def test_a_file_replaces_the_embedded_one(shared_data: Path) -> None:
    path = shared_data / "unihan/Unihan_Variants-17.0.0.txt.bz2"
    graph = unihan.load_graph(["unihan:kZVariant", "opencc:jp2t"], unihan_file=path)
    assert graph.versions["unihan:kZVariant"] == f"17.0.0 sha256:{KNOWN_SHA256['17.0.0']}"


def test_groups_and_repeats() -> None:
    assert unihan.expand_sources(["unihan", "unihan:kZVariant"]) == tuple(f"unihan:{f}" for f in unihan.UNIHANLM_FIELDS)
    assert unihan.expand_sources(["default", "opencc"]) == unihan.DEFAULT_SOURCES


@pytest.mark.parametrize("name", ["openCC", "opencc:s2t", "unihan:ZVariant", "unihan:kDefinition", "user:", ""])
def test_unknown_source(name: str) -> None:
    with pytest.raises(unihan.SourceError, match=f"source '{name}' is not known; known: default, unihan"):
        unihan.load_graph([name])


def test_sources_must_be_a_list() -> None:
    with pytest.raises(unihan.SourceError, match="expected a list of names"):
        unihan.load_graph("unihan")
    with pytest.raises(unihan.SourceError, match="no source given"):
        unihan.load_graph([])


def test_field_that_the_file_lacks(shared_data: Path) -> None:
    path = shared_data / "unihan/Unihan_Variants-12.0.0.txt.bz2"
    with pytest.raises(
        unihan.SourceError, match=r"version 12\.0\.0\): no kSpoofingVariant entry; fields held: kSemantic"
    ):
        unihan.load_graph(["unihan:kSpoofingVariant"], unihan_file=path)


def test_file_without_a_unihan_source(tmp_path: Path) -> None:
    with pytest.raises(unihan.SourceError, match="no unihan: source among opencc:t2s"):
        unihan.load_graph(["opencc:t2s"], unihan_file=tmp_path)


class TestOpenCC:
    def test_embedded_table_is_what_the_installed_opencc_says(self) -> None:
        """Fails when OpenCC is updated: run python -m hanmill.unihan.make_data opencc, and look at what changed."""
        assert embedded_bytes(OPENCC).decode() == opencc_table()

    def test_counts(self) -> None:
        _, relations = parse_opencc_table(embedded_bytes(OPENCC), OPENCC)
        counts = {conversion: len(pairs) for conversion, pairs in relations.items()}
        assert counts == {"jp2t": 335, "t2jp": 408, "t2s": 4117, "hk2t": 61, "tw2t": 38}
        assert ("気", "氣") in relations["jp2t"]
        assert ("髮", "发") in relations["t2s"]
        assert ("裏", "裏") not in relations["hk2t"]

    def test_bad_line(self) -> None:
        with pytest.raises(unihan.VariantFileError, match="line 2: found 't2x"):
            parse_opencc_table("# OpenCC 1\nt2x\t氣\t气\n".encode(), "x")


class TestOtherSources:
    def test_compatibility(self) -> None:
        pairs = compatibility_pairs()
        assert len(pairs) == 1002
        assert ("\uf9b4", "領") in pairs
        assert ("\ufa10", "塚") in pairs
        assert "\ufa11" not in {compatibility for compatibility, _ in pairs}, "崎 of that block is a unified ideograph"
        assert (
            unihan.load_graph(["compatibility"])
            .versions["compatibility"]
            .endswith("5ee4a07d93aafee09cd4417db067dbd42eac53ad4c6666d546ea58218b68f9ba")
        )

    def test_radicals(self) -> None:
        version, pairs = parse_radicals(embedded_bytes(RADICALS), RADICALS)
        assert (version, len(pairs)) == ("15.0.0", 348)
        assert ("⼀", "一") in pairs
        assert ("⻳", "龟") in pairs

    def test_radical_range_and_bad_line(self) -> None:
        assert parse_radicals(b"2F00..2F01 ; 4E00 # x\n", "x")[1] == (("⼀", "一"), ("⼁", "一"))
        with pytest.raises(unihan.VariantFileError, match="x, line 2: found '2F00 4E00'"):
            parse_radicals(b"# x\n2F00 4E00\n", "x")

    def test_variation_sequences(self) -> None:
        graph = unihan.load_graph(["ivs"])
        (edge,) = graph.edges_of("辻\U000e0101")
        assert (edge.head, edge.tail, edge.source) == ("辻\U000e0101", "辻", "ivs")
        assert graph.component("葛\U000e0100") == ("葛", "葛\U000e0100")
        assert graph.edges_of("葛") == ()

    def test_fold(self) -> None:
        assert unihan.fold_sequences("葛\U000e0100飾区と葛\U000e0101城市、塚\ufe00") == "葛飾区と葛城市、塚"
        assert unihan.fold_sequences("☀\ufe0f") == "☀\ufe0f", "emoji presentation is not an ideographic sequence"


class TestUserTable:
    def test_pairs_notes_and_notation(self, tmp_path: Path) -> None:
        path = tmp_path / "字.tsv"
        path.write_text("# 粵語\n嘅\tU+65E2\n係\t是\tCantonese copula\r\n\n", encoding="utf-8")
        graph = unihan.load_graph(["unihan:kZVariant"], user_tsv=path)
        assert graph.sources == ("unihan:kZVariant", "user:字.tsv")
        edges = [edge for edge in graph.edges if edge.source == "user:字.tsv"]
        assert [(edge.head, edge.tail, edge.tags) for edge in edges] == [
            ("嘅", "既", ()),
            ("係", "是", ("Cantonese copula",)),
        ]
        assert unihan.load_graph([f"user:{path}"]).edges == tuple(edges)

    @pytest.mark.parametrize("line", ["嘅", "嘅 既", "嘅\t既字", "嘅\tU+ZZZZ", "\t既", "嘅\t既\tnote\tmore"])
    def test_bad_line(self, line: str, tmp_path: Path) -> None:
        path = tmp_path / "pairs.tsv"
        path.write_text(f"氣\t気\n{line}\n", encoding="utf-8")
        with pytest.raises(unihan.VariantFileError, match=r"pairs\.tsv, line 2: found '.*'; expected two characters"):
            unihan.load_graph(["ivs"], user_tsv=path)

    def test_not_utf8(self, tmp_path: Path) -> None:
        path = tmp_path / "pairs.tsv"
        path.write_bytes("氣\t気\n".encode("cp932", "replace"))
        with pytest.raises(unihan.VariantFileError, match="not UTF-8 at byte"):
            unihan.load_graph(["ivs"], user_tsv=path)

    def test_two_tables_of_one_name(self, tmp_path: Path) -> None:
        for folder in ("a", "b"):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "x.tsv").write_text("氣\t気\n", encoding="utf-8")
        with pytest.raises(unihan.SourceError, match="two user tables with one file name"):
            unihan.load_graph([f"user:{tmp_path}/a/x.tsv"], user_tsv=tmp_path / "b/x.tsv")


def test_warning_of_the_lost_links(shared_data: Path) -> None:
    files = {version: shared_data / f"unihan/Unihan_Variants-{version}.0.0.txt.bz2" for version in (12, 13)}
    assert unihan.version_warning(unihan.load_graph(["unihan"], unihan_file=files[12])) is None
    assert unihan.version_warning(unihan.load_graph()) is None
    assert unihan.version_warning(unihan.load_graph(["opencc:t2s"])) is None
    warning = unihan.version_warning(unihan.load_graph(["unihan", "opencc:t2s"], unihan_file=files[13]))
    assert warning is not None
    assert warning.startswith("Unihan 13.0.0 holds 123 kZVariant entries")


def test_graph_remembers_who_says_so() -> None:
    graph = unihan.load_graph()
    stated = {(edge.head, edge.tail, edge.source) for edge in graph.edges_of("気")}
    assert stated == {("気", "氣", "opencc:jp2t"), ("氣", "気", "opencc:t2jp")}
    (edge,) = [edge for edge in graph.edges_of("炁") if edge.head == "炁"]
    assert edge.tags == ("kLau", "kMatthews")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to read the peak of memory")
def test_stands_alone_and_stays_small(repository: Path) -> None:
    """No Beam, Arrow, torch, NumPy, OpenCC or click; below 100 MB."""
    program = """
import sys
for name in ("apache_beam", "pyarrow", "torch", "numpy", "opencc", "click", "hanmill.pipelines", "hanmill.schemas"):
    sys.modules[name] = None
from hanmill import unihan
table = unihan.clusters(unihan.load_graph())
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(table.representative("气") == table.representative("気"), peak)
"""
    answer = subprocess.run([sys.executable, "-c", program], cwd=repository, capture_output=True, text=True, check=True)
    joined, kilobytes = answer.stdout.split()
    assert joined == "True"
    assert int(kilobytes) < 100_000


def test_what_lau_alone_states_joins_nothing_by_default() -> None:
    """Lau's dictionary of Cantonese lists words of one sound: 完 and 煙, 寡 and 關, 只 and 子."""
    table = unihan.clusters(unihan.load_graph())
    paper = unihan.clusters(unihan.load_graph(["unihan"]))
    for first, second in ("完烟", "关寡", "只子", "烧箫", "孀霜", "談譚"):
        assert paper.cluster_of[first] == paper.cluster_of[second]
        assert table.representative(first) != table.representative(second)
    for first, second in ("刘劉", "担擔", "庄莊", "葱蔥", "污汙", "烟煙", "关関", "只隻", "檯枱"):
        assert table.cluster_of[first] == table.cluster_of[second]


def test_a_source_without_what_one_dictionary_alone_states() -> None:
    whole, without = (unihan.load_graph([f"unihan:kSemanticVariant{ending}"]).edges for ending in ("", "-kLau"))
    kept = {(edge.head, edge.tail) for edge in without}
    left_out = [edge.tags for edge in whole if (edge.head, edge.tail) not in kept]
    assert (len(whole), len(without), len(left_out)) == (4_136, 3_958, 178)
    assert {tag.partition(":")[0] for tags in left_out for tag in tags} == {"kLau"}


@pytest.mark.parametrize("name", ["unihan:kSemanticVariant-", "unihan:kSemanticVariant-Lau", "opencc:t2s-kLau"])
def test_a_bad_exclusion(name: str) -> None:
    with pytest.raises(unihan.SourceError, match="unihan:FIELD-TAG"):
        unihan.expand_sources([name])
