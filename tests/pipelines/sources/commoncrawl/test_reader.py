from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from hanmill.pipelines.clean.language import LanguageIdentifier
from hanmill.pipelines.clean.profile import profile
from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.sources.commoncrawl.reader import plan_splits, read_page, read_split
from hanmill.pipelines.sources.commoncrawl.warc import WarcRecordData
from hanmill.pipelines.sources.records import Dropped, Failed, Split
from hanmill.schemas.recipe import CommonCrawlRecipe
from tests.pipelines.documents import documents

PAGE = "<html lang='ja'><title>題</title><p>春になると、まず梅が咲きます。</p></html>"


def web_page(body: bytes = PAGE.encode(), **changes: object) -> WarcRecordData:
    values: dict[str, object] = {
        "offset": 7,
        "type": "response",
        "record_id": "urn:uuid:1",
        "url": "http://a.example/x",
        "date": "2024-05-18T01:58:10Z",
        "language": "",
        "status": 200,
        "content_type": "text/html",
        "identified_type": "",
        "truncated": "",
        "body": body,
    }
    return WarcRecordData(**(values | changes))


def outcome(record: WarcRecordData, **settings: object) -> Document | Dropped | Failed:
    recipe = CommonCrawlRecipe(**settings)
    return documents([read_page(record, "a.warc:7", recipe)], recipe)[0]


def read_all(path: Path, target: int = 1 << 30) -> list[Document | Dropped | Failed]:
    settings = CommonCrawlRecipe()
    return documents(record for split in plan_splits(str(path), target) for record in read_split(split, settings))


def test_a_page_becomes_a_document() -> None:
    assert outcome(web_page()) == Document(
        source="commoncrawl",
        document_id="urn:uuid:1",
        lang="ja",
        title="題",
        url="http://a.example/x",
        revision="2024-05-18T01:58:10Z",
        text="春になると、まず梅が咲きます。",
        place="a.warc:7",
        charset="utf-8",
        charset_from="detector",
        timestamp="2024-05-18T01:58:10Z",
    )


def test_page_without_an_id_is_named_by_address_and_time() -> None:
    found = outcome(web_page(record_id=""))
    assert isinstance(found, Document)
    assert found.document_id == "http://a.example/x 2024-05-18T01:58:10Z"


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        (web_page(type="request"), "record_type@1"),
        (web_page(status=404), "http_status@1"),
        (web_page(status=301), "http_status@1"),
        (web_page(content_type="image/png"), "media_type@1"),
        (web_page(content_type="text/html", identified_type="application/pdf"), "media_type@1"),
        (web_page(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), "media_type@1"),
        (web_page(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", content_type="text/plain"), "media_type@1"),
        (web_page(bytes(range(32)) * 20, content_type="text/html"), "media_type@1"),
        (web_page(b"<html lang=ja><script>x</script>"), "no_text@1"),
        (web_page(b"<html lang=en><p>A long page of plain English.</p></html>"), "cjk_bytes@1"),
    ],
)
def test_what_is_no_page_is_dropped_with_its_reason(record: WarcRecordData, rule: str) -> None:
    found = outcome(record, min_cjk_bytes=30)
    assert isinstance(found, Dropped)
    assert (found.rule, found.place, found.url) == (rule, "a.warc:7", "http://a.example/x")


@pytest.mark.parametrize(
    "url",
    [
        "urn:text:https://a.example/",
        "urn:view:https://a.example/",
        "urn:pageinfo:https://a.example/",
        "metadata://gnu.org/software/wget/warc/wget.log",
    ],
)
@pytest.mark.parametrize("kind", ["resource", "conversion", "response"])
def test_the_crawlers_own_records_are_no_documents(url: str, kind: str) -> None:
    found = outcome(web_page(url=url, type=kind, content_type="text/plain"))
    assert isinstance(found, Dropped)
    assert found.rule == "record_type@1"


def test_what_was_mended_in_a_record_stays_with_its_page() -> None:
    found = outcome(web_page(warnings=("content_length",)))
    assert isinstance(found, Document)
    assert found.flags == ("content_length",)


def test_settings_of_formulas_and_comments_reach_the_page() -> None:
    page = (
        "<article><p>春になると、まず梅が咲きます。香りが庭に満ちて、鳥が来ます。</p><p>解は<math><mi>x</mi></math>である。</p>"
        "<p>夏には木陰が涼しく、秋には実がなります。冬の庭は静かです。</p></article>"
        "<div id=comments><p>とても良い記事でした。</p></div>"
    )
    kept = outcome(web_page(page.encode()), formulas="drop", comments="keep")
    assert isinstance(kept, Document)
    assert "解は" not in kept.text
    assert "とても良い記事でした。" in kept.text
    default = outcome(web_page(page.encode()))
    assert isinstance(default, Document)
    assert "解は$x$である。" in default.text
    assert "とても良い" not in default.text


def test_a_page_that_nobody_foresaw_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def strict(html: str, **settings: object) -> None:
        raise RecursionError("nested too deeply")

    monkeypatch.setattr("hanmill.pipelines.extract.html.web_page.extract_page", strict)
    failed = outcome(web_page())
    assert isinstance(failed, Failed)
    assert (failed.kind, failed.message) == ("extraction_error", "RecursionError: nested too deeply")
    assert (failed.place, failed.bytes_lost) == ("a.warc:7", len(PAGE.encode()))


def test_declared_language_passes_the_gate() -> None:
    assert isinstance(outcome(web_page("<html lang=ja><p>駅。</p>".encode()), min_cjk_bytes=1000), Document)


def test_wet_record_is_utf8_text_with_its_language() -> None:
    found = outcome(
        web_page(
            "第一行。\n第二行。".encode(), type="conversion", content_type="text/plain", status=0, language="zho,eng"
        )
    )
    assert isinstance(found, Document)
    assert (found.text, found.lang, found.charset) == ("第一行。\n第二行。", "zh", "utf-8")


def test_truncated_page_is_flagged() -> None:
    found = outcome(web_page(truncated="length"))
    assert isinstance(found, Document)
    assert found.flags == ("truncated",)


def test_broken_file_is_a_failure_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "broken.warc.gz"
    path.write_bytes(b"\x1f\x8b\x08\x00 no gzip at all")
    found = list(read_split(Split("commoncrawl", str(path), 0, path.stat().st_size, "whole"), CommonCrawlRecipe()))
    assert [type(record) for record in found] == [Failed]
    assert found[0].place == "broken.warc.gz:0"


def test_splits_cover_a_real_file_and_hold_each_page_once(shared_data: Path) -> None:
    path = shared_data / "warc/sample-0001.warc.gz"
    whole = read_all(path)
    splits = plan_splits(str(path), 50_000)
    assert len(splits) == 5
    assert [split.start for split in splits[1:]] == [split.end for split in splits[:-1]]
    assert read_all(path, 50_000) == whole
    assert len(whole) == 34


def test_wet_and_warc_of_the_same_page(shared_data: Path) -> None:
    warc = [one for one in read_all(shared_data / "warc/whirlwind.warc.gz") if isinstance(one, Document)]
    wet = [one for one in read_all(shared_data / "warc/whirlwind.warc.wet.gz") if isinstance(one, Document)]
    assert len(warc) == len(wet) == 1
    assert warc[0].url == wet[0].url
    assert warc[0].title == "Escopete - Biquipedia, a enciclopedia libre"
    assert "Escopete" in wet[0].text


@pytest.fixture(scope="module")
def make_warc(repository: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_warc", repository / "samples/commoncrawl/make_warc.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    # dataclasses look their module up by name.
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setitem(sys.modules, "make_warc", module)
    spec.loader.exec_module(module)
    monkeypatch.undo()
    return module


def test_sample_is_rebuilt_byte_for_byte(repository: Path, make_warc: ModuleType) -> None:
    assert make_warc.build() == (repository / "samples/commoncrawl/sample.warc.gz").read_bytes()


def test_sample_is_read_in_every_charset(repository: Path, make_warc: ModuleType) -> None:
    found = read_all(repository / "samples/commoncrawl/sample.warc.gz")
    pages = {one.url: one for one in found if isinstance(one, Document)}
    assert Counter(type(one).__name__ for one in found) == {
        "Document": len(make_warc.ENTRIES),
        "Dropped": 1,
        "Failed": 1,
    }
    names = {
        "cp932": "shift_jis",
        "euc_jp": "euc-jp",
        "iso2022_jp": "iso-2022-jp",
        "cp949": "euc-kr",
        "big5hkscs": "big5",
    }
    for entry in make_warc.ENTRIES:
        assert pages[make_warc.page_url(entry)].charset == names.get(entry.codec, entry.codec)


def test_sample_is_identified(repository: Path, make_warc: ModuleType) -> None:
    pages = [one for one in read_all(repository / "samples/commoncrawl/sample.warc.gz") if isinstance(one, Document)]
    texts = [page.text for page in pages]
    found = LanguageIdentifier().identify(texts, [profile(text) for text in texts])
    expected = {"mixed-review": "zh", "yue-diary": "yue", "lzh-garden": "lzh", "zh-cn-english-heavy": "en"}
    for page, language in zip(pages, found, strict=True):
        name = page.url.rpartition("/")[2]
        assert language.lang == expected.get(name, name.partition("-")[0]), name
        if name.startswith("zh-tw") and name != "zh-tw-converted":
            assert language.script == "Hant-TW"
        if name.startswith("zh-hk"):
            assert language.script == "Hant-HK"
