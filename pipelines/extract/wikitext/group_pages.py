"""The conversion groups of a Chinese wiki, read from a dump or from what ``Special:Export`` gives of them."""

from __future__ import annotations

from functools import lru_cache

from hanmill.pipelines.extract.wikitext.conversion_groups import ConversionGroups, group_name, group_rules, group_tables
from hanmill.pipelines.sources.wikipedia.bz2_streams import StreamData
from hanmill.pipelines.sources.wikipedia.dump import dump_files, read_dump
from hanmill.pipelines.sources.wikipedia.mediawiki import PageError, PageScanner, parse_page

_GROUP = "cgroup/"
#: Namespaces of modules and templates; the module is the newer of two pages of one name.
_MODULE, _TEMPLATE = 828, 10


@lru_cache(maxsize=4)
def read_groups(path: str) -> ConversionGroups:
    """Every group among the pages of a dump or a folder of dumps. Reads all of it: give it these pages alone.

    Raises DumpError where there is nothing to read. A page that cannot be read is passed over.
    """
    rules: dict[tuple[int, str], tuple[str, ...]] = {}
    for name in dump_files(path):
        scanner = PageScanner()
        for item in read_dump(name):
            if not isinstance(item, StreamData):
                continue
            for raw in scanner.feed(item.data, item.stream):
                try:
                    page = parse_page(raw)
                except PageError:
                    continue
                title = page.title.partition(":")[2]
                if page.namespace in (_MODULE, _TEMPLATE) and title.casefold().startswith(_GROUP):
                    rules[page.namespace, group_name(title)] = group_rules(page.text)
    chosen = {name: found for namespace, name in sorted(rules) if (found := rules[namespace, name])}
    return {name: group_tables(found) for name, found in chosen.items()}
