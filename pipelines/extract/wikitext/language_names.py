"""How a wiki calls a language in front of foreign words: ``英語: Tokyo``, ``英语：Tokyo``, ``English: Tokyo``."""

from __future__ import annotations

from functools import cache

from hanmill.pipelines.text.tsv import read_tsv

#: Wikis whose templates have words of their own here.
WIKIS = ("ja", "zh-hans", "zh-hant", "en", "ko")


@cache
def _names() -> dict[str, dict[str, str]]:
    """Name by code, for each wiki."""
    rows = read_tsv("hanmill.pipelines.extract.wikitext", "language_names.tsv", 1 + len(WIKIS))
    return {wiki: {row[0]: row[place] for row in rows} for place, wiki in enumerate(WIKIS, start=1)}


def label_of(code: str, wiki: str) -> str:
    """What ``wiki`` (``ja``, ``zh-hans``, ``zh-hant``, ``en``, ``ko``) calls a language; empty where nobody said.

    >>> label_of("de", "ja"), label_of("de", "zh-hant"), label_of("zh-hant", "en"), label_of("tlh", "ja")
    ('ドイツ語', '德語', 'Chinese', '')
    """
    return _names().get(wiki, {}).get(code.partition("-")[0], "")


def label_separator(wiki: str) -> str:
    """What stands between the name and the words."""
    return "：" if wiki.startswith("zh") else ": "
