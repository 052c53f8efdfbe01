"""Wikitext to text against mwparserfromhell and wikiextractor, on the same real pages in one run.

    python benchmarks/wikitext.py DUMP [DUMP …] [--peers SITE_PACKAGES] [--rounds 10] [--shortest 1500]

Measured are articles of at least ``--shortest`` characters: pages a second (in turns, the best time of every page,
processor time), markup left over per 1,000 documents by kind, characters kept, and the words that stand only inside
text-bearing templates. The peers are no dependencies: install them in a virtual environment of their own and name its
``site-packages``; a peer that cannot be imported is skipped and said so.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hanmill.pipelines.extract.wikitext import extract
from hanmill.pipelines.extract.wikitext.page_kind import redirect_target
from hanmill.pipelines.sources.wikipedia.bz2_streams import StreamDamage
from hanmill.pipelines.sources.wikipedia.dump import dump_files
from hanmill.pipelines.sources.wikipedia.mediawiki import PageError, parse_page
from hanmill.pipelines.sources.wikipedia.reader import open_wiki, read_pages, whole_file

RESIDUE = {
    "[[ ]]": r"\[\[|\]\]",
    "{{ }}": r"\{\{|\}\}",
    "{| |}": r"\{\||\|\}",
    "'' '''": r"''+",
    "-{ }-": r"-\{|\}-",
    "tags": r"</?(?:ref|references|br|div|span|small|big|sup|sub|ruby|rt|rp|rb|table|tr|td|th|gallery|nowiki|math"
    r"|center|poem|pre|code|blockquote|font|includeonly|noinclude|onlyinclude|section)\b[^<>]*>",
    "<!-- -->": r"<!--|-->",
    "entities": r"&(?:nbsp|lt|gt|amp|ndash|mdash|quot|thinsp|#\d+|#x[0-9a-fA-F]+);",
    "list and heading marks": r"(?m)^(?:[*#;]|:+ ?|=+.+=+ *$)",
    "file options": r"\b(?:thumb|thumbnail|frameless|upright)\||\b\d+px\b",
    "namespaces": r"(?:Category|カテゴリ|分类|分類|File|ファイル|画像|Image|文件|檔案|Datei|Archivo|파일|분류):\S",
    "switches": r"__[A-Z]{3,}__",
    "empty brackets": r"（[\s、，,；;：:]*）|\([\s,;:]*\)|（[、，；]",
    "doubled punctuation": r"、。|，。|、、|，，|。。(?!。)",
}
_RESIDUE = {kind: re.compile(pattern) for kind, pattern in RESIDUE.items()}

# Where a family of text-bearing templates keeps its words.
_WORDS = {
    "仮リンク": re.compile(r"\{\{\s*仮リンク\s*\|\s*([^|{}\[\]=<']{2,})\|(?![^{}]*label=)"),
    "lang": re.compile(r"\{\{\s*[Ll]ang\s*\|[^|{}]+\|\s*([^|{}\[\]=<']{2,})\}\}"),
    "lang-xx": re.compile(r"\{\{\s*[Ll]ang-[a-z-]+\s*\|\s*([^|{}\[\]=<']{2,})\}\}"),
    "ルビ, ruby": re.compile(r"\{\{\s*(?:ルビ|[Rr]uby)\s*\|\s*([^|{}\[\]=<']{2,})\|"),
    "読み仮名": re.compile(r"\{\{\s*読み仮名\s*\|\s*([^|{}\[\]=<']{2,})\|"),
    "link-xx, tsl": re.compile(r"\{\{\s*[Ll]ink-[a-z]+\s*\|\s*([^|{}\[\]=<'()]{2,})\|"),
    "nowrap, small, font": re.compile(
        r"\{\{\s*(?:[Nn]owrap|[Ss]mall|[Uu]nicode|[A-Z0-9a-z補助漢字]+フォント)\s*\|\s*([^|{}\[\]=<']{2,})\}\}"
    ),
}
_REFERENCE = re.compile(r"<ref[^<>]*/>|<ref.*?</ref>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_TABLE = re.compile(r"\n[:* ]*\{\|(?:(?!\n[:* ]*\{\|).)*?\n\s*\|\}", re.DOTALL)
_FILE = re.compile(r"\[\[(?:File|Image|ファイル|画像|文件|檔案|图像|圖像):.*")
_TAIL = re.compile(
    r"\n==\s*(?:脚注|注釈|出典|参考文献|外部リンク|関連項目|参考资料|參考資料|外部链接|References|Notes|See also)"
)

Convert = Callable[["Article"], str]


@dataclass(frozen=True, slots=True)
class Article:
    """One page and its wiki's language."""

    title: str
    language: str
    wikitext: str


def articles(paths: Sequence[str], shortest: int) -> list[Article]:
    found = []
    for path in (file for name in paths for file in dump_files(name)):
        wiki = open_wiki(path)
        for item in read_pages(whole_file(path)):
            if isinstance(item, StreamDamage):
                continue
            try:
                page = parse_page(item)
            except PageError:
                continue
            if page.namespace == 0 and len(page.text) >= shortest and redirect_target(page.text) is None:
                found.append(Article(page.title, wiki.language, page.text))
    return found


def own(article: Article) -> str:
    return extract(article.wikitext, article.language, title=article.title).text


def mwparserfromhell() -> Convert:
    """``strip_code`` with its default options."""
    from mwparserfromhell import parse

    return lambda article: str(parse(article.wikitext).strip_code())


def wikiextractor() -> Convert:
    """With its default options, as its command runs it on one dump."""
    import logging

    from wikiextractor.extract import Extractor

    logging.disable(logging.CRITICAL)

    def convert(article: Article) -> str:
        extractor = Extractor("1", "1", "https://example.org/wiki", article.title, [])
        return "\n".join(extractor.clean_text(article.wikitext))

    return convert


def pages_per_second(converters: Sequence[Convert], pages: Sequence[Article], rounds: int) -> list[float]:
    """One figure for each converter: they take turns, all pages a turn, and the best time of every page counts."""
    best = [[float("inf")] * len(pages) for _ in converters]
    for _ in range(rounds):
        for times, convert in zip(best, converters, strict=True):
            for number, page in enumerate(pages):
                start = time.process_time()
                convert(page)
                times[number] = min(times[number], time.process_time() - start)
    return [len(pages) / sum(times) for times in best]


def residue(texts: Sequence[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        for kind, pattern in _RESIDUE.items():
            counts[kind] += len(pattern.findall(text))
    return counts


def template_words(pages: Sequence[Article]) -> list[tuple[int, str, str]]:
    """Page number, family and words that stand in a template in running text and nowhere else on the page.

    Running text is what is not in a reference, a table, a caption or a section of references.
    """
    found = []
    for number, page in enumerate(pages):
        body = _FILE.sub("", _REFERENCE.sub("", _TAIL.split(page.wikitext)[0]))
        while (shorter := _TABLE.sub("", body)) != body:
            body = shorter
        prose = "\n".join(line for line in body.split("\n") if not line.lstrip().startswith(("|", "!", "{", "}")))
        for family, pattern in _WORDS.items():
            for words in {match.strip() for match in pattern.findall(prose)}:
                if page.wikitext.count(words) == 1 and "&" not in words:
                    found.append((number, family, words))
    return found


def report(name: str, speed: float, own_speed: float, texts: Sequence[str], words: list[tuple[int, str, str]]) -> None:
    ratio = f", hanmill is {own_speed / speed:.1f}×" if name != "hanmill" else ""
    print(f"\n{name}\n  pages/s: {speed:,.1f}{ratio}")
    print(f"  characters kept: {sum(map(len, texts)):,}")
    counts = residue(texts)
    per_thousand = {kind: 1000 * count / len(texts) for kind, count in counts.most_common() if count}
    print(f"  markup left per 1,000 documents: {sum(per_thousand.values()):,.1f}")
    print("    " + (", ".join(f"{kind} {count:,.1f}" for kind, count in per_thousand.items()) or "none"))
    total, kept = Counter(family for _, family, _ in words), Counter()
    for number, family, text in words:
        kept[family] += text in texts[number]
    shares = (f"{family} {kept[family]:,} of {total[family]:,}" for family in total)
    print("  words only in templates: " + (", ".join(shares) or "none on these pages"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dumps", nargs="+")
    parser.add_argument("--peers", help="site-packages folder that holds the peers")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--shortest", type=int, default=1500, help="characters of wikitext")
    arguments = parser.parse_args()
    if arguments.peers:
        sys.path.append(arguments.peers)
    pages = articles(arguments.dumps, arguments.shortest)
    if not pages:
        sys.exit(f"no article of at least {arguments.shortest:,} characters in {', '.join(arguments.dumps)}")
    characters = sum(len(page.wikitext) for page in pages)
    print(f"{len(pages):,} articles, {characters:,} characters of wikitext, {characters // len(pages):,} each")
    words = template_words(pages)
    converters: dict[str, Convert] = {"hanmill": own}
    for peer in (mwparserfromhell, wikiextractor):
        try:
            converters[peer.__name__] = peer()
        except Exception as error:
            print(f"{peer.__name__}: skipped, cannot be imported ({error})")
    speeds = pages_per_second(list(converters.values()), pages, arguments.rounds)
    for (name, convert), speed in zip(converters.items(), speeds, strict=True):
        report(name, speed, speeds[0], [convert(page) for page in pages], words)


if __name__ == "__main__":
    main()
