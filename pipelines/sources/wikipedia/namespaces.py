"""Namespace names and aliases per wiki language, from siteinfo or from built-in tables.

Source: MediaWiki's names per language, as ``api.php?meta=siteinfo&siprop=namespaces|namespacealiases`` gives them.
Built-in names are needed because a dump lists no aliases and its siteinfo may belong to another wiki.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

FILE = 6
TEMPLATE = 10
CATEGORY = 14
MEDIA = -2

_CANONICAL = {
    -2: "media",
    -1: "special",
    1: "talk",
    2: "user",
    3: "user_talk",
    4: "project wikipedia wp",
    5: "project_talk",
    6: "file image",
    7: "file_talk",
    8: "mediawiki",
    10: "template",
    12: "help",
    14: "category",
    100: "portal",
    118: "draft",
    828: "module",
}

# Words are separated by a space; a space inside a name is written as an underscore.
_LOCAL: Mapping[str, Mapping[int, str]] = {
    "zh": {
        -2: "媒体 媒體 媒体文件 媒體檔案",
        -1: "特殊 特别 特別",
        1: "讨论 討論 对话 對話",
        2: "用户 用戶 使用者 用户页",
        4: "维基百科 維基百科 百科",
        6: "文件 档案 檔案 图像 圖像 图片 圖片",
        10: "模板 样板 樣板 模版",
        12: "帮助 幫助 说明 使用說明",
        14: "分类 分類 類別 类别",
        100: "主题 主題",
        118: "草稿",
        828: "模块 模組",
    },
    "ja": {
        -2: "メディア",
        -1: "特別",
        1: "ノート トーク",
        2: "利用者",
        4: "ウィキペディア",
        6: "ファイル 画像",
        10: "テンプレート",
        12: "ヘルプ",
        14: "カテゴリ カテゴリー",
        100: "ポータル",
        828: "モジュール",
    },
    "ko": {
        -2: "미디어",
        -1: "특수 특수기능",
        1: "토론",
        2: "사용자",
        4: "위키백과 백",
        6: "파일 그림",
        10: "틀",
        12: "도움말",
        14: "분류",
        100: "포털 들머리",
        828: "모듈",
    },
    "de": {
        -2: "medium",
        -1: "spezial",
        1: "diskussion",
        2: "benutzer benutzerin",
        6: "datei bild",
        10: "vorlage",
        12: "hilfe",
        14: "kategorie",
        828: "modul",
    },
    "nl": {
        -1: "speciaal",
        1: "overleg",
        2: "gebruiker gebruikster",
        6: "bestand afbeelding",
        10: "sjabloon",
        14: "categorie",
        100: "portaal",
    },
    "es": {
        -2: "medio",
        -1: "especial",
        1: "discusión",
        2: "usuario usuaria",
        6: "archivo imagen",
        10: "plantilla",
        12: "ayuda",
        14: "categoría",
        828: "módulo",
    },
    "fr": {
        -2: "média",
        -1: "spécial",
        1: "discussion",
        2: "utilisateur utilisatrice",
        4: "wikipédia",
        6: "fichier",
        10: "modèle",
        12: "aide",
        14: "catégorie",
        100: "portail",
    },
    "it": {
        -1: "speciale",
        1: "discussione",
        2: "utente",
        6: "immagine",
        12: "aiuto",
        14: "categoria",
        100: "portale",
        828: "modulo",
    },
    "pt": {
        -2: "multimédia",
        -1: "especial",
        1: "discussão",
        2: "usuário utilizador",
        4: "wikipédia",
        6: "ficheiro arquivo imagem",
        10: "predefinição",
        12: "ajuda",
        14: "categoria",
        828: "módulo",
    },
    "ru": {
        -2: "медиа",
        -1: "служебная",
        1: "обсуждение",
        2: "участник участница",
        4: "википедия",
        6: "файл изображение",
        10: "шаблон",
        12: "справка",
        14: "категория",
        100: "портал",
        828: "модуль",
    },
    "vi": {
        -2: "phương_tiện",
        -1: "đặc_biệt",
        1: "thảo_luận",
        2: "thành_viên",
        6: "tập_tin hình",
        10: "bản_mẫu",
        12: "trợ_giúp",
        14: "thể_loại",
        100: "chủ_đề",
        828: "mô_đun",
    },
    "sr": {
        -2: "медиј медија",
        -1: "посебно",
        6: "датотека слика datoteka slika",
        10: "шаблон šablon",
        12: "помоћ",
        14: "категорија kategorija",
    },
}

# Languages that write with the names of another wiki, besides English.
_SHARED = {"yue": "zh", "lzh": "zh", "wuu": "zh", "hak": "zh", "gan": "zh", "cdo": "zh", "nan": "zh", "sh": "sr"}


def normalise(name: str) -> str:
    """A namespace name as titles are compared: lower case, one space for underscores and white space."""
    return " ".join(name.replace("_", " ").lower().split())


@dataclass(frozen=True, slots=True, eq=False)
class Namespaces:
    """Number of a namespace by its normalised name, for one wiki. Two are equal only where they are one object."""

    numbers: Mapping[str, int]

    def number(self, name: str) -> int | None:
        """The namespace called ``name`` in any spelling, or None where there is none."""
        return self.numbers.get(normalise(name))

    def names(self, number: int) -> frozenset[str]:
        """Every normalised name of a namespace."""
        return frozenset(name for name, value in self.numbers.items() if value == number)


@lru_cache(maxsize=64)
def namespaces_for(language: str, siteinfo: tuple[tuple[int, str], ...] = ()) -> Namespaces:
    """English names, those of ``language`` and those of ``siteinfo`` (pairs of number and name) together."""
    if not siteinfo:
        return _built_in(language)
    numbers = dict(_built_in(language).numbers)
    numbers.update((normalise(name), number) for number, name in siteinfo if name and number != 0)
    return Namespaces(numbers)


@lru_cache(maxsize=64)
def _built_in(language: str) -> Namespaces:
    base = language.partition("-")[0]
    numbers: dict[str, int] = {}
    for table in (_CANONICAL, _LOCAL.get(_SHARED.get(base, base), {})):
        for number, names in table.items():
            numbers.update((normalise(name), number) for name in names.split())
    return Namespaces(numbers)
