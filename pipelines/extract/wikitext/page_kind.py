"""What kind of page it is, told by its templates: a disambiguation page, a list, a stub. And redirects."""

from __future__ import annotations

import re
from functools import lru_cache

from hanmill.pipelines.extract.wikitext.words import words

DISAMBIGUATION = "disambiguation"
LIST = "list"
STUB = "stub"

_TEMPLATE_NAME = re.compile(r"\{\{\s*([^|{}\n<\[\]]{1,60})")


_DISAMBIGUATION = frozenset(
    words(
        """
        aimai aimai2 曖昧さ回避 人名の曖昧さ回避 地名の曖昧さ回避 disambig disambiguation dab disamb
        disambig-cleanup disambiguation_cleanup hndis human_name_disambiguation geodis geodab
        place_name_disambiguation numberdis mathdab letter-number_combination_disambiguation
        letternumbercombdisambig schooldis school_disambiguation airport_disambig hospitaldis roaddis shipindex
        setindex mil-unit-dis taxonomy_disambiguation species_latin_name_disambiguation 消歧义 消歧義 消歧义页
        消歧義頁 消歧页 消歧頁 人名消歧义 人名消歧義 人名消歧义页 人名消歧義頁 地名消歧义 地名消歧義 搞清楚 分明
        동음이의 동명이인 동음이의어_문서 begriffsklärung desambiguación desambig dp doorverwijspagina
        doorverwijzing homonymie disambigua неоднозначность trang_định_hướng
        """
    )
)
_LIST = frozenset(
    words(
        """
        表格列表 列表 一覧 listen liste dynamic_list dynamiclist 動的一覧 动态列表 動態列表 incomplete_list
        未完成列表 未完成列表2
        """
    )
)
_STUB = frozenset(words("stub 小作品 substub 스텁 토막글 토막_글 beginnetje esbozo miniesbozo ébauche 楔 小作品2"))
_STUB_ENDINGS = ("-stub", "スタブ", "小作品", "-토막글", "토막글", "-beginnetje", " stub")
# {{節スタブ}} and its like speak of a section.
_SECTION = ("section", "節", "章節", "章节", "문단")

_LIST_TITLE = re.compile(
    r"の一覧(?:[ (（].*)?$|一覧$|列表(?:[ (（].*)?$|목록$|^(?:List|Lists) of |^Liste |^Lista de |^Lijst van "
)

_REDIRECT = re.compile(
    r"\s*#\s*(?:redirect|重定向|重新導向|转送|轉送|転送|リダイレクト|넘겨주기|weiterleitung|redirección"
    r"|redireccion|doorverwijzing|redirection|rinvia|redirecionamento|перенаправление|перенапр|đổi|преусмери"
    r"|彈去|跳轉)\s*[:：]?\s*\[\[([^\[\]|\n]*)",
    re.IGNORECASE,
)


def page_flags(title: str, wikitext: str) -> tuple[str, ...]:
    """The kinds a page says it is of, in a fixed order.

    >>> page_flags("国の一覧", "…"), page_flags("EU (曖昧さ回避)", "* [[欧州連合]]\\n{{aimai}}")
    (('list',), ('disambiguation',))
    """
    kinds = {kind for name in set(_TEMPLATE_NAME.findall(wikitext)) if (kind := _kind_named(name))}
    if _LIST_TITLE.search(title):
        kinds.add(LIST)
    return tuple(kind for kind in (DISAMBIGUATION, LIST, STUB) if kind in kinds)


@lru_cache(maxsize=16384)
def _kind_named(template: str) -> str:
    """The kind of page that has this template, empty where the template tells nothing."""
    name = " ".join(template.replace("_", " ").lower().split())
    if name in _DISAMBIGUATION:
        return DISAMBIGUATION
    if name in _STUB or (name.endswith(_STUB_ENDINGS) and not name.startswith(_SECTION)):
        return STUB
    return LIST if name in _LIST else ""


def redirect_target(wikitext: str) -> str | None:
    """Where a redirect leads, in any language; None where the page is none.

    >>> redirect_target("#転送 [[猫]]"), redirect_target("#重定向[[香港#歷史]]"), redirect_target("# redirect")
    ('猫', '香港#歷史', None)
    """
    match = _REDIRECT.match(wikitext)
    return match.group(1).strip() if match else None
