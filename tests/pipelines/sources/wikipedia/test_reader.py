"""Records of real and of damaged dumps."""

from __future__ import annotations

import bz2
import gzip
import random
import re
from collections.abc import Sequence
from itertools import groupby, pairwise
from pathlib import Path

import pytest
import zstandard

from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.extract.forms import Extractor
from hanmill.pipelines.extract.wikitext import VariantError, extract
from hanmill.pipelines.sources.records import Dropped, Failed
from hanmill.pipelines.sources.wikipedia.dump import DumpError
from hanmill.pipelines.sources.wikipedia.reader import open_wiki, page_address, plan_splits, read_split, whole_file
from hanmill.schemas.recipe import SourcesRecipe, WikipediaRecipe
from tests.pipelines.documents import documents

HEAD = """<mediawiki xml:lang="ja"><siteinfo><dbname>jawiki</dbname><base>https://ja.wikipedia.org/wiki/X</base>
<namespaces><namespace key="0"/><namespace key="6">ファイル</namespace></namespaces></siteinfo>\n"""


def page(number: int, title: str, text: str, namespace: int = 0, extra: str = "") -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f"  <page>\n    <title>{title}</title>\n    <ns>{namespace}</ns>\n    <id>{number}</id>{extra}\n"
        "    <revision>\n"
        f"      <id>{number}00</id>\n      <timestamp>2026-01-02T03:04:05Z</timestamp>\n"
        f'      <text xml:space="preserve">{text}</text>\n    </revision>\n  </page>\n'
    )


SENTENCE = "これは{}番目の'''記事'''で、[[猫]]の話である。"
PAGES = [page(number, f"記事{number}", SENTENCE.format(number) * 20) for number in range(1, 41)]


def records(
    path: Path, target: int = 1 << 30, settings: WikipediaRecipe | None = None
) -> list[Document | Dropped | Failed]:
    chosen = settings or WikipediaRecipe()
    splits = plan_splits(str(path), target)
    return documents((record for split in splits for record in read_split(split, chosen)), chosen)


def ids(found: Sequence[Document | Dropped | Failed]) -> list[str]:
    return [record.document_id for record in found if not isinstance(record, Failed)]


EXPECTED = [f"jawiki:{number}" for number in range(1, 41)]


def multistream(folder: Path, size: int = 5) -> Path:
    path = folder / "jawiki-multistream.xml.bz2"
    parts = [HEAD, *("".join(PAGES[start : start + size]) for start in range(0, 40, size)), "</mediawiki>"]
    path.write_bytes(b"".join(bz2.compress(part.encode()) for part in parts))
    return path


@pytest.mark.parametrize("form", ["xml", "bz2", "gz", "zst", "gz members", "zst frames"])
def test_every_form_of_a_dump_gives_the_same_records(tmp_path: Path, form: str) -> None:
    data = (HEAD + "".join(PAGES) + "</mediawiki>").encode()
    half = len(data) // 2
    stored = {
        "xml": data,
        "bz2": bz2.compress(data),
        "gz": gzip.compress(data),
        "zst": zstandard.compress(data),
        "gz members": gzip.compress(data[:half]) + gzip.compress(data[half:]),
        "zst frames": zstandard.compress(data[:half]) + zstandard.compress(data[half:]),
    }[form]
    path = tmp_path / "dump"
    path.write_bytes(stored)
    found = records(path)
    assert ids(found) == EXPECTED
    first = found[0]
    assert isinstance(first, Document)
    assert first.title == "記事1"
    assert first.url == "https://ja.wikipedia.org/wiki/%E8%A8%98%E4%BA%8B1"
    assert (first.lang, first.revision, first.timestamp) == ("ja", "100", "2026-01-02T03:04:05Z")
    assert first.text.startswith("これは1番目の記事で、猫の話である。")
    assert first.link_characters == 20


@pytest.mark.parametrize("target", [1, 400, 1000, 2000, 1 << 20])
def test_splits_of_a_multistream_dump_hold_every_page_once(tmp_path: Path, target: int) -> None:
    path = multistream(tmp_path)
    splits = plan_splits(str(path), target)
    assert splits[0].start == 0
    assert splits[-1].end == path.stat().st_size
    assert all(left.end == right.start for left, right in pairwise(splits))
    assert len(splits) == 1 or target < 1 << 20
    assert ids(records(path, target)) == EXPECTED


def test_a_page_cut_by_the_end_of_a_stream_belongs_to_the_split_it_begins_in(tmp_path: Path) -> None:
    data = (HEAD + "".join(PAGES) + "</mediawiki>").encode()
    path = tmp_path / "pbzip2.xml.bz2"
    path.write_bytes(b"".join(bz2.compress(data[start : start + 3000]) for start in range(0, len(data), 3000)))
    for target in (1, 700, 5000):
        assert ids(records(path, target)) == EXPECTED


@pytest.mark.parametrize("cut", ["<pa", "<", "<page>", "</pag"])
def test_a_page_s_mark_cut_by_the_end_of_a_stream_is_seen_once(tmp_path: Path, cut: str) -> None:
    data = (HEAD + "".join(PAGES) + "</mediawiki>").encode()
    mark = cut.encode()
    whole = b"</page>" if cut.startswith("</") else b"<page>"
    edges = [0, *(match.start() + len(mark) for match in re.finditer(whole, data)), len(data)]
    path = tmp_path / "pbzip2.xml.bz2"
    path.write_bytes(b"".join(bz2.compress(data[start:end]) for start, end in pairwise(edges)))
    for target in (1, 700, 5000, 1 << 30):
        found = records(path, target)
        assert ids(found) == EXPECTED
        assert len({record.place for record in found}) == len(EXPECTED)


def noisy_dump(form: str, folder: Path) -> tuple[Path, list[str]]:
    """A dump of 1.1 MB of pages that hardly compress, so that one bzip2 stream of it has many blocks."""
    noise = random.Random(7)
    texts = (
        "の".join(chr(noise.randrange(0x4E00, 0x9FA5)) for _ in range(noise.randrange(5, 5000))) for _ in range(120)
    )
    pages = [page(number, f"頁{number}", text) for number, text in enumerate(texts, 1)]
    data = (HEAD + "".join(pages) + "</mediawiki>").encode()
    path = folder / f"noisy.xml{form}"
    path.write_bytes(bz2.compress(data, 1) if form else data)
    return path, [f"jawiki:{number}" for number in range(1, 121)]


@pytest.mark.parametrize("form", ["", ".bz2"])
@pytest.mark.parametrize("target", [1, 70_000, 150_000, 400_000])
def test_splits_of_one_stream_and_of_plain_xml_hold_every_page_once(tmp_path: Path, form: str, target: int) -> None:
    path, expected = noisy_dump(form, tmp_path)
    splits = plan_splits(str(path), target)
    assert len(splits) > 1
    assert (splits[0].start, splits[-1].end) == (0, path.stat().st_size)
    assert all(left.end == right.start for left, right in pairwise(splits))
    whole = {record.document_id: record for record in records(path)}
    cut = records(path, target)
    assert ids(cut) == expected
    assert [record.text for record in cut] == [whole[name].text for name in expected]


@pytest.mark.parametrize(
    ("target", "readers"), [(70_000, ["multistream", "blocks", "multistream"]), (150_000, ["blocks", "multistream"])]
)
def test_a_large_stream_among_small_ones_is_cut_into_its_blocks(
    tmp_path: Path, target: int, readers: list[str]
) -> None:
    """A stream of 20 pages, one of 90 in many blocks that begins and ends within a page, and one of ten."""
    path, expected = noisy_dump("", tmp_path)
    data = path.read_bytes()
    starts = [match.start() for match in re.finditer(b"<page>", data)]
    edges = [0, starts[20] - 100, starts[110] + 3, len(data)]
    path = tmp_path / "streams.xml.bz2"
    path.write_bytes(b"".join(bz2.compress(data[start:end], 1) for start, end in pairwise(edges)))
    splits = plan_splits(str(path), target)
    assert [name for name, _ in groupby(split.reader for split in splits)] == readers
    assert max(split.end - split.start for split in splits) < 2 * target
    assert (splits[0].start, splits[-1].end) == (0, path.stat().st_size)
    assert all(left.end == right.start for left, right in pairwise(splits))
    whole = documents(read_split(whole_file(str(path)), WikipediaRecipe()))
    cut = records(path, target)
    assert ids(cut) == ids(whole) == expected
    assert [record.text for record in cut] == [record.text for record in whole]
    assert len({record.place for record in cut}) == len(expected)


def test_a_stream_of_siteinfo_alone_keeps_no_large_one_whole(tmp_path: Path) -> None:
    path, expected = noisy_dump("", tmp_path)
    head, mark, pages = path.read_bytes().partition(b"<page>")
    path = tmp_path / "headed.xml.bz2"
    path.write_bytes(bz2.compress(head) + bz2.compress(mark + pages, 1))
    splits = plan_splits(str(path), 100_000)
    assert len(splits) > 3
    assert {split.reader for split in splits} == {"blocks"}
    assert ids(records(path, 100_000)) == expected


def test_damage_in_one_large_stream_costs_its_block(tmp_path: Path) -> None:
    path, expected = noisy_dump(".bz2", tmp_path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)
    for target in (70_000, 200_000):
        found = records(path, target)
        kinds = [record.kind for record in found if isinstance(record, Failed)]
        assert kinds.count("damaged_stream") == 1
        assert set(kinds) <= {"damaged_stream", "unfinished_page"}
        assert 0 < len(expected) - len(ids(found)) < 25
        lost = {record.kind: record.bytes_lost for record in found if isinstance(record, Failed)}
        assert 20_000 < lost["damaged_stream"] < 100_000
        assert ids(found) == [name for name in expected if name in set(ids(found))]
    path.write_bytes(bz2.compress(bz2.decompress(noisy_dump(".bz2", tmp_path)[0].read_bytes()), 1)[:-50_000])
    found = records(path, 70_000)
    kinds = [record.kind for record in found if isinstance(record, Failed)]
    assert kinds.count("truncated_stream") == 1
    assert set(kinds) <= {"truncated_stream", "unfinished_page"}
    assert ids(found) == expected[: len(ids(found))]
    assert len(ids(found)) > 90


def test_a_damaged_stream_loses_no_other(tmp_path: Path) -> None:
    path = multistream(tmp_path)
    data = bytearray(path.read_bytes())
    splits = plan_splits(str(path), 1)
    middle = splits[4]
    data[(middle.start + middle.end) // 2] ^= 0xFF
    path.write_bytes(data)
    for target in (1, 1 << 20):
        found = records(path, target)
        failed = [record for record in found if isinstance(record, Failed)]
        assert [record.kind for record in failed] == ["damaged_stream"]
        assert failed[0].place.startswith("jawiki-multistream.xml.bz2:")
        lost = set(EXPECTED) - set(ids(found))
        assert lost == {"jawiki:16", "jawiki:17", "jawiki:18", "jawiki:19", "jawiki:20"}


def test_a_cut_dump_gives_its_whole_pages_and_the_offset(tmp_path: Path) -> None:
    whole = multistream(tmp_path)
    data = whole.read_bytes()
    cut = tmp_path / "cut.xml.bz2"
    cut.write_bytes(data[: len(data) - 400])
    found = records(cut)
    failed = [record for record in found if isinstance(record, Failed)]
    assert [record.kind for record in failed] == ["truncated_stream"]
    assert failed[0].place == f"cut.xml.bz2:{len(data) - 400}"
    # What is left of the last stream, its header of four bytes aside.
    last = data.rfind(b"BZh9", 0, len(data) - 400)
    assert failed[0].bytes_lost == len(data) - 400 - last - 4
    assert ids(found) == EXPECTED[: len(ids(found))]
    assert len(ids(found)) >= 35


def test_random_bytes_flipped_never_stop_the_reading(tmp_path: Path) -> None:
    chance = random.Random(7)
    data = (HEAD + "".join(PAGES) + "</mediawiki>").encode()
    packed = {"bz2": bz2.compress(data), "gz": gzip.compress(data), "zst": zstandard.compress(data)}
    for form, stored in {"xml": data, **packed}.items():
        for _ in range(15):
            damaged = bytearray(stored)
            for _ in range(chance.choice([1, 3, 30])):
                damaged[chance.randrange(20, len(damaged))] = chance.randrange(256)
            path = tmp_path / f"{chance.random()}.{form}"
            path.write_bytes(damaged)
            found = records(path)
            assert len(found) <= 60
            for record in found:
                if isinstance(record, Document):
                    record.text.encode()


def test_a_page_without_end_is_reported_and_its_neighbours_stay(tmp_path: Path) -> None:
    path = tmp_path / "dump.xml"
    endless, untitled = PAGES[1].replace("</page>", ""), PAGES[3].replace("title", "tilte")
    path.write_text(HEAD + PAGES[0] + endless + PAGES[2] + untitled, "utf-8")
    found = records(path)
    assert ids(found) == ["jawiki:1", "jawiki:3"]
    assert [record.kind for record in found if isinstance(record, Failed)] == ["unfinished_page", "no_title"]


def test_a_page_that_nobody_foresaw_fails_and_its_neighbours_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strict(text: str, *arguments: object, **settings: object) -> object:
        return {}["記事2"] if "2番目" in text else extract(text, *arguments, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr("hanmill.pipelines.extract.wikitext.wiki_page.extract", strict)
    path = tmp_path / "dump.xml"
    path.write_text(HEAD + "".join(PAGES[:3]), "utf-8")
    found = records(path)
    assert ids(found) == ["jawiki:1", "jawiki:3"]
    (failed,) = (record for record in found if isinstance(record, Failed))
    assert (failed.document_id, failed.kind) == ("jawiki:2", "extraction_error")
    assert (failed.message, failed.place) == ("KeyError: '記事2'", "dump.xml:0#1")
    assert failed.bytes_lost == len(PAGES[1].strip().encode())


def test_rules_say_why_a_page_is_dropped(tmp_path: Path) -> None:
    pages = [
        page(1, "Wikipedia:案内", "案内", 4),
        page(2, "ねこ", "#転送 [[猫]]"),
        page(3, "ネコ", "何か", 0, '<redirect title="猫" />'),
        page(4, "EU (曖昧さ回避)", "* [[欧州連合]]\n{{aimai}}"),
        page(5, "空", "{{謎}}"),
        page(6, "未来日記-ANOTHER:WORLD-", "題名に[[コロン]]がある。"),
        page(7, "駅の一覧", "* 駅"),
    ]
    path = tmp_path / "jawiki.xml"
    path.write_text(HEAD + "".join(pages), "utf-8")
    found = records(path)
    rules = [record.rule if isinstance(record, Dropped) else "kept" for record in found]
    assert rules == ["namespace@1", "redirect@1", "redirect@1", "disambiguation@1", "empty@1", "kept", "kept"]
    assert isinstance(found[5], Document)
    assert found[5].title == "未来日記-ANOTHER:WORLD-"
    stricter = WikipediaRecipe(namespaces=(0, 4), lists=False, disambiguation=True)
    rules = [record.rule if isinstance(record, Dropped) else "kept" for record in records(path, settings=stricter)]
    assert rules == ["kept", "redirect@1", "redirect@1", "kept", "empty@1", "kept", "list@1"]


def test_the_variant_asked_for_is_given(tmp_path: Path) -> None:
    head = HEAD.replace("jawiki", "zhwiki").replace("ja.", "zh.").replace('"ja"', '"zh"')
    path = tmp_path / "zhwiki.xml"
    path.write_text(head + page(1, "電腦", "這個-{zh-cn:计算机;zh-tw:電腦}-"), "utf-8")
    for variant, text in (("", "這個電腦"), ("zh-cn", "这个计算机"), ("zh-hk", "這個電腦")):
        (found,) = records(path, settings=WikipediaRecipe(variant=variant))
        assert isinstance(found, Document)
        assert found.text == text


def test_shared_rules_are_applied_where_a_page_names_them(tmp_path: Path) -> None:
    head = HEAD.replace("jawiki", "zhwiki").replace("ja.", "zh.").replace('"ja"', '"zh"')
    path, groups = tmp_path / "zhwiki.xml", tmp_path / "groups.xml"
    path.write_text(head + page(1, "甲", "{{noteTA|G1=IT}}软件和内存") + page(2, "乙", "软件和内存"), "utf-8")
    rules = "return { Item(nil, 'zh-cn:软件;zh-tw:軟體'), Item(nil, 'zh-cn:内存;zh-tw:記憶體') }"
    groups.write_text(head + page(3, "Module:CGroup/IT", rules, 828), "utf-8")
    found = records(path, settings=WikipediaRecipe(variant="zh-tw", groups=str(groups)))
    assert [record.text for record in found if isinstance(record, Document)] == ["軟體和記憶體", "軟件和內存"]


def test_entities_declared_by_a_dump_are_never_expanded(tmp_path: Path) -> None:
    bombs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    path = tmp_path / "lol.xml"
    document = f'<!DOCTYPE x [<!ENTITY l0 "lol"><!ENTITY f SYSTEM "file:///etc/passwd">{bombs}]>'
    body = PAGES[0].replace("記事1", "&l9;&f;")
    path.write_text(document + HEAD + body, "utf-8")
    (found,) = records(path)
    assert isinstance(found, Document)
    assert found.title == "&l9;&f;"


def test_a_page_of_a_hundred_megabytes_is_reported_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.xml.bz2"
    compressor = bz2.BZ2Compressor(1)
    piece = b"x" * (1 << 20)
    opening = page(1, "長い", "あ").partition("</text>")
    with path.open("wb") as file:
        file.write(compressor.compress((HEAD + opening[0]).encode()))
        for _ in range(100):
            file.write(compressor.compress(piece))
        file.write(compressor.compress("".join([*opening[1:], PAGES[1]]).encode()) + compressor.flush())
    found = records(path)
    assert [record.kind for record in found if isinstance(record, Failed)] == ["oversized_page"]
    assert ids(found) == ["jawiki:2"]


def test_what_extraction_left_out_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "jawiki.xml"
    path.write_text(HEAD + page(1, "甲", "文{{謎|1}}{{謎|2}}"), "utf-8")
    extractor = Extractor(SourcesRecipe())
    list(extractor.documents(read_split(whole_file(str(path)), WikipediaRecipe())))
    assert extractor.templates_dropped == {"謎": 2}


def test_a_folder_is_read_part_by_part_without_its_index(tmp_path: Path) -> None:
    (tmp_path / "jawiki-1.xml").write_text(HEAD + PAGES[0], "utf-8")
    (tmp_path / "jawiki-2.xml.bz2").write_bytes(bz2.compress((HEAD + PAGES[1]).encode()))
    (tmp_path / "jawiki-multistream-index.txt.bz2").write_bytes(bz2.compress(b"600:1:x\n"))
    assert ids(records(tmp_path)) == ["jawiki:1", "jawiki:2"]
    with pytest.raises(DumpError, match="found: nothing"):
        plan_splits(str(tmp_path / "missing"), 100)
    with pytest.raises(ValueError, match="more than 0"):
        plan_splits(str(tmp_path), 0)


def test_real_multistream_dump_by_stream_and_whole(shared_data: Path) -> None:
    path = shared_data / "wikipedia" / "jawiki-sample-pages-articles-multistream.xml.bz2"
    whole = documents(read_split(whole_file(str(path)), WikipediaRecipe()))
    small = records(path, 50_000)
    assert len(plan_splits(str(path), 50_000)) > 3
    assert sorted(ids(whole)) == sorted(ids(small))
    assert len(whole) == 50
    texts = {record.document_id: record.text for record in small if isinstance(record, Document)}
    assert all(texts[record.document_id] == record.text for record in whole if isinstance(record, Document))
    assert len(texts) == 38


def test_real_cut_dump_gives_fifty_pages_and_says_what_was_lost(shared_data: Path) -> None:
    found = records(shared_data / "wikipedia" / "jawiki-201908-truncated.xml.bz2")
    assert len(ids(found)) == 50
    (failed,) = (record for record in found if isinstance(record, Failed))
    assert failed.kind == "truncated_stream"
    assert failed.place == "jawiki-201908-truncated.xml.bz2:556717"
    assert "インドネシア" in failed.message


@pytest.mark.parametrize("language", ["zh", "ja", "ko", "en", "es", "de", "nl"])
def test_real_dumps_whose_siteinfo_is_wrong(shared_data: Path, language: str) -> None:
    path = shared_data / "wikipedia" / f"minidump-{language}.xml.bz2"
    documents = [record for record in records(path) if isinstance(record, Document)]
    assert {record.lang for record in documents} == {language}
    assert all(record.document_id.startswith(f"{language}wiki:") for record in documents)
    assert all(record.url.startswith(f"https://{language}.wikipedia.org/wiki/") for record in documents)


def test_real_pages_hold_no_markup(shared_data: Path) -> None:
    path = shared_data / "wikipedia" / "minidump-zh.xml.bz2"
    (found,) = (record for record in records(path) if isinstance(record, Document))
    assert not any(mark in found.text for mark in ("[[", "]]", "{{", "}}", "''", "<ref", "-{", "{|", "（）", "，。"))
    assert "選帝侯" in found.text


def test_addresses_are_percent_encoded(tmp_path: Path) -> None:
    path = multistream(tmp_path)
    assert page_address(open_wiki(str(path)), "C# と?&東京 (曖昧さ回避)") == (
        "https://ja.wikipedia.org/wiki/C%23_%E3%81%A8%3F%26%E6%9D%B1%E4%BA%AC_(%E6%9B%96%E6%98%A7%E3%81%95%E5%9B%9E%E9%81%BF)"
    )


def test_a_variant_is_checked_once_and_asked_only_of_wikis_that_have_any(tmp_path: Path) -> None:
    japanese = tmp_path / "jawiki.xml"
    japanese.write_text(HEAD + PAGES[0], "utf-8")
    assert ids(records(japanese, settings=WikipediaRecipe(variant="zh-hans"))) == ["jawiki:1"]
    chinese = tmp_path / "zhwiki.xml"
    chinese.write_text(HEAD.replace("jawiki", "zhwiki") + page(1, "電腦", "這個電腦"), "utf-8")
    with pytest.raises(VariantError, match="zh-xx"):
        records(chinese, settings=WikipediaRecipe(variant="zh-xx"))
