from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanmill import unihan
from hanmill.unihan.graph import Edge, VariantGraph


def graph_of(*pairs: str, source: str = "user:test.tsv") -> VariantGraph:
    edges = tuple(Edge(pair[0], pair[1], source) for pair in pairs)
    return VariantGraph(edges, (source,), {source: "1"})


@pytest.fixture(scope="module")
def default_graph() -> VariantGraph:
    return unihan.load_graph()


@pytest.fixture(scope="module")
def paper_graph(shared_data: Path) -> VariantGraph:
    return unihan.load_graph(["unihan"], unihan_file=shared_data / "unihan/Unihan_Variants-12.0.0.txt.bz2")


@pytest.fixture(scope="module")
def paper_vocabulary(shared_data: Path) -> list[str]:
    return (shared_data / "unihan/unihanlm-han-vocabulary.txt").read_text(encoding="utf-8").split()


class TestPaper:
    """UnihanLM, sections 2.2 and 3.2, from the version its authors used."""

    def test_twelve_thousand_entries_of_five_types(self, paper_graph: VariantGraph) -> None:
        assert paper_graph.unihan is not None
        assert paper_graph.unihan.version == "12.0.0"
        assert paper_graph.unihan.count() == 12_373

    def test_released_classes(self, paper_graph: VariantGraph, paper_vocabulary: list[str]) -> None:
        table = unihan.clusters(paper_graph, paper_vocabulary)
        assert len(paper_vocabulary) == 8_500
        assert len(table.members) == 4_002
        assert len(table.merges()) == 3_370
        assert sum(map(len, table.merges())) == 7_868
        assert table.sizes() == {1: 632, 2: 2599, 3: 541, 4: 157, 5: 45, 6: 13, 7: 9, 8: 2, 9: 3, 10: 1}

    def test_without_vocabulary(self, paper_graph: VariantGraph) -> None:
        table = unihan.clusters(paper_graph)
        assert len(table.members) == len(table.merges()) == 4_197
        assert len(unihan.kept_triples(table)) == 42

    def test_table_1_reads_the_same_in_three_scripts(
        self, paper_graph: VariantGraph, paper_vocabulary: list[str]
    ) -> None:
        table = unihan.clusters(paper_graph, paper_vocabulary)
        japanese, traditional, simplified = (
            "".join(map(table.representative, text)) for text in ("台風熱帯気圧種", "颱風熱帶氣壓種", "台风热带气压种")
        )
        assert japanese == traditional == simplified

    def test_table_1_sentences_leave_kana_alone(self, paper_graph: VariantGraph, paper_vocabulary: list[str]) -> None:
        table = unihan.clusters(paper_graph, paper_vocabulary)
        sentence = "台風は熱帯低気圧の一種です。"
        replaced = "".join(map(table.representative, sentence))
        assert (replaced[2], replaced[8], replaced[-3:]) == ("は", "の", "です。")

    @pytest.mark.parametrize("forms", ["发髮發", "團团", "說説", "兎兔", "戶户戸", "檯枱台臺颱"])
    def test_table_2_and_figure_1(self, forms: str, paper_graph: VariantGraph, paper_vocabulary: list[str]) -> None:
        table = unihan.clusters(paper_graph, paper_vocabulary)
        assert len({table.cluster_of[form] for form in forms}) == 1

    def test_specialised_variants_stay_apart(self, paper_graph: VariantGraph, paper_vocabulary: list[str]) -> None:
        table = unihan.clusters(paper_graph, paper_vocabulary)
        assert table.cluster_of["丼"] != table.cluster_of["井"]

    def test_specialised_variants_would_join(self, shared_data: Path) -> None:
        graph = unihan.load_graph(
            ["unihan:kSpecializedSemanticVariant"], unihan_file=shared_data / "unihan/Unihan_Variants-12.0.0.txt.bz2"
        )
        assert unihan.clusters(graph).representative("丼") == "丼"
        assert unihan.clusters(graph).representative("井") == "丼"

    def test_over_merging_of_the_released_map(self, paper_graph: VariantGraph, paper_vocabulary: list[str]) -> None:
        table = unihan.clusters(paper_graph, paper_vocabulary)
        assert set("予余餘豫預") <= set(table.members[table.cluster_of["予"]])
        assert set("历曆歷厤") <= set(table.members[table.cluster_of["历"]])


class TestNewerVersions:
    """Nobody takes a newer file by accident: alone it parts Japanese from Chinese."""

    @pytest.mark.parametrize(
        ("version", "entries", "zvariants", "merges"),
        [("13.0.0", 16_343, 123, 6_803), ("15.0.0", 17_042, 139, 6_868), ("17.0.0", 17_616, 149, 7_071)],
    )
    def test_loss(self, version: str, entries: int, zvariants: int, merges: int, shared_data: Path) -> None:
        graph = unihan.load_graph(["unihan"], unihan_file=shared_data / f"unihan/Unihan_Variants-{version}.txt.bz2")
        table = unihan.clusters(graph)
        assert graph.unihan is not None
        assert (graph.unihan.version, graph.unihan.count()) == (version, entries)
        assert graph.unihan.count(("kZVariant",)) == zvariants
        assert len(table.merges()) == merges
        assert len(unihan.kept_triples(table)) == 14
        for triple in ("带帶帯", "气氣気", "压壓圧"):
            assert len({table.representative(form) for form in triple}) > 1

    def test_default_sources_make_it_good(self, default_graph: VariantGraph) -> None:
        table = unihan.clusters(default_graph)
        assert unihan.kept_triples(table) == unihan.triples()
        assert max(table.sizes()) == 11

    @pytest.mark.parametrize("forms", ["説說说", "葛葛", "車⾞车車", "龜龟亀", "裏裡里", "着著"])
    def test_default_joins(self, forms: str, default_graph: VariantGraph) -> None:
        table = unihan.clusters(default_graph)
        assert len({table.representative(unihan.base_character(form)) for form in forms}) == 1

    @pytest.mark.parametrize("forms", ["日曰", "土士", "未末", "大犬", "漢韓", "中国"])
    def test_default_keeps_apart(self, forms: str, default_graph: VariantGraph) -> None:
        table = unihan.clusters(default_graph)
        assert table.representative(forms[0]) != table.representative(forms[1])


class TestVocabulary:
    def test_an_edge_needs_both_ends(self) -> None:
        graph = graph_of("气氣", "氣気")
        assert unihan.clusters(graph, ["気", "气"]).members == (("気",), ("气",))
        assert unihan.clusters(graph, ["気", "氣", "气"]).members == (("気", "氣", "气"),)

    def test_every_token_has_a_cluster(self, default_graph: VariantGraph) -> None:
        tokens = ["[PAD]", "[MASK]", "の", "한", "a", "国", "國", "。"]
        table = unihan.clusters(default_graph, tokens)
        assert [table.cluster_of[token] for token in tokens] == [0, 1, 2, 3, 4, 5, 5, 6]

    def test_first_follows_the_vocabulary(self, default_graph: VariantGraph) -> None:
        assert unihan.clusters(default_graph, list("國国")).representative("国") == "國"
        assert unihan.clusters(default_graph, list("国國")).representative("國") == "国"

    def test_most_frequent(self, default_graph: VariantGraph) -> None:
        counts = {"氣": 3, "気": 9, "气": 9}
        table = unihan.clusters(default_graph, list("氣気气"), counts, "most_frequent")
        assert table.members == (("氣", "気", "气"),)
        assert table.representatives == ("気",)

    def test_repeat_is_refused(self) -> None:
        with pytest.raises(unihan.VocabularyError, match=r"3 tokens, 2 different; '気' \(U\+6C17\) stands 2 times"):
            unihan.clusters(graph_of("气氣"), ["気", "氣", "気"])

    def test_most_frequent_needs_counts(self) -> None:
        with pytest.raises(unihan.VocabularyError, match="no counts given"):
            unihan.clusters(graph_of("气氣"), representative="most_frequent")

    def test_first_does_not_look_at_counts(self) -> None:
        assert unihan.clusters(graph_of("气氣"), ["气", "氣"], {"氣": 9}).representatives == ("气",)

    def test_variation_sequence_joins_its_base(self, default_graph: VariantGraph) -> None:
        sequence = "葛\U000e0100"
        assert unihan.clusters(default_graph, ["葛", sequence]).members == (("葛", sequence),)
        without = unihan.load_graph(["unihan"])
        assert unihan.clusters(without, ["葛", sequence]).members == (("葛",), (sequence,))

    def test_character_outside_stands_for_itself(self, default_graph: VariantGraph) -> None:
        assert unihan.clusters(default_graph, list("気氣")).representative("猫") == "猫"


class TestCutsAndCaps:
    def test_cut_splits_and_reports(self) -> None:
        table = unihan.clusters(graph_of("予豫", "予余", "余餘"), cuts=[("予", "余")])
        assert sorted(map(set, table.members), key=min) == sorted([{"予", "豫"}, {"余", "餘"}], key=min)
        (split,) = table.splits
        assert split.reason == "cut"
        assert set(split.before) == set("予余餘豫")
        assert split.removed == (("予", "余"),)
        assert len(split.parts) == 2

    def test_cut_that_others_bypass_is_reported(self) -> None:
        table = unihan.clusters(graph_of("予余", "余餘", "餘予"), cuts=[("余", "予")])
        assert len(table.members) == 1
        assert table.splits[0].parts == (table.members[0],)

    def test_cut_of_no_edge_names_the_neighbours(self) -> None:
        with pytest.raises(unihan.SourceError, match=r"cut 予-餘 .*neighbours of 予: 余"):
            unihan.clusters(graph_of("予余", "余餘"), cuts=[("予", "餘")])

    def test_cut_outside_the_vocabulary_changes_nothing(self) -> None:
        graph = graph_of("予余", "余餘")
        table = unihan.clusters(graph, ["予", "余"], cuts=[("余", "餘")])
        assert table.members == (("予", "余"),)
        assert table.splits == ()

    def test_cut_on_real_data(self, default_graph: VariantGraph) -> None:
        before = unihan.clusters(default_graph)
        assert before.representative("历") == before.representative("歷") == before.representative("曆")
        table = unihan.clusters(default_graph, list("历曆歷"), cuts=[("历", "曆"), ("曆", "歷")])
        assert table.members == (("历", "歷"), ("曆",))

    def test_cap_keeps_what_most_sources_state(self) -> None:
        edges = (
            Edge("予", "豫", "a"),
            Edge("予", "余", "a"),
            Edge("余", "予", "b"),
            Edge("余", "餘", "b"),
        )
        graph = VariantGraph(edges, ("a", "b"), {"a": "1", "b": "1"})
        table = unihan.clusters(graph, max_size=2)
        assert table.members == (("予", "余"), ("豫",), ("餘",))
        (split,) = table.splits
        assert (split.reason, set(split.before)) == ("cap", set("予余餘豫"))
        assert split.removed == (("予", "豫"), ("余", "餘"))

    def test_cap_on_real_data(self, default_graph: VariantGraph) -> None:
        free, capped = unihan.clusters(default_graph), unihan.clusters(default_graph, max_size=6)
        assert max(capped.sizes()) == 6
        over = {cluster for cluster in free.members if len(cluster) > 6}
        assert {split.before for split in capped.splits} == over
        assert all(cluster in capped.members for cluster in free.members if cluster not in over)

    def test_bad_cap(self) -> None:
        with pytest.raises(unihan.SourceError, match="max_size: found 0; expected 1 or more"):
            unihan.clusters(graph_of("予余"), max_size=0)


class TestStableIds:
    def test_known_digest(self, default_graph: VariantGraph) -> None:
        """Same inputs, same ids on every machine: a change here changes the ids of every corpus."""
        table = unihan.clusters(default_graph, max_size=8)
        assert table.sha256() == "1b69e9a3e8887e35d176bc76853ca097a8108b82af6806146150666f64dfba84"

    def test_numbers_follow_the_first_member(self, default_graph: VariantGraph) -> None:
        table = unihan.clusters(default_graph)
        firsts = [cluster[0] for cluster in table.members]
        assert firsts == sorted(firsts)
        assert all(table.cluster_of[member] == i for i, cluster in enumerate(table.members) for member in cluster)

    def test_digest_tells_representatives_apart(self) -> None:
        graph = graph_of("气氣")
        first = unihan.clusters(graph, ["气", "氣"])
        frequent = unihan.clusters(graph, ["气", "氣"], {"氣": 1}, "most_frequent")
        assert first.members == frequent.members
        assert first.sha256() != frequent.sha256()


HAN = "一丁七万丈三上下不与丐丑"


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(HAN), st.sampled_from(HAN)).filter(lambda pair: pair[0] != pair[1])),
    st.permutations(HAN),
    st.integers(1, 6),
)
def test_clusters_partition_the_vocabulary(pairs: list[tuple[str, str]], vocabulary: list[str], cap: int) -> None:
    graph = graph_of(*("".join(pair) for pair in pairs))
    for table in (unihan.clusters(graph, vocabulary), unihan.clusters(graph, vocabulary, max_size=cap)):
        assert sorted("".join(map("".join, table.members))) == sorted(vocabulary)
        assert [min(map(vocabulary.index, cluster)) for cluster in table.members] == sorted(
            vocabulary.index(cluster[0]) for cluster in table.members
        )
        for cluster in table.members:
            reached = {cluster[0]}
            for _ in cluster:
                reached |= {end for pair in pairs if reached & set(pair) for end in pair if end in cluster}
            assert reached == set(cluster), "a cluster is connected through its own members"
    assert max(unihan.clusters(graph, vocabulary, max_size=cap).sizes()) <= cap


@settings(deadline=None)
@given(st.lists(st.sampled_from([a + b for a in HAN for b in HAN if a != b]), min_size=1), st.randoms())
def test_order_of_edges_does_not_matter(pairs: list[str], random: object) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    left, right = (unihan.clusters(graph_of(*some), max_size=4) for some in (pairs, shuffled))
    assert left == right
