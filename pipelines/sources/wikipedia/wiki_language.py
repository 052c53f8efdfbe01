"""Which language a dump is in. Its siteinfo may belong to another wiki, so the file name and the text are asked too."""

from __future__ import annotations

import re

from hanmill.pipelines.sources.wikipedia.mediawiki import Siteinfo
from hanmill.pipelines.text.han import HAN

# Database names whose language code is another (site matrix, meta.wikimedia.org), and the way back.
_CODES = {
    "zh_yue": "yue",
    "zh_classical": "lzh",
    "zh_min_nan": "nan",
    "simple": "en",
    "be_x_old": "be",
    "bat_smg": "sgs",
    "fiu_vro": "vro",
    "roa_rup": "rup",
    "als": "gsw",
    "no": "nb",
}
_DATABASE_CODES = {"yue": "zh_yue", "lzh": "zh_classical", "nan": "zh_min_nan"}
_PROJECTS = "wiki|wiktionary|wikibooks|wikinews|wikiquote|wikisource|wikiversity|wikivoyage"
_DATABASE = re.compile(rf"([a-z]{{2,3}}(?:_[a-z_]+)?|simple)({_PROJECTS})(?![a-z])")
_PART = re.compile(
    r"(?:^|[-_.])(zh|ja|ko|en|de|es|nl|fr|it|pt|ru|vi|yue|lzh|gan|wuu|nan|hak|ar|sv|pl|tr|uk|fa|cs|sr|th|id|he)(?=[-_.]|$)"
)

_KANA = re.compile(r"[ぁ-んァ-ヺ]")
_HAN = re.compile(f"[{HAN}]")
_HANGUL = re.compile(r"[가-힣]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
#: Languages each script of a sample agrees with.
_FAMILIES = {
    "ja": frozenset({"ja"}),
    "zh": frozenset({"zh", "yue", "lzh", "wuu", "gan", "hak", "nan", "cdo", "za"}),
    "ko": frozenset({"ko"}),
}
_CJK = frozenset().union(*_FAMILIES.values())
_WORDS = {
    "en": re.compile(r"\b(?:the|and|was|with|from)\b"),
    "de": re.compile(r"\b(?:der|und|wurde|nicht|von|eine)\b"),
    "es": re.compile(r"\b(?:los|del|una|las|por|como)\b"),
    "nl": re.compile(r"\b(?:het|een|van|werd|niet|aan)\b"),
    "fr": re.compile(r"\b(?:les|une|dans|est|des|du)\b"),
    "it": re.compile(r"\b(?:della|nel|che|gli|sono|di)\b"),
    "pt": re.compile(r"\b(?:uma|dos|não|foi|com|em)\b"),
}
_SAMPLE = 200_000


def language_of_dump(siteinfo: Siteinfo, file_name: str, sample: str) -> str:
    """Language code of a dump (``zh``, ``yue``, ``ja``); empty where nothing tells.

    ``sample`` is wikitext of its first pages. Siteinfo is believed unless the sample is plainly in another language.
    """
    declared = _from_database(siteinfo.dbname) or siteinfo.language.partition("-")[0]
    named = _from_file_name(file_name)
    script = _script(sample[:_SAMPLE])
    if script in _FAMILIES:
        for code in (declared, named):
            if code in _FAMILIES[script]:
                return code
        return script
    if script == "latin":
        candidates = [code for code in (declared, named) if code and code not in _CJK]
        if len(set(candidates)) < 2:
            return candidates[0] if candidates else _latin_language(sample) or declared
        found = _latin_language(sample)
        return found if found in candidates else declared
    return declared or named


def script_language(text: str) -> str:
    """The likeliest language of a page by its letters alone: ``ja``, ``zh``, ``ko``, else a European one or ``en``."""
    script = _script(text[:_SAMPLE])
    return script if script in _FAMILIES else _latin_language(text[:_SAMPLE]) or "en"


def wiki_name(siteinfo: Siteinfo, language: str) -> str:
    """The database name, corrected where siteinfo belongs to another wiki: ``jawiki``."""
    if siteinfo.dbname and _from_database(siteinfo.dbname) in ("", language):
        return siteinfo.dbname
    match = _DATABASE.match(siteinfo.dbname)
    code = _DATABASE_CODES.get(language, language)
    return f"{code or 'unknown'}{match.group(2) if match else 'wiki'}"


def base_address(siteinfo: Siteinfo, wiki: str) -> str:
    """What a page's address starts with, up to the title: ``https://ja.wikipedia.org/wiki/``."""
    if siteinfo.dbname == wiki and "/" in siteinfo.base:
        return siteinfo.base.rpartition("/")[0] + "/"
    match = _DATABASE.match(wiki)
    if match is None:
        return ""
    site = "wikipedia" if match.group(2) == "wiki" else match.group(2)
    return f"https://{match.group(1).replace('_', '-')}.{site}.org/wiki/"


def _from_database(dbname: str) -> str:
    match = _DATABASE.match(dbname)
    return _CODES.get(match.group(1), match.group(1)) if match else ""


def _from_file_name(name: str) -> str:
    lowered = name.lower()
    match = _DATABASE.search(lowered)
    if match is not None:
        return _CODES.get(match.group(1), match.group(1))
    part = _PART.search(lowered)
    return part.group(1) if part else ""


def _script(sample: str) -> str:
    kana, han, hangul = (len(pattern.findall(sample)) for pattern in (_KANA, _HAN, _HANGUL))
    latin = len(_LATIN.findall(sample))
    cjk = kana + han + hangul
    # Markup is Latin letters in every wiki, so a fifth of CJK letters is plenty.
    if cjk * 4 < latin:
        return "latin" if latin else ""
    if not cjk:
        return ""
    if hangul * 2 > cjk:
        return "ko"
    return "ja" if kana * 8 > cjk else "zh"


def _latin_language(sample: str) -> str:
    counts = {code: len(pattern.findall(sample)) for code, pattern in _WORDS.items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] else ""
