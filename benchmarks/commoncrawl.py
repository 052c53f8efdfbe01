"""WARC to labelled text: documents a second on one core, by stage and in whole, against datatrove.

Run it as ``python benchmarks/commoncrawl.py [--peers PYTHON] ARCHIVE…``. PYTHON is an interpreter that has datatrove
(reader, Trafilatura and fastText filter on the same files in the same run) and trafilatura, readability-lxml or
resiliparse (their milliseconds a page beside ours). What is absent takes no part. Ratios are what to trust: each of
ours is measured before and after the peer's. ``hanmill extract warc`` is run as a command too, with its start and its
output, beside datatrove's process with its own start. Pages whose address names their language (``…example.zh-tw/…``,
``…/zh-cn/…``) show how many labels are wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from hanmill.pipelines.clean.language import LanguageIdentifier, bundled_model
from hanmill.pipelines.clean.profile import profile, profiles
from hanmill.pipelines.clean.rules import RULES, apply_rules
from hanmill.pipelines.extract.charset.detection import decode_page
from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.extract.forms import Extractor
from hanmill.pipelines.extract.html.page import extract_page
from hanmill.pipelines.sources.commoncrawl.reader import plan_splits, read_split
from hanmill.pipelines.sources.commoncrawl.warc import WarcRecordData, read_warc
from hanmill.schemas.recipe import CommonCrawlRecipe, RuleSetting, SourcesRecipe

T = TypeVar("T")
LIMIT = 16 << 20
_EXTRACTED_PAGES = 300
#: The clock of processor time counts in steps of this many seconds.
_TICK = 0.01
_LANGUAGE = re.compile(r"\b(zh|ja|ko|en)(?:-[a-z]+)?[/-]")
#: Untranslated pages are English whatever their address says; labels count where a page has this share of CJK.
_CJK_SHARE = 0.3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archives", nargs="+", metavar="ARCHIVE")
    parser.add_argument("--peers", metavar="PYTHON", help="an interpreter that has datatrove and extractors")
    options = parser.parse_args()
    archives: Sequence[str] = options.archives
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
    counted, seconds = _timed(lambda: profiles(texts))
    _report("script profile", len(records), seconds)
    _, seconds = _timed(lambda: identifier.identify(texts, counted))
    _report("language", len(records), seconds)

    rules = [RuleSetting(name, min=-1) for name, rule in RULES.items() if not rule.reads_list]
    documents = [Document("commoncrawl", "", "", "", "", "", text, "") for text in texts]
    _, seconds = _timed(lambda: apply_rules(documents, counted, rules))
    _report(f"all {len(rules)} rules", len(records), seconds)

    whole, seconds = _timed(lambda: list(_whole(archives, identifier)))
    _report("in whole, without rules", len(whole), seconds)
    print(f"labels: {_labels(whole)}")
    command = _command(archives)
    _report("hanmill extract warc", len(records), command)
    if options.peers:
        _compare(options.peers, archives, decoded, len(records), identifier, command)


def _compare(
    python: str, archives: Sequence[str], pages: Sequence[str], documents: int, ours: LanguageIdentifier, command: float
) -> None:
    sample = pages[:: max(1, len(pages) // _EXTRACTED_PAGES)]
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "pages.jsonl"
        listed.write_text("".join(json.dumps(page) + "\n" for page in sample), encoding="utf-8")
        before = _timed(lambda: [extract_page(html) for html in sample])[1]
        extractors = _peer(python, folder, "extractors", str(listed))
        after = _timed(lambda: [extract_page(html) for html in sample])[1]
        own = 500 * (before + after) / len(sample)
        print(f"HTML to text of {len(sample):,} pages: {own:.2f} ms a page")
        for name, milliseconds in extractors.items() if extractors else ():
            print(f"  {name:34} {milliseconds:7.2f} ms a page, {milliseconds / own:5.1f} times ours")

        before = _timed(lambda: list(_whole(archives, ours)))[1]
        started = _cpu_seconds(of_children=True)
        theirs = _peer(python, folder, "datatrove", str(bundled_model()), *archives)
        process = _cpu_seconds(of_children=True) - started
        after = _timed(lambda: list(_whole(archives, ours)))[1]
    if theirs:
        _report("datatrove in whole", theirs["read"], theirs["seconds"])
        kept = theirs["pages"]
        print(f"datatrove: {theirs['read']:,} read, {len(kept):,} with text; labels: {_labels(kept)}")
        rate = 2 * documents / (before + after)
        print(f"in whole: {rate * theirs['seconds'] / theirs['read']:.1f} times datatrove")
        command = (command + _command(archives)) / 2
        print(f"as a command: {documents / command * process / theirs['read']:.1f} times datatrove's process")


def _peer(python: str, folder: str, *arguments: str) -> Any:
    """What the other side of this benchmark found, None where its libraries are absent."""
    output = Path(folder) / "result.json"
    output.unlink(missing_ok=True)
    script = Path(__file__).with_name("commoncrawl_peers.py")
    run = subprocess.run([python, str(script), *arguments, str(output)], capture_output=True, text=True, check=False)
    if output.exists():
        return json.loads(output.read_text(encoding="utf-8"))
    print(f"{arguments[0]} takes no part: {(run.stderr.strip() or 'no message').splitlines()[-1]}")
    return None


def _records(path: str) -> Iterator[WarcRecordData]:
    with open(path, "rb") as file:
        yield from (record for record in read_warc(file, LIMIT) if isinstance(record, WarcRecordData))


def _whole(archives: Sequence[str], identifier: LanguageIdentifier) -> Iterator[tuple[str, str, str]]:
    """Address, label and text of each page."""
    extractor = Extractor(SourcesRecipe())
    for path in archives:
        for split in plan_splits(path, sys.maxsize):
            for record in extractor.documents(read_split(split, CommonCrawlRecipe())):
                if isinstance(record, Document):
                    language = identifier.identify([record.text], [profile(record.text)])[0]
                    yield record.url, language.lang, record.text


def _command(archives: Sequence[str]) -> float:
    """Processor seconds of the command, from its start to its last line."""
    started = _cpu_seconds(of_children=True)
    command = [sys.executable, "-m", "hanmill", "extract", "warc", *archives]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return _cpu_seconds(of_children=True) - started


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


def _cpu_seconds(of_children: bool = False) -> float:
    times = os.times()
    return times.children_user + times.children_system if of_children else times.user + times.system


def _report(name: str, documents: int, seconds: float) -> None:
    seconds = max(seconds, _TICK)
    print(f"{name:26} {documents / seconds:9,.0f} documents/s {1000 * seconds / documents:8.3f} ms a document")


if __name__ == "__main__":
    main()
