"""Templates that carry text of the article, by name and language, from ``data/templates.tsv``.

A template that is not in that table is left out and counted, so that the table can grow. Names are compared in lower
case with spaces for underscores. Templates whose whole content is a note, a box or a picture are left out on purpose
and stand in no table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache

from hanmill.pipelines.extract.wikitext import template_text as text
from hanmill.pipelines.extract.wikitext import template_values as values
from hanmill.pipelines.extract.wikitext.countries import country_codes
from hanmill.pipelines.extract.wikitext.template_text import Render
from hanmill.pipelines.text.tsv import TableError, read_tsv

_PACKAGE, _TABLE = "hanmill.pipelines.extract.wikitext", "templates.tsv"
_ALL, _SPACE = "*", "␣"

#: What the table may name: ways to show a template, and those that are made of arguments or signs.
_RENDERS: Mapping[str, Render] = {
    render.__name__: render
    for render in (
        text.author_year,
        text.chinese_forms,
        text.country,
        text.date,
        text.flag,
        text.fraction,
        text.language_label,
        text.language_text,
        text.life_dates,
        text.named_language,
        text.nihongo,
        text.phonemes,
        text.pronunciation,
        text.quantity,
        text.ruby,
        text.transcription,
        text.unknown_value,
        text.value,
        text.with_reading,
        values.age,
        values.age_at_death,
        values.chemical,
        values.chemistry,
        values.date_and_age,
        values.date_of,
        values.days,
        values.japanese_era,
        values.language_template,
        values.musical,
        values.nuclide,
        values.power_of_ten,
        values.root,
        values.transliterated,
    )
}
_MAKERS: Mapping[str, Callable[..., Render]] = {
    make.__name__: make
    for make in (
        text.block,
        text.constant,
        text.items,
        text.joined,
        text.prefixed,
        text.script,
        text.shows,
        values.grouped_number,
        values.inline_items,
        values.pattern,
        values.wrapped,
    )
}
#: Makers whose arguments are signs, and no keys of arguments.
_OF_SIGNS = frozenset({"constant", "joined", "prefixed", "script", "pattern", "wrapped"})
_SHARED = {"yue": "zh", "lzh": "zh", "wuu": "zh", "gan": "zh", "hak": "zh", "nan": "zh", "cdo": "zh"}

# {{lang-de|…}}, {{IPA-fr|…}}, {{link-en|…}}: families named after a language code.
_LANGUAGE_FAMILY = re.compile(
    r"(lang|ipa|link|internal link helper/|ilh)[-/]?([a-z]{2,3}(?:-[a-z0-9]{2,8})*)(?:-short)?$"
)
_LINK_HELPER = text.shows("d", "display", 3, 1)


@cache
def _tables() -> Mapping[str, Mapping[str, Render]]:
    """What shows each name, by wiki; ``*`` for the names of all."""
    tables: dict[str, dict[str, Render]] = {_ALL: {}}
    for wiki, how, given, names in read_tsv(_PACKAGE, _TABLE, 4):
        render = _render(how, given)
        tables.setdefault(wiki, {}).update((name.replace("_", " "), render) for name in names.split())
    return tables


def _render(how: str, given: str) -> Render:
    if how in _RENDERS:
        return _RENDERS[how]
    if how not in _MAKERS:
        expected = ", ".join(sorted([*_RENDERS, *_MAKERS]))
        raise TableError(f"{_PACKAGE}/data/{_TABLE}: found {how!r}, expected one of {expected}")
    arguments = [argument.replace(_SPACE, " ") for argument in given.split()]
    if how == "joined" and not arguments:
        arguments = [""]
    keys = arguments if how in _OF_SIGNS else [_key(argument) for argument in arguments]
    if how == "prefixed":
        keys = [arguments[0], *map(_key, arguments[1:])]
    return _MAKERS[how](*keys)


def _key(argument: str) -> int | str:
    return int(argument) if argument.isdigit() else argument


@lru_cache(maxsize=16384)
def lookup(name: str, language: str) -> Render | None:
    """What shows the template called ``name`` (lower case), or None where it is left out."""
    base = _SHARED.get(language, language)
    tables = _tables()
    render = tables.get(base, {}).get(name) or tables[_ALL].get(name)
    if render is not None:
        return render
    if name in country_codes():
        return text.country
    family = _LANGUAGE_FAMILY.match(name)
    if family is None:
        return None
    kind = family.group(1)
    if kind == "lang":
        return text.language_label if "-" in name else None
    if kind == "ipa":
        return text.transcription if "-" in name else None
    return _LINK_HELPER if "-" in name or "/" in name else None
