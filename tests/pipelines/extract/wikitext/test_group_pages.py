"""Conversion groups read from a dump."""

from __future__ import annotations

import bz2
from pathlib import Path

import pytest

from hanmill.pipelines.extract.wikitext.group_pages import read_groups
from hanmill.pipelines.sources.wikipedia.dump import DumpError

PAGE = (
    "<page><title>{title}</title><ns>{namespace}</ns><id>1</id><revision><id>2</id>"
    "<text>{text}</text></revision></page>\n"
)


def page(title: str, namespace: int, text: str) -> str:
    return PAGE.format(title=title, namespace=namespace, text=text.replace("<", "&lt;"))


def test_modules_come_before_templates_of_the_same_name(tmp_path: Path) -> None:
    dump = tmp_path / "groups.xml.bz2"
    pages = (
        page("Module:CGroup/IT", 828, "return { Item('a', 'zh-cn:内存;zh-tw:記憶體') }"),
        page("Template:CGroup/IT", 10, "{{CItem|zh-cn:内存;zh-tw:旧}}"),
        page("Template:CGroup/Olympics", 10, "{{CItem|zh-cn:残奥会;zh-tw:帕運會}}"),
        page("Module:CGroup/Empty", 828, "return require('Module:CGroup/IT')"),
        page("Template:Other", 10, "{{CItem|zh-cn:甲;zh-tw:乙}}"),
        "<page><title>broken</title></page>",
    )
    dump.write_bytes(bz2.compress(("<mediawiki>" + "".join(pages) + "</mediawiki>").encode()))
    groups = read_groups(str(dump))
    assert set(groups) == {"it", "olympics"}
    assert groups["it"]["zh-tw"]["内存"] == "記憶體"
    assert groups["olympics"]["zh-cn"]["帕運會"] == "残奥会"


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(DumpError):
        read_groups(str(tmp_path / "nowhere"))
