"""Shared conversion rules of the Chinese wiki: the pages ``Module:CGroup/…`` that ``{{NoteTA|G1=…}}`` names.

Source: zh.wikipedia.org "Wikipedia:字詞轉換處理/公共轉換組" (Lua items and the older ``{{CItem}}`` templates).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from hanmill.pipelines.extract.wikitext.rules import Table, resolve
from hanmill.pipelines.extract.wikitext.variants import CHINESE

#: The words of each group by variant, by the group's name (``group_name``).
ConversionGroups = Mapping[str, Mapping[str, Table]]

_LUA = re.compile(
    r"""(?P<skipped>--\[(?P<level>=*)\[(?:.*?\](?P=level)\]|.*)|--[^\n]*|\[(?P<long>=*)\[(?:.*?\](?P=long)\]|.*))"""
    r"""|(?P<quote>["'])(?P<string>(?:[^\\\n]|\\.)*?)(?P=quote)|(?P<word>\w+|[=(,])""",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)")
_ITEM = re.compile(r"\{\{\s*CItem(?:Hidden|Lan|LanCN|LanHK|LanTW)?\s*\|([^{}]*)\}\}", re.IGNORECASE)
_HIDDEN_RULE = re.compile(r"-\{[AH]\|([^{}]*)\}-")
_NAMED = re.compile(r"\s*[A-Za-z_]\w*\s*=(?!>)")
_NUMBERED = re.compile(r"\s*\d+\s*=(?!>)")


def group_name(name: str) -> str:
    """A group's name as pages and templates compare it.

    >>> group_name("Module:CGroup/Game_of_Thrones"), group_name(" IT ")
    ('game of thrones', 'it')
    """
    return " ".join(name.rpartition("/")[2].replace("_", " ").casefold().split())


def group_rules(page: str) -> tuple[str, ...]:
    """The rules that a group's page lists, as they stand between ``-{H|`` and ``}-``.

    >>> group_rules("{ Item('账号', 'zh-cn:账号;zh-tw:帳號'), { type = 'item', rule = 'zh-cn:内存;zh-tw:記憶體' } }")
    ('zh-cn:账号;zh-tw:帳號', 'zh-cn:内存;zh-tw:記憶體')
    >>> group_rules("{{CItem|zh-hans:残奥会;zh-tw:帕運會|original=Paralympics}}")
    ('zh-hans:残奥会;zh-tw:帕運會',)
    """
    if "{{" in page or "-{" in page:
        return tuple(_template_rules(page))
    return tuple(_lua_rules(page))


def _lua_rules(page: str) -> Iterator[str]:
    """The second argument of every ``Item(…)`` and the value of every ``rule =``."""
    before: list[str] = []
    for match in _LUA.finditer(page):
        if match["skipped"] is not None:
            continue
        if match["quote"] is None:
            before.append(match["word"])
        else:
            text = _ESCAPED.sub(r"\1", match["string"])
            if before[-2:] == ["rule", "="] or (before[-4:-2] == ["Item", "("] and before[-1] == ","):
                yield text
            before.append("")
        del before[:-4]


def _template_rules(page: str) -> Iterator[str]:
    for match in _ITEM.finditer(page):
        parts = (_NUMBERED.sub("", part) for part in match[1].split("|") if not _NAMED.match(part))
        if rule := ";".join(part.strip().strip(";") for part in parts if ":" in part):
            yield rule
    yield from _HIDDEN_RULE.findall(page)


def group_tables(rules: Iterable[str]) -> Mapping[str, Table]:
    """The words that the rules add, by variant; a later rule wins."""
    tables: dict[str, dict[str, str]] = {}
    for rule in rules:
        for variant, table in (resolve(f"H|{rule}", CHINESE, CHINESE.main).added or {}).items():
            tables.setdefault(variant, {}).update(table)
    return tables
