"""Templates named after a country's code, ``{{JPN}}``: a flag and, as text, the country's name."""

from __future__ import annotations

from functools import cache

from hanmill.pipelines.text.tsv import read_tsv

_WIKIS = ("ja", "zh-hans", "zh-hant")


@cache
def _names() -> dict[str, dict[str, str]]:
    """Name by code, for each wiki."""
    found: dict[str, dict[str, str]] = {wiki: {} for wiki in _WIKIS}
    for codes, *names in read_tsv("hanmill.pipelines.extract.wikitext", "countries.tsv", 1 + len(_WIKIS)):
        for wiki, name in zip(_WIKIS, names, strict=True):
            found[wiki].update(dict.fromkeys(codes.split("/"), name))
    return found


@cache
def country_codes() -> frozenset[str]:
    """The codes that are names of templates, in lower case."""
    return frozenset(_names()["ja"])


def country_of(code: str, wiki: str) -> str:
    """What ``wiki`` (``ja``, ``zh-hans``, ``zh-hant``) calls a country; empty where it is not known here.

    >>> country_of("jpn", "ja"), country_of("nzl", "zh-hant"), country_of("deu", "en")
    ('日本', '紐西蘭', '')
    """
    return _names().get(wiki, {}).get(code, "")
