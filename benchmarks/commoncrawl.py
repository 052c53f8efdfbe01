"""WARC to labelled text: documents a second on one core, by stage and in whole, against datatrove.

Run it as ``python benchmarks/commoncrawl.py ARCHIVE…``. datatrove takes part where it is installed, with its
reader, Trafilatura and fastText filter on the same files in the same run; ratios are what to trust. Pages whose
address names their language (``…example.zh-tw/…``, ``…/zh-cn/…``) show how many labels are wrong.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from pipelines.clean.language import LanguageIdentifier, bundled_model
from pipelines.clean.profile import profile
from pipelines.clean.rules import RULES, apply_rules
from pipelines.extract.charset import decode_page
from pipelines.extract.html.page import extract_page
from pipelines.records import Document
from pipelines.sources.commoncrawl import plan_splits, read_split
from pipelines.sources.warc import WarcRecordData, read_warc
from schemas.recipe import CommonCrawlRecipe, RuleSetting

T = TypeVar("T")
LIMIT = 16 << 20
_LANGUAGE = re.compile(r"\b(zh|ja|ko|en)(?:-[a-z]+)?[/-]")
#: Untranslated pages are English whatever their address says; labels count where a page has this share of CJK.
_CJK_SHARE = 0.3


def main(archives: Sequence[str]) -> None:
    records = [record for path in archives for record in _records(path) if record.type == "response"]
    print(f"{len(records):,} pages of {sum(len(record.body) for record in records) / 1e6:.1f} MB")
    identifier = LanguageIdentifier()

    _, seconds = _timed(lambda: [record for path in archives for record in _records(path)])
    _report("read WARC", len(records), seconds)
    decoded, seconds = _timed(lambda: [decode_page(record.body, record.content_type)[0] for record in records])
    _report("charset and decoding", len(records), seconds)
    pages, seconds = _timed(lambda: [extract_page(html) for html in decoded])
    _report("HTML to text", len(records), seconds)
    texts = [page.text for page in pages]
    profiles, seconds = _timed(lambda: [profile(text) for text in texts])
    _report("script profile", len(records), seconds)
    _, seconds = _timed(lambda: identifier.identify(texts, profiles))
    _report("language", len(records), seconds)

    rules = [RuleSetting(name, min=-1) for name in RULES]
    documents = [Document("commoncrawl", "", "", "", "", "", text, "") for text in texts]
    _, seconds = _timed(lambda: apply_rules(documents, profiles, rules))
    _report(f"all {len(rules)} rules", len(records), seconds)

    whole, seconds = _timed(lambda: list(_whole(archives, identifier)))
    ours = len(whole) / seconds
    _report("in whole, without rules", len(whole), seconds)
    print(f"labels: {_labels(whole)}")

    try:
        from datatrove.pipeline.readers import WarcReader
    except ImportError as error:
        print(f"datatrove takes no part: {error}")
        return
    theirs = _datatrove(WarcReader, archives)
    print(f"in whole: {ours / theirs:.1f} times datatrove")


def _records(path: str) -> Iterator[WarcRecordData]:
    with open(path, "rb") as file:
        yield from (record for record in read_warc(file, LIMIT) if isinstance(record, WarcRecordData))


def _whole(archives: Sequence[str], identifier: LanguageIdentifier) -> Iterator[tuple[str, str, str]]:
    """Address, label and text of each page."""
    for path in archives:
        for split in plan_splits(path, sys.maxsize):
            for record in read_split(split, CommonCrawlRecipe()):
                if isinstance(record, Document):
                    language = identifier.identify([record.text], [profile(record.text)])[0]
                    yield record.url, language.lang, record.text


def _datatrove(reader_type: type, archives: Sequence[str]) -> float:
    """Documents a second of datatrove's reader, extractor and language filter, in one process."""
    import fasttext
    from datatrove.pipeline.extractors import Trafilatura

    found: list[tuple[str, str, str]] = []
    started = _cpu_seconds()
    # Its filter downloads lid.176; this is its call, on the model both sides have.
    model = fasttext.load_model(str(bundled_model()))
    counts: Counter[str] = Counter()
    for path in archives:
        file = Path(path)
        documents = reader_type(str(file.parent), glob_pattern=file.name, file_progress=False, doc_progress=False).run()
        for document in Trafilatura(favour_precision=True, timeout=1).run(_counted(documents, counts)):
            labels, _ = model.predict(document.text.replace("\n", " "))
            label = labels[0].removeprefix("__label__") if labels else "und"
            found.append((document.metadata.get("url", ""), label, document.text))
    seconds = _cpu_seconds() - started
    read = counts["read"]
    _report("datatrove in whole", read, seconds)
    print(f"datatrove: {read:,} read, {len(found):,} with text; labels: {_labels(found)}")
    return read / seconds


def _counted(documents: Iterator[T], counts: Counter[str]) -> Iterator[T]:
    for document in documents:
        counts["read"] += 1
        yield document


def _labels(pages: Sequence[tuple[str, str, str]]) -> str:
    wrong: Counter[tuple[str, str]] = Counter()
    total = 0
    for url, label, text in pages:
        named = _LANGUAGE.search(url)
        measured = profile(text)
        if not named or named[1] == "en" or measured.east_asian < _CJK_SHARE * measured.characters:
            continue
        total += 1
        if label != named[1]:
            wrong[named[1], label] += 1
    listed = ", ".join(f"{truth} as {label}: {count}" for (truth, label), count in wrong.most_common(6))
    return f"{sum(wrong.values()):,} of {total:,} wrong" + (f" ({listed})" if listed else "")


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    started = _cpu_seconds()
    result = work()
    return result, _cpu_seconds() - started


def _cpu_seconds() -> float:
    """Processor time of this process and of the children it has waited for: datatrove extracts in a child."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _report(name: str, documents: int, seconds: float) -> None:
    print(f"{name:26} {documents / seconds:9,.0f} documents/s {1000 * seconds / documents:8.3f} ms a document")


if __name__ == "__main__":
    main(sys.argv[1:])
