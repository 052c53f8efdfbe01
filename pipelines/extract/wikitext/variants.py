"""Variants a wiki can be read in, and which stands in for which.

Source: MediaWiki's converters of these languages (fallbacks, manual levels, names).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hanmill.schemas.errors import HanmillError


@dataclass(frozen=True, slots=True)
class Converter:
    """The variants of one language.

    ``main`` is the language itself, text as it is written. ``fallbacks`` of a variant are tried in order.
    ``two_way`` variants take part in two-way rules, ``one_way`` in one-way rules; ``main`` of Chinese in neither.
    """

    main: str
    variants: tuple[str, ...]
    fallbacks: Mapping[str, tuple[str, ...]]
    two_way: frozenset[str]
    one_way: frozenset[str]


_ZH = ("zh", "zh-hans", "zh-hant", "zh-cn", "zh-hk", "zh-mo", "zh-my", "zh-sg", "zh-tw")
_ZH_REGIONS = frozenset(_ZH[3:])

CHINESE = Converter(
    main="zh",
    variants=_ZH,
    fallbacks={
        "zh": ("zh-hans", "zh-hant", "zh-cn", "zh-tw", "zh-hk", "zh-sg", "zh-mo", "zh-my"),
        "zh-hans": ("zh-cn", "zh-sg", "zh-my"),
        "zh-hant": ("zh-tw", "zh-hk", "zh-mo"),
        "zh-cn": ("zh-hans", "zh-sg", "zh-my"),
        "zh-sg": ("zh-my", "zh-hans", "zh-cn"),
        "zh-my": ("zh-sg", "zh-hans", "zh-cn"),
        "zh-tw": ("zh-hant", "zh-hk", "zh-mo"),
        "zh-hk": ("zh-mo", "zh-hant", "zh-tw"),
        "zh-mo": ("zh-hk", "zh-hant", "zh-tw"),
    },
    two_way=_ZH_REGIONS,
    one_way=_ZH_REGIONS | {"zh-hans", "zh-hant"},
)
GAN = Converter(
    main="gan",
    variants=("gan", "gan-hans", "gan-hant"),
    fallbacks={"gan": ("gan-hans", "gan-hant"), "gan-hans": ("gan",), "gan-hant": ("gan",)},
    two_way=frozenset({"gan-hans", "gan-hant"}),
    one_way=frozenset({"gan-hans", "gan-hant"}),
)
WU = Converter(
    main="wuu",
    variants=("wuu", "wuu-hans", "wuu-hant"),
    fallbacks={"wuu": ("wuu-hans", "wuu-hant"), "wuu-hans": ("wuu",), "wuu-hant": ("wuu",)},
    two_way=frozenset({"wuu-hans", "wuu-hant"}),
    one_way=frozenset({"wuu-hans", "wuu-hant"}),
)
SERBIAN = Converter(
    main="sr",
    variants=("sr", "sr-ec", "sr-el"),
    fallbacks={"sr": ("sr-ec",), "sr-ec": ("sr",), "sr-el": ("sr",)},
    two_way=frozenset({"sr", "sr-ec", "sr-el"}),
    one_way=frozenset({"sr", "sr-ec", "sr-el"}),
)


def _every_way(main: str, fallbacks: Mapping[str, tuple[str, ...]]) -> Converter:
    """A language whose variants all take part in every rule; they are in the order of ``fallbacks``, ``main`` first."""
    variants = tuple(fallbacks)
    return Converter(main, variants, fallbacks, frozenset(variants), frozenset(variants))


# Of these only the rules are resolved: text outside them stays in the script it is written in.
_RULES_ONLY = (
    _every_way("ku", {"ku": ("ku-latn",), "ku-arab": ("ku-latn",), "ku-latn": ("ku-arab",)}),
    _every_way(
        "kk",
        {
            "kk": ("kk-cyrl",),
            "kk-cyrl": ("kk",),
            "kk-latn": ("kk",),
            "kk-arab": ("kk",),
            "kk-kz": ("kk-cyrl",),
            "kk-tr": ("kk-latn",),
            "kk-cn": ("kk-arab",),
        },
    ),
    _every_way("iu", {"iu": ("ike-cans",), "ike-cans": ("iu",), "ike-latn": ("iu",)}),
    _every_way("crh", {"crh": ("crh-latn",), "crh-cyrl": ("crh-latn",), "crh-latn": ("crh-cyrl",)}),
    _every_way("shi", {"shi": ("shi-latn", "shi-tfng"), "shi-tfng": ("shi",), "shi-latn": ("shi",)}),
    _every_way("tg", {"tg": (), "tg-latn": ("tg",)}),
    _every_way("uz", {"uz": ("uz-latn",), "uz-latn": ("uz",), "uz-cyrl": ("uz",)}),
    _every_way("tly", {"tly": (), "tly-cyrl": ("tly",)}),
    _every_way(
        "ban", {"ban": (), **dict.fromkeys(("ban-bali", "ban-x-dharma", "ban-x-palmleaf", "ban-x-pku"), ("ban",))}
    ),
)
_CONVERTERS = {converter.main: converter for converter in (CHINESE, GAN, WU, SERBIAN, *_RULES_ONLY)}

#: What ``-{N|zh-tw}-`` and the rule descriptions of ``-{D|…}-`` call a variant.
NAMES: Mapping[str, str] = {
    "zh": "中文",
    "zh-cn": "大陆",
    "zh-hans": "简体",
    "zh-hant": "繁體",
    "zh-hk": "香港",
    "zh-mo": "澳門",
    "zh-my": "大马",
    "zh-sg": "新加坡",
    "zh-tw": "臺灣",
    "gan": "贛語",
    "gan-hans": "赣语（简体）",
    "gan-hant": "贛語（繁體）",
    "wuu": "吴语",
    "wuu-hans": "吴语（简体）",
    "wuu-hant": "吳語（正體）",
    "sr": "српски / srpski",
    "sr-ec": "српски (ћирилица)",
    "sr-el": "srpski (latinica)",
    "ja": "日本語",
    "ko": "한국어",
    "yue": "粵語",
    "lzh": "文言",
    "nan": "閩南語",
    "vi": "Tiếng Việt",
    "en": "English",
    "de": "Deutsch",
    "fr": "français",
    "es": "español",
    "it": "italiano",
    "nl": "Nederlands",
    "pt": "português",
    "ru": "русский",
}

_BCP47 = {
    "zh-hans-cn": "zh-cn",
    "zh-hans-sg": "zh-sg",
    "zh-hans-my": "zh-my",
    "zh-hant-tw": "zh-tw",
    "zh-hant-hk": "zh-hk",
    "zh-hant-mo": "zh-mo",
    "sr-cyrl": "sr-ec",
    "sr-latn": "sr-el",
}


class VariantError(HanmillError, ValueError):
    """A variant that the language does not have."""


def canonical_variant(code: str) -> str:
    """MediaWiki's code of a variant, from that or from its BCP 47 tag.

    >>> canonical_variant("zh-Hant-TW"), canonical_variant("zh-hans")
    ('zh-tw', 'zh-hans')
    """
    code = code.strip().lower().replace("_", "-")
    return _BCP47.get(code, code)


def converter_of(language: str) -> Converter | None:
    """The converter of a wiki's language, None where ``-{`` has no meaning there."""
    return _CONVERTERS.get(language.lower().partition("-")[0])


def checked_variant(language: str, variant: str) -> str:
    """``variant`` in MediaWiki's code. Raises VariantError where the language does not have it."""
    converter = converter_of(language)
    known = converter.variants if converter else ()
    code = canonical_variant(variant)
    if code not in known:
        raise VariantError(f"variant asked for: {variant!r}; variants of {language!r}: {', '.join(known) or 'none'}")
    return code
