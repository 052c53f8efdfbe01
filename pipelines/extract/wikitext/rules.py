"""``-{…}-``: flags and rules of MediaWiki's LanguageConverter, resolved to one variant.

Source: MediaWiki ``ConverterRule`` and mediawiki.org "Writing systems/Syntax".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hanmill.pipelines.extract.wikitext.marks import AS, AS_END
from hanmill.pipelines.extract.wikitext.variants import NAMES, Converter, canonical_variant

_FLAGS = frozenset("ATRD-HN")
_ENTITY_SEMICOLON = re.compile(r"(&[#a-zA-Z0-9]+);")
_PROTECTED = "\ufdd0"

#: Words of one variant by what they replace.
Table = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What one ``-{…}-`` does.

    ``shown`` stands in its place; ``raw`` tells that no conversion may touch it. ``added`` and ``removed`` are
    conversion tables per variant that hold from here on. ``title`` replaces the page's title.
    """

    shown: str
    raw: bool = True
    added: Mapping[str, Table] | None = None
    removed: Mapping[str, Table] | None = None
    title: str | None = None


@dataclass(slots=True)
class _Rules:
    two_way: dict[str, str]
    one_way: dict[str, dict[str, str]]

    def __bool__(self) -> bool:
        return bool(self.two_way or self.one_way)


def resolve(content: str, converter: Converter, variant: str) -> Resolved:
    """Resolves what stands between ``-{`` and ``}-`` for ``variant`` (a code of ``converter``)."""
    flags, only_for, text = _parse_flags(content, converter)
    if only_for:
        return Resolved(_limited(text, only_for, converter, variant), raw=False)
    if "R" in flags:
        return Resolved(text)
    if "N" in flags:
        return Resolved(NAMES.get(canonical_variant(text), ""))
    rules = _parse_rules(text.replace("=&gt;", "=>"), converter)
    if not rules:
        if "+" in flags or "-" in flags:
            if text:
                rules.two_way = dict.fromkeys(converter.variants, text)
        elif "T" not in flags:
            return Resolved(text)
    shown = ""
    title: str | None = None
    for flag in flags:
        if flag == "D":
            shown = _description(rules)
        elif flag in "H-+":
            shown = ""
        elif flag == "S":
            # Where MediaWiki shows an error message, the words of another variant.
            shown = _for_variant(rules, text, converter, variant) or next(iter(rules.two_way.values()), "")
        elif flag == "T":
            title = _title(rules, text, converter, variant)
            shown = ""
    table = _tables(rules, converter)
    return Resolved(
        shown,
        added=table if "+" in flags else None,
        removed=table if "-" in flags else None,
        title=title,
    )


def _parse_flags(content: str, converter: Converter) -> tuple[tuple[str, ...], frozenset[str], str]:
    """Flags in the order in which they act, the variants of ``-{zh-hans;zh-hant|…}-``, and the rest."""
    head, bar, rest = content.partition("|")
    found: list[str] = []
    variants: set[str] = set()
    if bar:
        content = rest
        for name in head.split(";"):
            name = name.strip()
            if name in _FLAGS:
                if name not in found:
                    found.append(name)
            elif canonical_variant(name) in converter.variants:
                variants.add(canonical_variant(name))
    if not found and not variants:
        return ("S",), frozenset(), content
    for alone in "RN-":
        if alone in found:
            return (alone,), frozenset(), content
    if found == ["T"] and not variants:
        return ("T", "H"), frozenset(), content
    if "H" in found:
        return ("+", "H", *(flag for flag in "TD" if flag in found)), frozenset(), content
    if "A" in found:
        found += ["+", "S"]
    if "D" in found and "S" in found:
        found.remove("S")
    return tuple(found), frozenset(variants), content


@lru_cache(maxsize=16)
def _separator(variants: tuple[str, ...]) -> re.Pattern[str]:
    """A semicolon parts two rules only where a variant follows, so that text may hold semicolons."""
    longest_first = sorted({*variants, *_bcp47(variants)}, key=len, reverse=True)
    names = "|".join(re.escape(variant) for variant in longest_first)
    return re.compile(rf";\s*(?=(?:{names})\s*:|[^;]*?=>\s*(?:{names})\s*:|\s*$)", re.IGNORECASE)


def _bcp47(variants: tuple[str, ...]) -> tuple[str, ...]:
    script = {"cn": "hans", "sg": "hans", "my": "hans", "tw": "hant", "hk": "hant", "mo": "hant"}
    tags = [
        f"{base}-{script[region]}-{region}"
        for base, _, region in (v.partition("-") for v in variants)
        if region in script
    ]
    return (*tags, "sr-cyrl", "sr-latn")


def _parse_rules(text: str, converter: Converter) -> _Rules:
    rules = _Rules({}, {})
    if ":" not in text:
        return rules
    if "&" in text:
        text = _ENTITY_SEMICOLON.sub(rf"\1{_PROTECTED}", text)
    for choice in _separator(converter.variants).split(text):
        left, colon, to = choice.replace(_PROTECTED, ";").partition(":")
        if not colon:
            continue
        to = to.strip()
        source, arrow, name = left.partition("=>")
        variant = canonical_variant(name if arrow else left)
        if variant not in converter.variants:
            return _Rules({}, {})
        if not arrow:
            if to:
                rules.two_way[variant] = to
        elif to and (source := source.strip()):
            rules.one_way.setdefault(variant, {})[source] = to
    return rules


def _first(two_way: Mapping[str, str], variants: Sequence[str]) -> str | None:
    for variant in variants:
        if variant in two_way:
            return two_way[variant]
    return None


def _for_variant(rules: _Rules, text: str, converter: Converter, variant: str) -> str | None:
    if not rules:
        return text
    shown = _first(rules.two_way, (variant, *converter.fallbacks[variant]))
    if shown is None and variant in rules.one_way:
        shown = next(iter(rules.one_way[variant].values()))
    if shown is None and variant not in converter.one_way:
        shown = next(iter(rules.two_way.values()), None)
        if shown is None:
            shown = next(iter(next(iter(rules.one_way.values())).values()))
    return shown


def _title(rules: _Rules, text: str, converter: Converter, variant: str) -> str | None:
    if variant != converter.main:
        return _for_variant(rules, text, converter, variant)
    if variant in rules.two_way:
        return rules.two_way[variant]
    if variant in rules.one_way:
        return next(iter(rules.one_way[variant].values()))
    return None


def _description(rules: _Rules) -> str:
    parts = [f"{NAMES.get(variant, variant)}：{text}；" for variant, text in rules.two_way.items()]
    for variant, table in rules.one_way.items():
        parts += [f"{source}⇒{NAMES.get(variant, variant)}：{text}；" for source, text in table.items()]
    return "".join(parts)


def _tables(rules: _Rules, converter: Converter) -> Mapping[str, Table]:
    """Conversion tables of the rules: two-way rules between every pair of variants, one-way rules as written."""
    tables: dict[str, dict[str, str]] = {}
    two_way = dict(rules.two_way)
    seen: list[str] = []
    for variant in converter.variants:
        if variant not in two_way:
            fallback = _first(two_way, converter.fallbacks[variant])
            if fallback is not None:
                two_way[variant] = fallback
        if variant in two_way:
            for other in seen:
                if variant in converter.two_way:
                    tables.setdefault(variant, {})[two_way[other]] = two_way[variant]
                if other in converter.two_way:
                    tables.setdefault(other, {})[two_way[variant]] = two_way[other]
            seen.append(variant)
        if variant in converter.one_way and variant in rules.one_way:
            tables.setdefault(variant, {}).update(rules.one_way[variant])
    return tables


def _limited(text: str, only_for: frozenset[str], converter: Converter, variant: str) -> str:
    """``-{zh-hans;zh-hant|…}-``: converted to the variant itself or the first fallback that is named."""
    for candidate in (variant, *converter.fallbacks[variant]):
        if candidate in only_for:
            return f"{AS}{chr(ord('0') + converter.variants.index(candidate))}{text}{AS_END}"
    return text
